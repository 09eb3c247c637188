package gateway_test

import (
	"context"
	"net/http"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/grpc"

	"github.com/statusbridge/statusbridge/gateway"
	"github.com/statusbridge/statusbridge/internal/testkit"
	thingsv1 "github.com/statusbridge/statusbridge/internal/testkit/testkitv1"
	"github.com/statusbridge/statusbridge/mapping"
)

func Example() {
	service := &testkit.Service{}
	service.Behave(func(context.Context) error { return mapping.Errorf(409, "thing 1 is being deleted") })
	target, stop := serveThings(service)
	defer stop()
	ctx := context.Background()

	// docs: gateway
	bridge := gateway.New()
	mux := bridge.NewServeMux()
	dial := gateway.DialOptions(transportCredentials)
	err := thingsv1.RegisterThingServiceHandlerFromEndpoint(ctx, mux, target, dial)
	server := &http.Server{Handler: bridge.Handler(mux)}
	// docs: end
	if err != nil {
		panic(err)
	}
	show(server.Handler, "GET", "/v1/things/1")
	show(server.Handler, "POST", "/v1/things/1")
	// Output:
	// GET /v1/things/1 -> 409
	//   {"code":409,"message":"thing 1 is being deleted"}
	// POST /v1/things/1 -> 405
	//   Allow: DELETE, GET, PATCH, PUT
	//   {"code":405,"message":"The method is not allowed for this endpoint."}
}

// The same gateway without this library.
func Example_before() {
	service := &testkit.Service{}
	service.Behave(func(context.Context) error { return mapping.Errorf(409, "thing 1 is being deleted") })
	target, stop := serveThings(service)
	defer stop()
	ctx := context.Background()

	// docs: before
	mux := runtime.NewServeMux()
	dial := []grpc.DialOption{transportCredentials}
	err := thingsv1.RegisterThingServiceHandlerFromEndpoint(ctx, mux, target, dial)
	server := &http.Server{Handler: mux}
	// docs: end
	if err != nil {
		panic(err)
	}
	show(server.Handler, "GET", "/v1/things/1")
	show(server.Handler, "POST", "/v1/things/1")
	// Output:
	// GET /v1/things/1 -> 409
	//   {"code":10,"message":"thing 1 is being deleted","details":[]}
	// POST /v1/things/1 -> 501
	//   {"code":12,"message":"Method Not Allowed","details":[]}
}

// The first of three steps: errors follow the status table. A wrong method is still a 501.
func Example_errorHandler() {
	service := &testkit.Service{}
	service.Behave(func(context.Context) error { return mapping.Errorf(409, "thing 1 is being deleted") })
	target, stop := serveThings(service)
	defer stop()
	ctx := context.Background()
	dial := []grpc.DialOption{transportCredentials}

	// docs: step 1
	mux := runtime.NewServeMux(
		runtime.WithErrorHandler(gateway.ErrorHandler),
		runtime.WithDisablePathLengthFallback(),
	)
	// docs: end
	if err := thingsv1.RegisterThingServiceHandlerFromEndpoint(ctx, mux, target, dial); err != nil {
		panic(err)
	}
	show(mux, "GET", "/v1/things/1")
	show(mux, "POST", "/v1/things/1")
	show(mux, "GET", "/v1/nothing")
	// Output:
	// GET /v1/things/1 -> 409
	//   {"code":409,"message":"thing 1 is being deleted"}
	// POST /v1/things/1 -> 501
	//   {"code":501,"message":"The server does not support the requested functionality."}
	// GET /v1/nothing -> 404
	//   {"code":404,"message":"Not Found"}
}

// The second step: the mux keeps the whole contract.
func Example_bridge() {
	service := &testkit.Service{}
	target, stop := serveThings(service)
	defer stop()
	ctx := context.Background()
	var ownOptions []runtime.ServeMuxOption

	// docs: step 2
	bridge := gateway.New()
	mux := bridge.NewServeMux(ownOptions...)
	dial := gateway.DialOptions(transportCredentials)
	// docs: end
	if err := thingsv1.RegisterThingServiceHandlerFromEndpoint(ctx, mux, target, dial); err != nil {
		panic(err)
	}
	show(mux, "POST", "/v1/things/1")
	// Output:
	// POST /v1/things/1 -> 405
	//   Allow: DELETE, GET, PATCH, PUT
	//   {"code":405,"message":"The method is not allowed for this endpoint."}
}
