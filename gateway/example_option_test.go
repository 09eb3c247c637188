package gateway_test

import (
	"context"
	"errors"
	"log/slog"
	"os"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/statusbridge/statusbridge/gateway"
	"github.com/statusbridge/statusbridge/mapping"
)

func ExampleWithChallenge() {
	get := func(context.Context) error { return status.Error(codes.Unauthenticated, "the token has expired") }

	mux := muxOf(get, gateway.WithChallenge(`Bearer realm="things", error="invalid_token"`))
	show(mux, "GET", "/v1/things/1")
	// Output:
	// GET /v1/things/1 -> 401
	//   Www-Authenticate: Bearer realm="things", error="invalid_token"
	//   {"code":401,"message":"the token has expired"}
}

// A team whose contract lists 201 and 422, too.
func ExampleWithExtraStatuses() {
	create := func(ctx context.Context) error {
		return grpc.SetHeader(ctx, metadata.Pairs("statusbridge-http-status", "201"))
	}
	reject := func(context.Context) error { return mapping.Errorf(422, "a thing needs a name") }

	show(muxOf(create), "POST", "/v1/things")
	show(muxOf(reject), "POST", "/v1/things")
	show(muxOf(create, gateway.WithExtraStatuses(201, 422)), "POST", "/v1/things")
	show(muxOf(reject, gateway.WithExtraStatuses(201, 422)), "POST", "/v1/things")
	// Output:
	// POST /v1/things -> 200
	//   {"thing":null}
	// POST /v1/things -> 400
	//   {"code":400,"message":"a thing needs a name"}
	// POST /v1/things -> 201
	//   {"thing":null}
	// POST /v1/things -> 422
	//   {"code":422,"message":"a thing needs a name"}
}

// In development, the text of a 5xx may be read by whoever asks.
func ExampleWithServerMessages() {
	get := func(context.Context) error { return errors.New("pq: no such table: things") }

	show(muxOf(get), "GET", "/v1/things/1")
	show(muxOf(get, gateway.WithServerMessages()), "GET", "/v1/things/1")
	// Output:
	// GET /v1/things/1 -> 500
	//   {"code":500,"message":"An unexpected server error occurred."}
	// GET /v1/things/1 -> 500
	//   {"code":500,"message":"pq: no such table: things"}
}

// Several observers are called in turn: one for the log, one for the metrics.
func ExampleLogObserver() {
	get := func(context.Context) error { return errors.New("pq: no such table: things") }
	logger := slog.New(slog.NewTextHandler(os.Stdout, &slog.HandlerOptions{ReplaceAttr: withoutTime}))
	failures := map[gateway.Origin]int{}

	mux := muxOf(get,
		gateway.WithObserver(gateway.LogObserver(logger)),
		gateway.WithObserver(func(_ context.Context, o gateway.Observation) { failures[o.Origin]++ }),
	)
	show(mux, "GET", "/v1/things/1")
	show(mux, "GET", "/v1/nothing")
	// Output:
	// level=ERROR msg="request failed" http_status=500 grpc_code=Unknown origin=backend rpc_method=/statusbridge.testkit.v1.ThingService/Get route=/v1/things/{id} error="pq: no such table: things"
	// GET /v1/things/1 -> 500
	//   {"code":500,"message":"An unexpected server error occurred."}
	// level=INFO msg="request failed" http_status=404 grpc_code=NotFound origin=request error="no route: 404 Not Found"
	// GET /v1/nothing -> 404
	//   {"code":404,"message":"The requested resource does not exist."}
}

// withoutTime keeps the output of an example the same.
func withoutTime(_ []string, a slog.Attr) slog.Attr {
	if a.Key == slog.TimeKey {
		return slog.Attr{}
	}
	return a
}
