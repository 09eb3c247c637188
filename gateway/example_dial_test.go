package gateway_test

import (
	"context"
	"fmt"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/statusbridge/statusbridge/gateway"
	"github.com/statusbridge/statusbridge/internal/testkit"
	thingsv1 "github.com/statusbridge/statusbridge/internal/testkit/testkitv1"
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
