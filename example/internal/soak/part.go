package soak

import (
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"time"

	"google.golang.org/grpc"

	"github.com/statusbridge/statusbridge/example/internal/outage"
	"github.com/statusbridge/statusbridge/internal/testkit/testkitv1"
	"github.com/statusbridge/statusbridge/mapping"
)

// part is a server of the chain. It keeps its address when it is restarted.
type part struct {
	address   string
	start     start
	stop      func() error // nil while nothing listens at the address
	release   func()       // nil while the server runs. Otherwise it lets programs listen at the address again
	restarted event
}

// start starts a server. stop ends it at once, and its connections break.
type start func(address string) (stop func() error, err error)

func newPart(restarted event, start start) (*part, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	address := listener.Addr().String()
	err = listener.Close()
	return &part{address: address, start: start, restarted: restarted, release: outage.Hold(address)}, err
}

func (p *part) begin() (err error) {
	p.free()
	p.stop, err = p.start(p.address)
	return err
}

// end stops the server, if it runs.
func (p *part) end() error {
	if p == nil || p.stop == nil {
		return nil
	}
	err := p.stop()
	p.stop, p.release = nil, outage.Hold(p.address)
	return err
}

// free lets programs listen at the address of a part that has ended.
func (p *part) free() {
	if p != nil && p.release != nil {
		p.release()
		p.release = nil
	}
}

// listenAgain listens at an address. A client may use its port for a moment.
func listenAgain(address string) (listener net.Listener, err error) {
	for deadline := time.Now().Add(patient); time.Now().Before(deadline); time.Sleep(settling / 20) {
		if listener, err = net.Listen("tcp", address); err == nil {
			return listener, nil
		}
	}
	return nil, err
}

// serveHTTP returns the start of an HTTP server. Logged complaints are failures.
func serveHTTP(handler http.Handler, protocols *http.Protocols, complaints io.Writer) start {
	return func(address string) (stop func() error, err error) {
		listener, err := listenAgain(address)
		if err != nil {
			return nil, err
		}
		server := &http.Server{
			Handler: handler, Protocols: protocols, ReadHeaderTimeout: headerTimeout,
			ErrorLog: log.New(complaints, "", 0),
		}
		ended := make(chan error, 1)
		go func() { ended <- server.Serve(listener) }()
		return func() error {
			err := server.Close()
			if e := <-ended; !errors.Is(e, http.ErrServerClosed) {
				err = errors.Join(err, e)
			}
			return err
		}, nil
	}
}

// serveThings returns the start of a gRPC server.
func serveThings(service *things) start {
	return func(address string) (stop func() error, err error) {
		listener, err := listenAgain(address)
		if err != nil {
			return nil, err
		}
		server := grpc.NewServer(mapping.ServerOptions()...)
		testkitv1.RegisterThingServiceServer(server, service)
		ended := make(chan error, 1)
		go func() { ended <- server.Serve(listener) }()
		return func() error {
			server.Stop()
			return <-ended
		}, nil
	}
}

// h2c returns the protocols of gRPC without TLS.
func h2c() *http.Protocols {
	protocols := &http.Protocols{}
	protocols.SetUnencryptedHTTP2(true)
	return protocols
}
