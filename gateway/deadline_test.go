package gateway_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"

	"github.com/statusbridge/statusbridge/gateway"
	"github.com/statusbridge/statusbridge/internal/testkit"
	"github.com/statusbridge/statusbridge/internal/testkit/testkitv1"
)

// short is a deadline that passes while a test looks on.
const short = 10 * time.Millisecond

// waits is a service that watches its context.
func waits(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(testkit.Patience):
		return errors.New("nobody stopped the service")
	}
}

// remains is a service that sends, in a header, how many hours its call may take, rounded up. It sends 0 without a
// deadline.
func remains(ctx context.Context) error {
	hours := 0
	if deadline, ok := ctx.Deadline(); ok {
		hours = int(math.Ceil(time.Until(deadline).Hours() - 0.01))
	}
	return grpc.SetHeader(ctx, metadata.Pairs("hours", fmt.Sprint(hours)))
}

// given returns how many hours a call is given.
func given(t *testing.T, c call, base string) string {
	t.Helper()
	r := c.To(t, base)
	if r.Status != 200 {
		t.Errorf("%s responded with %d %q", c.Path, r.Status, r.Body)
	}
	return r.Header.Get("Grpc-Metadata-Hours")
}

// defaultTimeout sets grpc-gateway's for a test. Servers are to be started after it.
func defaultTimeout(t *testing.T, d time.Duration) {
	t.Helper()
	before := runtime.DefaultContextTimeout
	runtime.DefaultContextTimeout = d
	t.Cleanup(func() { runtime.DefaultContextTimeout = before })
}

// aroundMux serves the mux of a bridge alone and inside Handler of the same bridge.
var aroundMux = map[string]func(*gateway.Bridge, http.Handler) http.Handler{
	"mux":            func(_ *gateway.Bridge, mux http.Handler) http.Handler { return mux },
	"inside Handler": func(b *gateway.Bridge, mux http.Handler) http.Handler { return b.Handler(mux) },
}

// TestDeadlinePasses sends 504 at the first call of a route and later, on both transports.
func TestDeadlinePasses(t *testing.T) {
	t.Parallel()
	for name, serve := range map[string]func(*testing.T, testkit.Transport, *testkit.Service, gateway.Option) string{
		"bridge": func(t *testing.T, transport testkit.Transport, service *testkit.Service,
			observer gateway.Option) string {
			return bridged(t, transport, service, gateway.New(gateway.WithDeadline(short), observer))
		},
		"middleware": func(t *testing.T, transport testkit.Transport, service *testkit.Service,
			observer gateway.Option) string {
			return bridged(t, transport, service, gateway.New(gateway.WithDeadline(short), observer),
				append(userOptions(), withContext)...)
		},
		"handler": func(t *testing.T, transport testkit.Transport, service *testkit.Service,
			observer gateway.Option) string {
			bridge := gateway.New(gateway.WithDeadline(short), observer)
			return testkit.Serve(t, bridge.Handler(testkit.Register(t, transport, service, bridge.NewServeMux())))
		},
	} {
		for _, transport := range testkit.Transports {
			for _, route := range routes {
				if strings.Contains(route.name, "stream") || route.name == "download" || route.name == "both ways" ||
					route.transport != testkit.Network {
					continue
				}
				t.Run(fmt.Sprint(name, " ", transport, " ", route.name), func(t *testing.T) {
					var n notebook
					service := &testkit.Service{}
					service.Behave(waits)
					base := serve(t, transport, service, gateway.WithObserver(n.observe))
					for range 2 {
						route.call.To(t, base).WantError(t, 504, "", "")
					}
					for _, o := range n.seen {
						if o.GRPCCode != codes.DeadlineExceeded || o.Route == "" || o.RPCMethod == "" {
							t.Errorf("observed %+v", o)
						}
					}
					if len(n.seen) != 2 {
						t.Errorf("observed %d responses", len(n.seen))
					}
				})
			}
		}
	}
}

// withContext is middleware that gives the request a derived context.
var withContext = runtime.WithMiddlewares(func(next runtime.HandlerFunc) runtime.HandlerFunc {
	type key struct{}
	return func(w http.ResponseWriter, r *http.Request, params map[string]string) {
		ctx, cancel := context.WithCancel(context.WithValue(r.Context(), key{}, "value"))
		defer cancel()
		next(w, r.WithContext(ctx), params)
	}
})

