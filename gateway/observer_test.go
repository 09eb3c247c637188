package gateway_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	"github.com/statusbridge/statusbridge/gateway"
	"github.com/statusbridge/statusbridge/internal/testkit"
	"github.com/statusbridge/statusbridge/mapping"
)

// TestObserver tells the observer once about each error, wherever it comes from, and about no success.
func TestObserver(t *testing.T) {
	t.Parallel()
	const get, thing = "/statusbridge.testkit.v1.ThingService/Get", "/v1/things/{id}"
	for _, c := range []struct {
		name       string
		call       call
		status     int
		code       codes.Code
		rpc, route string
	}{
		{"nowhere", call{Path: "/nowhere"}, 404, codes.NotFound, "", ""},
		{"method", call{Method: "OPTIONS"}, 405, codes.Unimplemented, "", ""},
		{"HEAD nowhere", call{Method: "HEAD", Path: "/nowhere"}, 404, codes.NotFound, "", ""},
		{"HEAD without GET", call{Method: "HEAD", Path: "/v1/things"}, 405, codes.Unimplemented, "", ""},
		{"HEAD as GET", call{Method: "HEAD", Path: "/v1/things/x"}, 400, codes.InvalidArgument, get, thing},
		{"parameter", call{Path: "/v1/things/x"}, 400, codes.InvalidArgument, get, thing},
		{"time-out", call{Header: http.Header{"Grpc-Timeout": {"never"}}}, 400, codes.InvalidArgument, "",
			"/v1/things/{id=*}"},
		{"backend", call{}, 404, codes.NotFound, get, thing},
	} {
		for _, transport := range testkit.Transports {
			t.Run(fmt.Sprint(c.name, " ", transport), func(t *testing.T) {
				var n notebook
				service := &testkit.Service{}
				service.Behave(testkit.Fails(testkit.ErrNotFound))
				c.call.To(t, bridged(t, transport, service, gateway.New(gateway.WithObserver(n.observe))))
				o := n.one(t)
				if o.HTTPStatus != c.status || o.GRPCCode != c.code || o.RPCMethod != c.rpc || o.Route != c.route ||
					o.Err == nil {
					t.Errorf("observed %+v, want %d %v %q %q", o, c.status, c.code, c.rpc, c.route)
				}
			})
		}
	}
	for _, transport := range testkit.Transports {
		var n notebook
		base := bridged(t, transport, &testkit.Service{}, gateway.New(gateway.WithObserver(n.observe)))
		call{}.To(t, base)
		call{Method: "HEAD"}.To(t, base)
		if len(n.seen) > 0 {
			t.Errorf("%s: a success was observed: %v", transport, n.seen)
		}
	}
}

// TestObserverOfLateFailure reports a success that failed once.
func TestObserverOfLateFailure(t *testing.T) {
	t.Parallel()
	for _, transport := range testkit.Transports {
		var n notebook
		base := bridged(t, transport, &testkit.Service{}, gateway.New(gateway.WithObserver(n.observe)),
			runtime.WithForwardResponseRewriter(failingRewriter))
		call{}.To(t, base).WantError(t, 500, "", "")
		if o := n.one(t); !strings.Contains(o.Err.Error(), "cannot rewrite tenant 7") {
			t.Errorf("%s: observed %v", transport, o.Err)
		}
	}
}

// TestObserverOfHTTPStatusError reports the code inside a runtime.HTTPStatusError, or the code that its status is
// read as.
func TestObserverOfHTTPStatusError(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		err    error
		status int
		code   codes.Code
	}{
		{&runtime.HTTPStatusError{HTTPStatus: 405, Err: errors.New(testkit.Secret)}, 405, codes.Unimplemented},
		{&runtime.HTTPStatusError{HTTPStatus: 403, Err: testkit.ErrNotFound}, 403, codes.NotFound},
		{&runtime.HTTPStatusError{HTTPStatus: 418, Err: errors.New(testkit.Secret)}, 400, codes.InvalidArgument},
	} {
		var n notebook
		service := &testkit.Service{}
		service.Behave(testkit.Fails(c.err))
		call{}.To(t, bridged(t, testkit.InProcess, service, gateway.New(gateway.WithObserver(n.observe))))
		if o := n.one(t); o.HTTPStatus != c.status || o.GRPCCode != c.code {
			t.Errorf("%v: observed %d %v, want %d %v", c.err, o.HTTPStatus, o.GRPCCode, c.status, c.code)
		}
	}
}

