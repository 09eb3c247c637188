// Package testkit is shared by the tests of this library. It has a test service with every kind of method, servers
// for it, an HTTP client, and comparisons with the documented responses. Package badpeer has servers that violate their
// protocol.
//
// Its expectations come from the documentation and the RFCs. It imports none of the packages that it helps to test.
package testkit

import (
	"context"
	"net"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	"github.com/statusbridge/statusbridge/internal/testkit/testkitv1"
)

// Patience is how long a test waits for an event that must happen. No test measures time against it.
const Patience = 30 * time.Second

// Transport says how the gateway reaches the test service.
type Transport string

// The transports that grpc-gateway generates registrations for.
const (
	Network   Transport = "network"
	InProcess Transport = "in process"
)

// Transports lists both transports, for tests that want the same response from each.
var Transports = []Transport{Network, InProcess}

// Register connects a mux to a service and returns the mux. All servers stop when the test ends.
func Register(t testing.TB, transport Transport, service *Service, mux *runtime.ServeMux) *runtime.ServeMux {
	t.Helper()
	if transport == Network {
		return Connect(t, ServeGRPC(t, service), mux)
	}
	if err := testkitv1.RegisterThingServiceHandlerServer(context.WithoutCancel(t.Context()), mux,
		service); err != nil {
		t.Fatal(err)
	}
	return mux
}

// Connect connects a mux to the gRPC server at an address and returns the mux.
func Connect(t testing.TB, address string, mux *runtime.ServeMux, options ...grpc.DialOption) *runtime.ServeMux {
	t.Helper()
	conn, err := grpc.NewClient(address, append(options, grpc.WithTransportCredentials(insecure.NewCredentials()))...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	if err := testkitv1.RegisterThingServiceHandler(context.WithoutCancel(t.Context()), mux, conn); err != nil {
		t.Fatal(err)
	}
	return mux
}

// ServeGRPC starts a gRPC server for a service on loopback and returns its address.
func ServeGRPC(t testing.TB, service testkitv1.ThingServiceServer, options ...grpc.ServerOption) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := grpc.NewServer(options...)
	testkitv1.RegisterThingServiceServer(server, service)
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(server.Stop)
	return listener.Addr().String()
}

// Start connects a mux to a service, serves it over HTTP on loopback, and returns the base URL.
func Start(t testing.TB, transport Transport, service *Service, mux *runtime.ServeMux) string {
	t.Helper()
	server := httptest.NewServer(Register(t, transport, service, mux))
	t.Cleanup(server.Close)
	return server.URL
}
