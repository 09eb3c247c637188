package gateway_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
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

// A call may take ten seconds, and reading a thing much less.
func ExampleWithDeadline() {
	service := func(ctx context.Context) error {
		if method, _ := runtime.RPCMethod(ctx); strings.HasSuffix(method, "/Delete") {
			return nil
		}
		<-ctx.Done() // the database does not reply
		return ctx.Err()
	}

	mux := muxOf(service,
		gateway.WithDeadline(10*time.Second),
		gateway.WithDeadline(20*time.Millisecond, "GET /v1/things/{id}"),
	)
	show(mux, "GET", "/v1/things/1")
	show(mux, "DELETE", "/v1/things/1")
	// Output:
	// GET /v1/things/1 -> 504
	//   {"code":504,"message":"The gateway timed out waiting for an upstream service."}
	// DELETE /v1/things/1 -> 200
	//   {}
}

// The text of details comes from a type that the library does not show to clients.
func ExampleWithDetailsText() {
	get := func(context.Context) error {
		return mapping.Errorf(409, "the thing is in use").WithDetails(&errdetails.ErrorInfo{Reason: "THING_IN_USE"})
	}
	reason := func(st *status.Status) string {
		for _, detail := range st.Details() {
			if info, ok := detail.(*errdetails.ErrorInfo); ok {
				return "reason: " + info.GetReason()
			}
		}
		return ""
	}

	show(muxOf(get), "GET", "/v1/things/1")
	show(muxOf(get, gateway.WithDetailsText(reason)), "GET", "/v1/things/1")
	// Output:
	// GET /v1/things/1 -> 409
	//   {"code":409,"message":"the thing is in use"}
	// GET /v1/things/1 -> 409
	//   {"code":409,"message":"the thing is in use","details":"reason: THING_IN_USE"}
}

func ExampleWithErrorTrailers() {
	get := func(ctx context.Context) error {
		if err := grpc.SetTrailer(ctx, metadata.Pairs("x-request-id", "7f3a")); err != nil {
			return err
		}
		return status.Error(codes.NotFound, "no thing 1")
	}

	show(muxOf(get, gateway.WithErrorTrailers("x-request-id")), "GET", "/v1/things/1")
	// Output:
	// GET /v1/things/1 -> 404
	//   X-Request-Id: 7f3a
	//   {"code":404,"message":"no thing 1"}
}

// A contract that also lists 201 and 422.
func ExampleWithExtraStatuses() {
	create := func(ctx context.Context) error { return mapping.SetHTTPStatus(ctx, 201) }
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

// A contract that also lists 429.
func ExampleWithMapping() {
	get := func(context.Context) error { return status.Error(codes.ResourceExhausted, "ten requests a second") }

	show(muxOf(get), "GET", "/v1/things/1")
	show(muxOf(get, gateway.WithMapping(codes.ResourceExhausted, 429)), "GET", "/v1/things/1")
	// Output:
	// GET /v1/things/1 -> 503
	//   {"code":503,"message":"The service is temporarily unavailable or an internal service dependency is failing."}
	// GET /v1/things/1 -> 429
	//   {"code":429,"message":"ten requests a second"}
}

// A team has defined gRPC codes that contain the status: 404007 is a 404.
func ExampleWithMappingFunc() {
	get := func(context.Context) error { return status.Error(404007, "no tenant 7") }
	ownCodes := func(code codes.Code) (httpStatus int, ok bool) { return int(code / 1000), code >= 400_000 }

	show(muxOf(get), "GET", "/v1/things/1")
	show(muxOf(get, gateway.WithMappingFunc(ownCodes)), "GET", "/v1/things/1")
	// Output:
	// GET /v1/things/1 -> 500
	//   {"code":500,"message":"An unexpected server error occurred."}
	// GET /v1/things/1 -> 404
	//   {"code":404,"message":"no tenant 7"}
}

// The client reads a documented sentence, and the observer gets the error.
func ExampleWithObserver() {
	get := func(context.Context) error { return errors.New("pq: no such table: things") }

	mux := muxOf(get, gateway.WithObserver(func(_ context.Context, o gateway.Observation) {
		fmt.Println("observed:", o.HTTPStatus, o.GRPCCode, o.Origin, o.Route, o.Err)
	}))
	show(mux, "GET", "/v1/things/1")
	// Output:
	// observed: 500 Unknown backend /v1/things/{id} pq: no such table: things
	// GET /v1/things/1 -> 500
	//   {"code":500,"message":"An unexpected server error occurred."}
}

// Several observers are called in the order of the options.
func ExampleLogObserver() {
	get := func(context.Context) error { return errors.New("pq: no such table: things") }
	logger := slog.New(slog.NewTextHandler(wrapped{os.Stdout}, &slog.HandlerOptions{ReplaceAttr: withoutTime}))
	failures := map[gateway.Origin]int{}

	mux := muxOf(get,
		gateway.WithObserver(gateway.LogObserver(logger)),
		gateway.WithObserver(func(_ context.Context, o gateway.Observation) { failures[o.Origin]++ }),
	)
	show(mux, "GET", "/v1/things/1")
	show(mux, "GET", "/v1/nothing")
	// Output:
	// level=ERROR msg="request failed" http_status=500 grpc_code=Unknown origin=backend
	//   http_method=GET path=/v1/things/1 route=/v1/things/{id}
	//   rpc_method=/statusbridge.testkit.v1.ThingService/Get
	//   error="pq: no such table: things"
	// GET /v1/things/1 -> 500
	//   {"code":500,"message":"An unexpected server error occurred."}
	// level=INFO msg="request failed" http_status=404 grpc_code=NotFound origin=request
	//   http_method=GET path=/v1/nothing
	//   error="no route: 404 Not Found"
	// GET /v1/nothing -> 404
	//   {"code":404,"message":"The requested resource does not exist."}
}

// Programs read the response of a health probe, so Handler does not translate it.
func ExampleWithPassthrough() {
	health := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusServiceUnavailable)
		_, _ = w.Write([]byte(`{"database":"down","cache":"up"}`))
	})

	show(gateway.New().Handler(health), "GET", "/healthz")
	show(gateway.New(gateway.WithPassthrough("GET /healthz")).Handler(health), "GET", "/healthz")
	// Output:
	// GET /healthz -> 503
	//   {"code":503,"message":"The service is temporarily unavailable or an internal service dependency is failing."}
	// GET /healthz -> 503
	//   {"database":"down","cache":"up"}
}

// In development, clients may read the text of a 5xx.
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

// wrapped breaks log lines, so that they fit on a page.
type wrapped struct{ io.Writer }

func (w wrapped) Write(line []byte) (int, error) {
	text := string(line)
	for _, name := range []string{" http_method=", " rpc_method=", " error="} {
		text = strings.Replace(text, name, "\n "+name, 1)
	}
	_, err := io.WriteString(w.Writer, text)
	return len(line), err
}

// withoutTime removes the time of a log line, so that the output of an example is always the same.
func withoutTime(_ []string, a slog.Attr) slog.Attr {
	if a.Key == slog.TimeKey || a.Key == "duration" {
		return slog.Attr{}
	}
	return a
}
