package gateway_test

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	"github.com/statusbridge/statusbridge/gateway"
	"github.com/statusbridge/statusbridge/internal/testkit"
	thingsv1 "github.com/statusbridge/statusbridge/internal/testkit/testkitv1"
	"github.com/statusbridge/statusbridge/mapping"
)

// transportCredentials are those of the examples' connections.
var transportCredentials = grpc.WithTransportCredentials(insecure.NewCredentials())

// serveThings starts a gRPC server on loopback.
func serveThings(service *testkit.Service) (target string, stop func()) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	server := grpc.NewServer(mapping.ServerOptions()...)
	thingsv1.RegisterThingServiceServer(server, service)
	go func() { _ = server.Serve(listener) }()
	return listener.Addr().String(), server.Stop
}

// muxOf returns the mux of a bridge, with a service in process.
func muxOf(behave testkit.Behaviour, options ...gateway.Option) *runtime.ServeMux {
	service := &testkit.Service{}
	service.Behave(behave)
	mux := gateway.New(options...).NewServeMux()
	if err := thingsv1.RegisterThingServiceHandlerServer(context.Background(), mux, service); err != nil {
		panic(err)
	}
	return mux
}

// serveLogin starts a proxy that replies with a login page.
func serveLogin() *httptest.Server {
	proxy := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		w.WriteHeader(http.StatusUnauthorized)
		_, _ = w.Write([]byte("<h1>Please log in</h1>"))
	}))
	proxy.Config.Protocols = new(http.Protocols)
	proxy.Config.Protocols.SetUnencryptedHTTP2(true)
	proxy.Start()
	return proxy
}

// follow prints the messages that a client receives from a stream.
func follow(mux *runtime.ServeMux, path string) {
	server := httptest.NewServer(mux)
	defer server.Close()
	response, err := http.Get(server.URL + path)
	if err != nil {
		panic(err)
	}
	defer func() { _ = response.Body.Close() }()
	fmt.Println("GET", path, "->", response.StatusCode)
	lines := bufio.NewScanner(response.Body)
	for lines.Scan() {
		fmt.Println(" ", compact(lines.Bytes()))
	}
	if lines.Err() != nil {
		fmt.Println("  and the client sees:", lines.Err())
	}
}