// TestObserverInsideHandler counts reports for responses that pass two Handlers, middleware and a mux.
func TestObserverInsideHandler(t *testing.T) {
	t.Parallel()
	service := &testkit.Service{}
	service.Behave(testkit.Fails(testkit.ErrNotFound))
	service.BehaveStream(testkit.Sends(1, status.Error(codes.Aborted, "changed")))
	var n notebook
	bridge := gateway.New(gateway.WithObserver(n.observe))
	mux := testkit.Register(t, testkit.Network, service, bridge.NewServeMux())
	_ = mux.HandlePath(http.MethodGet, "/own", func(w http.ResponseWriter, r *http.Request, _ map[string]string) {
		bridge.WriteError(w, r, mapping.Errorf(409, "own"))
	})
	_ = mux.HandlePath(http.MethodGet, "/panic",
		func(http.ResponseWriter, *http.Request, map[string]string) { panic("x") })
	for _, protocol := range testkit.Protocols {
		s := testkit.ServeOver(t, protocol, bridge.Handler(testkit.Compress(bridge.Handler(mux))))
		for _, c := range []call{{}, watch, {Path: "/own"}, {Path: "/panic"}, {Path: "/nowhere"}, {Method: "HEAD"},
			{Method: "HEAD", Path: "/own"}, {Method: "POST"}, {Method: "HEAD", Path: "/v1/things"}} {
			n.seen = nil
			r := c.At(t, s)
			if len(n.seen) != 1 || c.Path != watch.Path && n.seen[0].HTTPStatus != r.Status {
				t.Errorf("%s %v: %d, observed %v", protocol, c, r.Status, n.seen)
			}
		}
	}
}

// TestObserverOrigin reports who made each error: the service, the request or the gateway. The diagnosis tests have
// the upstream.
func TestObserverOrigin(t *testing.T) {
	t.Parallel()
	var bridge *gateway.Bridge
	failingOption := runtime.WithForwardResponseOption(func(context.Context, http.ResponseWriter, proto.Message) error {
		return status.Error(codes.PermissionDenied, "an option's own")
	})
	unmarshalable := runtime.WithForwardResponseRewriter(func(context.Context, proto.Message) (any, error) {
		return func() {}, nil
	})
	panicking := runtime.WithMiddlewares(func(runtime.HandlerFunc) runtime.HandlerFunc {
		return func(http.ResponseWriter, *http.Request, map[string]string) { panic("tenant 7") }
	})
	refusing := runtime.WithMiddlewares(func(runtime.HandlerFunc) runtime.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request, _ map[string]string) {
			bridge.WriteError(w, r, mapping.Errorf(403, "not on a Sunday"))
		}
	})
	for _, c := range []struct {
		name    string
		behave  testkit.Behaviour
		call    call
		options []runtime.ServeMuxOption
		status  int
		origin  gateway.Origin
	}{
		{name: "a status", behave: testkit.Fails(testkit.ErrNotFound), status: 404, origin: gateway.OriginBackend},
		{name: "an exact status", behave: testkit.Fails(mapping.Errorf(502, "the store makes no sense")), status: 502,
			origin: gateway.OriginBackend},
		{name: "a status with header metadata", behave: testkit.Sets(metadata.Pairs("a", "b"), nil,
			testkit.ErrNotFound), status: 404, origin: gateway.OriginBackend},
		{name: "a plain error", behave: testkit.Fails(errors.New("no")), status: 500, origin: gateway.OriginBackend},
		{name: "the service's deadline", behave: testkit.Fails(context.DeadlineExceeded), status: 504,
			origin: gateway.OriginBackend},
		{name: "a body", call: call{Method: "POST", Path: "/v1/things", Body: `{"`}, status: 400,
			origin: gateway.OriginRequest},
		{name: "a parameter", call: call{Path: "/v1/things/1?full=7"}, status: 400, origin: gateway.OriginRequest},
		{name: "a path", call: call{Path: "/v1/nothing"}, status: 404, origin: gateway.OriginRequest},
		{name: "a method", call: call{Method: "POST", Path: "/v1/things/1"}, status: 405,
			origin: gateway.OriginRequest},
		{name: "a deadline header", call: call{Header: http.Header{"Grpc-Timeout": {"soon"}}}, status: 400,
			origin: gateway.OriginRequest},
		{name: "a forward option", options: []runtime.ServeMuxOption{failingOption}, status: 403,
			origin: gateway.OriginGateway},
		{name: "a success that cannot be marshalled", options: []runtime.ServeMuxOption{unmarshalable}, status: 500,
			origin: gateway.OriginGateway},
		{name: "a panic", options: []runtime.ServeMuxOption{panicking}, status: 500, origin: gateway.OriginGateway},
		{name: "middleware", options: []runtime.ServeMuxOption{refusing}, status: 403, origin: gateway.OriginGateway},
	} {
		for _, transport := range testkit.Transports {
			t.Run(fmt.Sprint(c.name, " ", transport), func(t *testing.T) {
				var n notebook
				service := &testkit.Service{}
				service.Behave(c.behave)
				bridge = gateway.New(gateway.WithObserver(n.observe))
				if got := c.call.To(t, bridged(t, transport, service, bridge, c.options...)); got.Status != c.status {
					t.Errorf("responded with %d %s, want %d", got.Status, got.Body, c.status)
				}
				o := n.one(t)
				if o.HTTPStatus != c.status || o.Origin != c.origin || o.ClientGone {
					t.Errorf("observed %d of the %s (gone: %t), want %d of the %s", o.HTTPStatus, o.Origin,
						o.ClientGone, c.status, c.origin)
				}
			})
		}
	}
}

