package gateway_test

import (
	"context"
	"fmt"

	"github.com/statusbridge/statusbridge/gateway"
	thingsv1 "github.com/statusbridge/statusbridge/internal/testkit/testkitv1"
)

// A proxy answers in the service's place, with a page for people to log in on: a 401 that is not the caller's.
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
