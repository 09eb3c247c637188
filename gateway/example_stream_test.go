package gateway_test

import (
	"context"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"

	"github.com/statusbridge/statusbridge/gateway"
	"github.com/statusbridge/statusbridge/internal/testkit"
	thingsv1 "github.com/statusbridge/statusbridge/internal/testkit/testkitv1"
	"github.com/statusbridge/statusbridge/mapping"
)

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
