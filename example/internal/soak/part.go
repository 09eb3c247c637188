package soak

import (
	"errors"
	"fmt"
	"io"
	"log"
	"math/rand/v2"
	"net"
	"net/http"
	"time"

	"google.golang.org/grpc"

	"github.com/statusbridge/statusbridge/internal/testkit/testkitv1"
	"github.com/statusbridge/statusbridge/mapping"
)

// part is a server of the chain. It keeps its address when it is restarted.
type part struct {
	address   string
	start     start
	stop      func() error // nil while nothing listens at the address
	restarted event
}

// start starts a server. stop ends it at once, and its connections break.
type start func(address string) (stop func() error, err error)

func newPart(restarted event, start start) (*part, error) {
	address, err := freeAddress()
	return &part{address: address, start: start, restarted: restarted}, err
}

// freeAddress returns an address at which nothing listens. Its port is below the ports that operating systems choose
// themselves. Otherwise another program could get the port while the part is away.
func freeAddress() (string, error) {
	const lowest, count, attempts = 10_000, 6_000, 100
	var err error
	for range attempts {
		var listener net.Listener
		address := fmt.Sprintf("127.0.0.1:%d", lowest+rand.IntN(count))
		if listener, err = net.Listen("tcp", address); err == nil {
			return address, listener.Close()
		}
	}
	return "", err
}

func (p *part) begin() (err error) {
	p.stop, err = p.start(p.address)
	return err
}

// end stops the server, if it runs.
func (p *part) end() error {
	if p == nil || p.stop == nil {
		return nil
	}
	stop := p.stop
	p.stop = nil
	return stop()
}

// listenAgain listens at an address, as soon as the system has released it.
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
