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
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/statusbridge/statusbridge/gateway"
	"github.com/statusbridge/statusbridge/internal/testkit"
	thingsv1 "github.com/statusbridge/statusbridge/internal/testkit/testkitv1"
	"github.com/statusbridge/statusbridge/mapping"
)

// A proxy replies with a login page in place of the service. The client is not to blame for this 401.
func ExampleDialOptions() {
	proxy := serveLogin()
	defer proxy.Close()
	mux := gateway.New(
		gateway.WithObserver(func(_ context.Context, o gateway.Observation) {
			fmt.Println("observed:", o.HTTPStatus, o.Origin)
		}),
	).NewServeMux()

	target := proxy.Listener.Addr().String()
	dial := gateway.DialOptions(transportCredentials)
	err := thingsv1.RegisterThingServiceHandlerFromEndpoint(context.Background(), mux, target, dial)
	if err != nil {
		panic(err)
	}
	show(mux, "GET", "/v1/things/1")
	// Output:
	// observed: 502 upstream
	// GET /v1/things/1 -> 502
	//   {"code":502,"message":"The gateway received an invalid response from an upstream service."}
}

// An Envoy between gateway and service refuses calls by its own rules. This service imitates such a reply.
func ExampleWithLocalReplies() {
	service := &testkit.Service{}
	service.Behave(func(ctx context.Context) error {
		if err := grpc.SetHeader(ctx, metadata.Pairs("server", "envoy")); err != nil {
			return err
		}
		return status.Error(codes.PermissionDenied, "RBAC: access denied")
	})
	target, stop := serveThings(service)
	defer stop()

	for _, options := range [][]gateway.Option{{}, {gateway.WithLocalReplies(gateway.EnvoyLocalReply)}} {
		mux := gateway.New(options...).NewServeMux()
		dial := gateway.DialOptions(transportCredentials)
		err := thingsv1.RegisterThingServiceHandlerFromEndpoint(context.Background(), mux, target, dial)
		if err != nil {
			panic(err)
		}
		show(mux, "GET", "/v1/things/1")
	}
	// Output:
	// GET /v1/things/1 -> 403
	//   {"code":403,"message":"RBAC: access denied"}
	// GET /v1/things/1 -> 502
	//   {"code":502,"message":"The gateway received an invalid response from an upstream service."}
}

func ExampleEnvoyLocalReply() {
	made := metadata.Pairs("server", "envoy")
	forwarded := metadata.Pairs("server", "envoy", "x-envoy-upstream-service-time", "3")
	fmt.Println(gateway.EnvoyLocalReply(made, nil), gateway.EnvoyLocalReply(forwarded, nil))
	// Output: true false
}

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

// The last line of a stream that fails has the error. With the option, the connection breaks as well.
func ExampleWithStreamAbort() {
	service := &testkit.Service{}
	service.BehaveStream(testkit.Sends(1, mapping.Errorf(409, "the thing was deleted")))
	target, stop := serveThings(service)
	defer stop()

	for _, options := range [][]gateway.Option{{}, {gateway.WithStreamAbort()}} {
		mux := gateway.New(options...).NewServeMux()
		dial := gateway.DialOptions(transportCredentials)
		err := thingsv1.RegisterThingServiceHandlerFromEndpoint(context.Background(), mux, target, dial)
		if err != nil {
			panic(err)
		}
		follow(mux, "/v1/things/1/watch")
	}
	// Output:
	// GET /v1/things/1/watch -> 200
	//   {"result":{"sequence":1}}
	//   {"error":{"code":409,"message":"the thing was deleted"}}
	// GET /v1/things/1/watch -> 200
	//   {"result":{"sequence":1}}
	//   and the client sees: unexpected EOF
}

// Without a Bridge, grpc-gateway writes the errors of streams in its own form, with a code that it maps to the
// documented status.
func ExampleStreamErrorHandler() {
	service := &testkit.Service{}
	service.BehaveStream(testkit.Sends(0, mapping.Errorf(409, "the thing was deleted")))
	target, stop := serveThings(service)
	defer stop()

	mux := runtime.NewServeMux(
		runtime.WithErrorHandler(gateway.ErrorHandler),
		runtime.WithStreamErrorHandler(gateway.StreamErrorHandler),
	)
	dial := gateway.DialOptions(transportCredentials)
	if err := thingsv1.RegisterThingServiceHandlerFromEndpoint(context.Background(), mux, target, dial); err != nil {
		panic(err)
	}
	follow(mux, "/v1/things/1/watch")
	// Output:
	// GET /v1/things/1/watch -> 409
	//   {"error":{"code":10,"message":"the thing was deleted","details":[]}}
}
