package soak

import (
	"errors"
	"log"
	"net"
	"net/http"
	"time"

	"google.golang.org/grpc"

	"github.com/statusbridge/statusbridge/internal/testkit/testkitv1"
)

// A server closes a connection that sends no request for headerTimeout. A client that begins a request at that moment
// would get an error, so clients close their idle connections earlier.
const (
	headerTimeout = time.Minute
	idleTimeout   = time.Second
)

// serveHTTP serves a handler until stop. The run fails if net/http logs an error, or if the server ends earlier.
func (t *tally) serveHTTP(handler http.Handler, protocols *http.Protocols) func(net.Listener) (stop func()) {
	return func(listener net.Listener) func() {
		server := &http.Server{
			Handler: handler, Protocols: protocols, ReadHeaderTimeout: headerTimeout,
			ErrorLog: log.New(complaints{t}, "", 0),
		}
		done := make(chan struct{})
		go func() {
			defer close(done)
			if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
				t.fail("a server ended: %w", err)
			}
		}()
		return func() {
			_ = server.Close() // closes the connections even if it fails
			<-done
		}
	}
}

type complaints struct{ tally *tally }

func (c complaints) Write(p []byte) (int, error) {
	c.tally.fail("net/http logs: %s", p)
	return len(p), nil
}

// h2c returns the protocols of gRPC without TLS.
func h2c() *http.Protocols {
	protocols := &http.Protocols{}
	protocols.SetUnencryptedHTTP2(true)
	return protocols
}

// registered returns a function that adds a service to a gRPC server.
func registered(service *things) func(grpc.ServiceRegistrar) {
	return func(server grpc.ServiceRegistrar) { testkitv1.RegisterThingServiceServer(server, service) }
}

// retry calls try until it succeeds, for at most patience. It returns the last error.
func retry(try func() error) error {
	deadline := time.Now().Add(patience)
	err := try()
	for err != nil && time.Now().Before(deadline) {
		time.Sleep(settling / 20)
		err = try()
	}
	return err
}