// TestDeadlineOfFirstCalls sends the first calls of a mux at once. All of them have the deadline, except streams.
func TestDeadlineOfFirstCalls(t *testing.T) {
	t.Parallel()
	for name, around := range aroundMux {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			service := &testkit.Service{}
			service.Behave(func(ctx context.Context) error {
				if _, ok := ctx.Deadline(); !ok {
					t.Error("no deadline")
				}
				<-ctx.Done()
				return ctx.Err()
			})
			service.BehaveStream(func(ctx context.Context, send func() error) error {
				if _, ok := ctx.Deadline(); ok {
					t.Error("a deadline")
				}
				return send()
			})
			bridge := gateway.New(gateway.WithDeadline(150 * time.Millisecond))
			base := testkit.Serve(t, around(bridge,
				testkit.Register(t, testkit.Network, service, bridge.NewServeMux())))
			var all sync.WaitGroup
			for _, c := range []call{{}, {}, {Method: "HEAD"}, {Method: "PUT", Body: "{}"},
				{Method: "POST", Path: "/v1/things", Body: "{}"}, watch, {Method: "DELETE"}} {
				all.Go(func() {
					r, err := c.Send(testkit.Client, base)
					want := 504
					if c.Path == watch.Path {
						want = 200
					}
					if err != nil || r.Status != want {
						t.Errorf("%v: %d %q %v", c, r.Status, r.Body, err)
					}
				})
			}
			all.Wait()
		})
	}
}

// TestDeadlineOfClientStream limits a call that streams to the server, since it has one response.
func TestDeadlineOfClientStream(t *testing.T) {
	t.Parallel()
	service := &testkit.Service{}
	service.Behave(waits)
	base := bridged(t, testkit.Network, service, gateway.New(gateway.WithDeadline(short)))
	for range 2 {
		call{Method: "POST", Path: "/v1/uploads", Body: `{"part":"a"}`}.To(t, base).WantError(t, 504, "", "")
	}
}

// TestDeadlineSparesStreams has streams outlive a deadline that applies to everything.
func TestDeadlineSparesStreams(t *testing.T) {
	t.Parallel()
	for name, around := range aroundMux {
		for _, c := range []call{watch, export, chat} {
			t.Run(name+" "+c.Path, func(t *testing.T) {
				t.Parallel()
				service := &testkit.Service{}
				service.BehaveStream(func(ctx context.Context, send func() error) error {
					for range 3 {
						select {
						case <-ctx.Done():
							return ctx.Err()
						case <-time.After(2 * short):
						}
						if _, ok := ctx.Deadline(); ok {
							return errors.New("the stream has a deadline")
						}
						if err := send(); err != nil {
							return err
						}
					}
					return nil
				})
				bridge := gateway.New(gateway.WithDeadline(short),
					gateway.WithDeadline(short, "GET /v1/things/{id}/watch", "/v1/chat"))
				base := testkit.Serve(t, around(bridge,
					testkit.Register(t, testkit.Network, service, bridge.NewServeMux())))
				for range 2 {
					if r := c.To(t, base); r.Status != 200 || strings.Contains(r.Body, "error") {
						t.Errorf("responded with %d %q", r.Status, r.Body)
					}
				}
			})
		}
	}
}

// TestDeadlineOfOwnRoutes limits each unary call of a route that is registered by hand, but not the route itself.
func TestDeadlineOfOwnRoutes(t *testing.T) {
	t.Parallel()
	const service = "/statusbridge.testkit.v1.ThingService/"
	for want, methods := range map[string][]string{
		"[]":                      nil,
		"[false]":                 {"/example.Unknown/Get"},
		"[true]":                  {service + "Get"},
		"[true true]":             {service + "Get", service + "Upload"},
		"[false false]":           {service + "Watch", service + "Chat"},
		"[true false true]":       {service + "Get", service + "Watch", service + "Get"},
		"[false true false true]": {"", service + "Get", "not a method", service + "Get"},
	} {
		mux := gateway.New(gateway.WithDeadline(time.Hour)).NewServeMux()
		err := mux.HandlePath(http.MethodGet, "/own",
			func(w http.ResponseWriter, r *http.Request, _ map[string]string) {
				if _, ok := r.Context().Deadline(); ok {
					t.Error("the route has a deadline")
				}
				bounded := []bool{}
				for _, method := range methods {
					ctx, err := runtime.AnnotateContext(r.Context(), mux, r, method)
					if err != nil {
						t.Error(err)
						return
					}
					_, ok := ctx.Deadline()
					bounded = append(bounded, ok)
				}
				_, _ = fmt.Fprint(w, bounded)
			})
		if err != nil {
			t.Fatal(err)
		}
		base := testkit.Serve(t, mux)
		for range 2 {
			if r := (call{Path: "/own"}).To(t, base); r.Body != want {
				t.Errorf("%q: responded with %d %q, want %s", methods, r.Status, r.Body, want)
			}
		}
	}
}