// TestObserverOfClientGone has the client leave while the service works. Both transports report it.
func TestObserverOfClientGone(t *testing.T) {
	t.Parallel()
	for _, transport := range testkit.Transports {
		t.Run(string(transport), func(t *testing.T) {
			working, observed := make(chan struct{}), make(chan gateway.Observation, 1)
			service := &testkit.Service{}
			service.Behave(func(ctx context.Context) error {
				close(working)
				<-ctx.Done()
				return ctx.Err()
			})
			base := bridged(t, transport, service, gateway.New(
				gateway.WithObserver(func(_ context.Context, o gateway.Observation) { observed <- o })))
			ctx, leave := context.WithCancel(t.Context())
			request, err := http.NewRequestWithContext(ctx, http.MethodGet, base+"/v1/things/1", http.NoBody)
			if err != nil {
				t.Fatal(err)
			}
			go func() {
				<-working
				leave()
			}()
			if response, err := testkit.Client.Do(request); err == nil {
				_ = response.Body.Close()
				t.Fatalf("responded with %s", response.Status)
			}
			o := <-observed
			if !o.ClientGone || o.HTTPStatus != 503 || o.GRPCCode != codes.Canceled {
				t.Errorf("observed %+v", o)
			}
		})
	}
}

// TestObserversInOrder calls each observer in turn, even if another one panics.
func TestObserversInOrder(t *testing.T) {
	t.Parallel()
	var order []string
	note := func(name string) gateway.Option {
		return gateway.WithObserver(func(context.Context, gateway.Observation) {
			order = append(order, name)
			panic(name)
		})
	}
	service := &testkit.Service{}
	service.Behave(testkit.Fails(testkit.ErrNotFound))
	call{}.To(t, bridged(t, testkit.InProcess, service, gateway.New(note("first"), note("second")))).WantError(t, 404,
		"no such thing", "")
	if got := strings.Join(order, " "); got != "first second" {
		t.Errorf("called %q", got)
	}
}

// TestLogObserver reads what slog's JSON handler makes of an observation.
func TestLogObserver(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		seen gateway.Observation
		want map[string]any
	}{
		{
			"the caller's",
			gateway.Observation{HTTPStatus: 404, GRPCCode: codes.NotFound, Origin: gateway.OriginRequest,
				Err: errors.New("no route")},
			map[string]any{"level": "INFO", "http_status": 404.0, "grpc_code": "NotFound", "origin": "request",
				"error": "no route"},
		},
		{
			"a server's",
			gateway.Observation{
				HTTPStatus: 502, GRPCCode: codes.Unavailable, Origin: gateway.OriginUpstream,
				Err:       errors.New("an upstream's page"),
				RPCMethod: "/things.v1.Things/Get", Route: "/v1/things/{id}",
			},
			map[string]any{
				"level": "ERROR", "http_status": 502.0, "grpc_code": "Unavailable", "origin": "upstream",
				"error":      "an upstream's page",
				"rpc_method": "/things.v1.Things/Get", "route": "/v1/things/{id}",
			},
		},
		{
			"a panic's",
			gateway.Observation{HTTPStatus: 500, GRPCCode: codes.Unknown, Origin: gateway.OriginGateway,
				Duration: 3, Err: errors.New("panicked")},
			map[string]any{"level": "ERROR", "http_status": 500.0, "grpc_code": "Unknown", "origin": "gateway",
				"duration": 3.0, "error": "panicked"},
		},
		{
			"nobody's",
			gateway.Observation{HTTPStatus: 503, GRPCCode: codes.Canceled, Origin: gateway.OriginBackend,
				ClientGone: true, Err: context.Canceled},
			map[string]any{
				"level": "DEBUG", "http_status": 503.0, "grpc_code": "Canceled", "origin": "backend",
				"error":       "context canceled",
				"client_gone": true,
			},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, least := range []slog.Level{slog.LevelDebug, slog.LevelError + 1} {
				var out bytes.Buffer
				observe := gateway.LogObserver(slog.New(slog.NewJSONHandler(&out, &slog.HandlerOptions{Level: least})))
				observe(t.Context(), c.seen)
				if least > slog.LevelError {
					if out.Len() > 0 {
						t.Errorf("logged below the level: %s", &out)
					}
					continue
				}
				got := map[string]any{}
				if err := json.Unmarshal(out.Bytes(), &got); err != nil {
					t.Fatalf("%v in %s", err, &out)
				}
				delete(got, slog.TimeKey)
				c.want[slog.MessageKey] = "request failed"
				if diff := cmp.Diff(c.want, got); diff != "" {
					t.Errorf("logged (-want +got):\n%s", diff)
				}
			}
		})
	}
}

// TestLogObserverOfNil panics for a nil logger.
func TestLogObserverOfNil(t *testing.T) {
	t.Parallel()
	defer func() {
		if recover() == nil {
			t.Error("it does not panic")
		}
	}()
	gateway.LogObserver(nil)
}