// TestDeadlineIgnoredByService has a service in process ignore the end of its context. Its response is sent. An error
// of the context is a 504.
func TestDeadlineIgnoredByService(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		answer func(context.Context) error
		status int
	}{
		"a success":       {func(context.Context) error { return nil }, 200},
		"the error":       {context.Context.Err, 504},
		"the error in it": {func(ctx context.Context) error { return fmt.Errorf("query: %w", ctx.Err()) }, 504},
		"the cause":       {context.Cause, 504},
		"its own":         {func(context.Context) error { return testkit.ErrNotFound }, 404},
	} {
		service := &testkit.Service{}
		service.Behave(func(ctx context.Context) error {
			<-ctx.Done()
			return c.answer(ctx)
		})
		r := call{}.To(t, bridged(t, testkit.InProcess, service, gateway.New(gateway.WithDeadline(short))))
		if r.Status != c.status {
			t.Errorf("%s: responded with %d %q", name, r.Status, r.Body)
		}
	}
}

// untilDone returns a service that waits for the end of its call. The test fails if the call can go on for more than
// a minute.
func untilDone(t *testing.T) *testkit.Service {
	service := &testkit.Service{}
	service.Behave(func(ctx context.Context) error {
		if deadline, ok := ctx.Deadline(); !ok || time.Until(deadline) > time.Minute {
			t.Error("the call has no deadline, or a long one")
			return nil
		}
		<-ctx.Done()
		return ctx.Err()
	})
	return service
}

// TestDeadlineAfterLaterMiddleware adds a middleware to a mux that exists already. Every handler registered after it
// has the deadline.
func TestDeadlineAfterLaterMiddleware(t *testing.T) {
	t.Parallel()
	passOn := func(next runtime.HandlerFunc) runtime.HandlerFunc { return next }
	mux := gateway.New(gateway.WithDeadline(50 * time.Millisecond)).NewServeMux()
	runtime.WithMiddlewares(passOn)(mux)
	base := testkit.Serve(t, testkit.Connect(t, testkit.ServeGRPC(t, untilDone(t)), mux))
	for _, method := range []string{http.MethodGet, http.MethodDelete} {
		call{Method: method, Path: "/v1/things/1"}.To(t, base).WantError(t, 504, "", "")
		long := call{Method: method, Path: "/v1/things/1", Header: http.Header{"Grpc-Timeout": {"10H"}}}
		long.To(t, base).WantError(t, 504, "", "")
		bad := call{Method: method, Path: "/v1/things/1", Header: http.Header{"Grpc-Timeout": {"99999999999H"}}}
		if r := bad.To(t, base); r.Status != 400 || !strings.Contains(r.Body, "invalid header Grpc-Timeout") {
			t.Errorf("%s gets %d %s", method, r.Status, r.Body)
		}
	}
}

// TestDeadlineOfCallsInMiddleware has middleware make a call before the handler, as authorization does. The call has
// the deadline.
func TestDeadlineOfCallsInMiddleware(t *testing.T) {
	t.Parallel()
	var mux *runtime.ServeMux
	asked := 0
	authorizing := func(next runtime.HandlerFunc) runtime.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request, pathParams map[string]string) {
			asked++
			ctx, err := runtime.AnnotateContext(r.Context(), mux, r, testkitv1.ThingService_Get_FullMethodName)
			if deadline, ok := ctx.Deadline(); err != nil || !ok || time.Until(deadline) > time.Minute {
				t.Errorf("the middleware's call ends at %v: %v", deadline, err)
			}
			next(w, r, pathParams)
		}
	}
	mux = gateway.New(gateway.WithDeadline(time.Second)).NewServeMux(runtime.WithMiddlewares(authorizing))
	base := testkit.Serve(t, testkit.Connect(t, testkit.ServeGRPC(t, &testkit.Service{}), mux))
	long := call{Path: "/v1/things/1", Header: http.Header{"Grpc-Timeout": {"10H"}}}
	if r := long.To(t, base); r.Status != 200 {
		t.Errorf("responded with %d %s", r.Status, r.Body)
	}
	bad := call{Path: "/v1/things/1", Header: http.Header{"Grpc-Timeout": {"bogus"}}}
	if r := bad.To(t, base); r.Status != 400 || !strings.Contains(r.Body, "invalid header Grpc-Timeout") || asked != 1 {
		t.Errorf("responded with %d %s, and the middleware was asked %d times", r.Status, r.Body, asked)
	}
}

// TestDeadlineOfNestedMux calls through a mux inside another mux. The deadline of the inner mux counts.
func TestDeadlineOfNestedMux(t *testing.T) {
	t.Parallel()
	inner := gateway.New(gateway.WithDeadline(50 * time.Millisecond)).NewServeMux()
	backed := testkit.Connect(t, testkit.ServeGRPC(t, untilDone(t)), inner)
	outer := gateway.New(gateway.WithDeadline(time.Hour)).NewServeMux()
	err := outer.HandlePath(http.MethodGet, "/v1/{rest=**}",
		func(w http.ResponseWriter, r *http.Request, _ map[string]string) {
			backed.ServeHTTP(w, r)
		})
	if err != nil {
		t.Fatal(err)
	}
	call{Path: "/v1/things/1"}.To(t, testkit.Serve(t, outer)).WantError(t, 504, "", "")
}
