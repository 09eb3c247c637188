package gateway_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"net/http"
	"net/http/httptest"
	goruntime "runtime"
	"runtime/debug"
	"strings"
	"testing"
	"time"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"

	"github.com/statusbridge/statusbridge/gateway"
	"github.com/statusbridge/statusbridge/internal/testkit"
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

// remains is a service that says, in a header, how many hours it has been given, rounded up; 0 is no deadline.
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
		t.Errorf("%s answered %d %q", c.Path, r.Status, r.Body)
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

// TestDeadlinePasses answers 504 when it does, at the first call of a route and later, on both transports, and alone
// where the bridge is handed the deadline by Handler.
func TestDeadlinePasses(t *testing.T) {
	for name, serve := range map[string]func(*testing.T, testkit.Transport, *testkit.Service, gateway.Option) string{
		"bridge": func(t *testing.T, transport testkit.Transport, service *testkit.Service, observer gateway.Option) string {
			return bridged(t, transport, service, gateway.New(gateway.WithDeadline(short), observer))
		},
		"middleware": func(t *testing.T, transport testkit.Transport, service *testkit.Service, observer gateway.Option) string {
			return bridged(t, transport, service, gateway.New(gateway.WithDeadline(short), observer),
				append(userOptions(), withContext)...)
		},
		"handler": func(t *testing.T, transport testkit.Transport, service *testkit.Service, observer gateway.Option) string {
			mux := testkit.Register(t, transport, service, gateway.New(observer).NewServeMux())
			return testkit.Serve(t, gateway.New(gateway.WithDeadline(short)).Handler(gateway.New().Handler(mux)))
		},
	} {
		for _, transport := range testkit.Transports {
			for _, route := range routes {
				if strings.Contains(route.name, "stream") || route.name == "download" || route.name == "both ways" || route.transport != testkit.Network {
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
						t.Errorf("observed %d answers", len(n.seen))
					}
				})
			}
		}
	}
}

// withContext is middleware that gives the request a context and a header of its own.
var withContext = runtime.WithMiddlewares(func(next runtime.HandlerFunc) runtime.HandlerFunc {
	type key struct{}
	return func(w http.ResponseWriter, r *http.Request, params map[string]string) {
		ctx, cancel := context.WithCancel(context.WithValue(r.Context(), key{}, "value"))
		defer cancel()
		next(w, r.WithContext(ctx), params)
	}
})

// TestDeadlineOfClientStream bounds a call that streams to the server: it has one answer.
func TestDeadlineOfClientStream(t *testing.T) {
	service := &testkit.Service{}
	service.Behave(waits)
	base := bridged(t, testkit.Network, service, gateway.New(gateway.WithDeadline(short)))
	for range 2 {
		call{Method: "POST", Path: "/v1/uploads", Body: `{"part":"a"}`}.To(t, base).WantError(t, 504, "", "")
	}
}

// TestDeadlineSparesStreams has streams outlive a deadline that applies to everything, at the first call and later.
func TestDeadlineSparesStreams(t *testing.T) {
	for name, around := range map[string]func(http.Handler) http.Handler{
		"bridge": func(h http.Handler) http.Handler { return h }, "handler": func(h http.Handler) http.Handler { return gateway.New(gateway.WithDeadline(short)).Handler(h) },
	} {
		for _, c := range []call{watch, {Path: "/v1/things/1/export"}, {Method: "POST", Path: "/v1/chat", Body: `{"line":"a"}`}} {
			t.Run(name+" "+c.Path, func(t *testing.T) {
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
				bridge := gateway.New()
				if name == "bridge" {
					bridge = gateway.New(gateway.WithDeadline(short), gateway.WithDeadline(short, "GET "+watch.Path, "/v1/chat"))
				}
				base := testkit.Serve(t, around(testkit.Register(t, testkit.Network, service, bridge.NewServeMux())))
				for range 2 {
					if r := c.To(t, base); r.Status != 200 || strings.Contains(r.Body, "error") {
						t.Errorf("answered %d %q", r.Status, r.Body)
					}
				}
			})
		}
	}
}

// TestDeadlineOfOwnRoutes bounds what a route registered by hand calls, if it is known to have one answer, and not the
// route itself. A route that makes several calls has each of them bounded anew.
func TestDeadlineOfOwnRoutes(t *testing.T) {
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
		err := mux.HandlePath(http.MethodGet, "/own", func(w http.ResponseWriter, r *http.Request, _ map[string]string) {
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
				t.Errorf("%q: answered %d %q, want %s", methods, r.Status, r.Body, want)
			}
		}
	}
}

// TestDeadlineIsTheShortest gives a call the shortest of what is set here, of grpc-gateway's own default and of what the
// client asks for, whoever is the shortest. The backend is told. A stream has the latter two. Stock grpc-gateway, which
// has no deadline of ours, lets the client decide.
func TestDeadlineIsTheShortest(t *testing.T) {
	const none = ""
	for _, c := range []struct {
		limit, def           time.Duration
		asked                string
		unary, stream, stock string // hours
	}{
		{0, 0, none, "0", "0", "0"},
		{0, 0, "5H", "5", "5", "5"},
		{0, 0, "0S", "0", "0", "0"},
		{0, 3, none, "3", "3", "3"},
		{0, 3, "2H", "2", "2", "2"},
		{0, 3, "5H", "3", "3", "5"},
		{0, 3, "0S", "3", "3", "0"},
		{0, 3, "99999999H", "3", "3", "2562048"},
		{2, 0, none, "2", "0", "0"},
		{2, 0, "1H", "1", "1", "1"},
		{2, 0, "5H", "2", "5", "5"},
		{2, 0, "0S", "2", "0", "0"},
		{2, 0, "0n", "2", "0", "0"},
		{2, 0, "99999999H", "2", "2562048", "2562048"},
		{2, 3, none, "2", "3", "3"},
		{2, 3, "1H", "1", "1", "1"},
		{2, 3, "5H", "2", "3", "5"},
		{2, 3, "0S", "2", "3", "0"},
		{4, 3, none, "3", "3", "3"},
		{4, 3, "5H", "3", "3", "5"},
	} {
		for _, transport := range testkit.Transports {
			t.Run(fmt.Sprint(c.limit, c.def, c.asked, transport), func(t *testing.T) {
				defaultTimeout(t, c.def*time.Hour)
				service := &testkit.Service{}
				service.Behave(remains)
				service.BehaveStream(func(ctx context.Context, send func() error) error { return cmp.Or(remains(ctx), send()) })
				var options []gateway.Option
				if c.limit > 0 {
					options = append(options, gateway.WithDeadline(c.limit*time.Hour))
				}
				header := http.Header{}
				if c.asked != none {
					header.Set("Grpc-Timeout", c.asked)
				}
				ours := bridged(t, transport, service, gateway.New(options...))
				handed := testkit.Serve(t, gateway.New(options...).Handler(testkit.Register(t, transport, service, gateway.New().NewServeMux())))
				for range 2 { // the first call knows no less than the second
					for _, base := range []string{ours, handed} {
						if got := given(t, call{Header: header}, base); got != c.unary {
							t.Errorf("a call was given %s hours, want %s", got, c.unary)
						}
						if transport == testkit.Network {
							if got := given(t, call{Path: watch.Path, Header: header}, base); got != c.stream {
								t.Errorf("a stream was given %s hours, want %s", got, c.stream)
							}
						}
					}
				}
				if got := given(t, call{Header: header}, bare(t, transport, service)); got != c.stock {
					t.Errorf("grpc-gateway gives %s hours, recorded is %s", got, c.stock)
				}
			})
		}
	}
}

// TestDeadlineRoutes says which of several options counts.
func TestDeadlineRoutes(t *testing.T) {
	const thing = "/v1/things/{id}"
	hours := func(n int, routes ...string) gateway.Option {
		return gateway.WithDeadline(time.Duration(n)*time.Hour, routes...)
	}
	for _, c := range []struct {
		name                                string
		options                             []gateway.Option
		get, remove, name7, rename, another string
	}{
		{"all", []gateway.Option{hours(1)}, "1", "1", "1", "1", "1"},
		{"one", []gateway.Option{hours(1, thing)}, "1", "1", "0", "0", "0"},
		{"two", []gateway.Option{hours(1, thing, "/v1/things/{id}/name")}, "1", "1", "1", "0", "0"},
		{"a method", []gateway.Option{hours(1, "GET "+thing)}, "1", "0", "0", "0", "0"},
		{"a method, spaced", []gateway.Option{hours(1, "GET \t"+thing)}, "1", "0", "0", "0", "0"},
		{"another method", []gateway.Option{hours(1, "POST "+thing)}, "0", "0", "0", "0", "0"},
		{"a verb", []gateway.Option{hours(1, thing+":rename")}, "0", "0", "0", "1", "0"},
		{"as the mux writes it", []gateway.Option{hours(1, "/v1/things/{id=*}")}, "1", "1", "0", "0", "0"},
		{"a template of two segments", []gateway.Option{hours(1, "/v1/{name=things/*}")}, "0", "0", "0", "0", "0"},
		{"the most specific", []gateway.Option{hours(1, "GET "+thing), hours(2, thing), hours(3)}, "1", "2", "3", "3", "3"},
		{"the most specific, in another order", []gateway.Option{hours(3), hours(2, thing), hours(1, "GET "+thing)}, "1", "2", "3", "3", "3"},
		{"longer for one", []gateway.Option{hours(1), hours(9, thing)}, "9", "9", "1", "1", "1"},
		{"the last", []gateway.Option{hours(1), hours(2), hours(3, thing), hours(4, thing)}, "4", "4", "2", "2", "2"},
	} {
		for _, transport := range testkit.Transports {
			t.Run(fmt.Sprint(c.name, " ", transport), func(t *testing.T) {
				service := &testkit.Service{}
				service.Behave(remains)
				base := bridged(t, transport, service, gateway.New(c.options...))
				for range 2 {
					for _, r := range []struct {
						call call
						want string
					}{
						{call{}, c.get}, {call{Method: "DELETE"}, c.remove}, {call{Path: "/v1/things/7/name"}, c.name7},
						{call{Method: "POST", Path: "/v1/things/7:rename", Body: `"x"`}, c.rename},
						{call{Method: "POST", Path: "/v1/things", Body: `{}`}, c.another},
					} {
						if got := given(t, r.call, base); got != r.want {
							t.Errorf("%s %s was given %s hours, want %s", r.call.Method, r.call.Path, got, r.want)
						}
					}
				}
			})
		}
	}
}

// TestDeadlineOfHandler is for the bridges that have none of their own.
func TestDeadlineOfHandler(t *testing.T) {
	hours := func(n int, routes ...string) gateway.Option {
		return gateway.WithDeadline(time.Duration(n)*time.Hour, routes...)
	}
	service := &testkit.Service{}
	service.Behave(remains)
	mux := func(options ...gateway.Option) http.Handler {
		return testkit.Register(t, testkit.Network, service, gateway.New(options...).NewServeMux())
	}
	for name, c := range map[string]struct {
		handler http.Handler
		want    string
	}{
		"handed down":    {gateway.New(hours(1)).Handler(mux()), "1"},
		"its own":        {gateway.New(hours(1)).Handler(mux(hours(2))), "2"},
		"a route":        {gateway.New(hours(1, "GET /v1/things/{id}")).Handler(mux()), "1"},
		"another route":  {gateway.New(hours(1, "/v1/things")).Handler(mux()), "0"},
		"the inner one":  {gateway.New(hours(2)).Handler(gateway.New(hours(1)).Handler(mux())), "1"},
		"the outer one":  {gateway.New(hours(2)).Handler(gateway.New().Handler(mux())), "2"},
		"none":           {gateway.New().Handler(mux()), "0"},
		"through others": {gateway.New(hours(1)).Handler(http.TimeoutHandler(mux(), 9*time.Hour, "")), "1"},
		"later ones":     {gateway.New(hours(10)).Handler(http.TimeoutHandler(mux(), 9*time.Hour, "")), "9"},
	} {
		base := testkit.Serve(t, c.handler)
		for range 2 {
			if got := given(t, call{}, base); got != c.want {
				t.Errorf("%s: was given %s hours, want %s", name, got, c.want)
			}
		}
	}
}

// TestDeadlinePanics refuses what it cannot honour where it is made.
func TestDeadlinePanics(t *testing.T) {
	for _, c := range []struct {
		d     time.Duration
		route string
	}{
		{0, ""}, {-1, ""}, {time.Second, "/v1/{id"}, {time.Second, "v1/things"}, {time.Second, "GET"}, {time.Second, "GET v1"},
		{time.Second, "GET "}, {time.Second, " /v1"}, {time.Second, "G(T /v1"}, {time.Second, "GET /v1 /v2"}, {time.Second, "/v1/{}"},
		{time.Second, ""}, {time.Second, "G\x7fT /v1"}, {time.Second, "GÉT /v1"}, {time.Second, "G\tT /v1"},
	} {
		func() {
			defer func() {
				if got := fmt.Sprint(recover()); !strings.HasPrefix(got, fmt.Sprintf("gateway: WithDeadline(%v", c.d)) {
					t.Errorf("%v, %q: panicked with %q", c.d, c.route, got)
				}
			}()
			if c.d <= 0 {
				gateway.WithDeadline(c.d)
				return
			}
			gateway.WithDeadline(c.d, "/v1", c.route)
		}()
	}
	gateway.WithDeadline(1, "/", "!~ /v1", "PURGE /v1/things/{id=*}", "M-SEARCH /v1/{name=things/*}:x", "/v1/**")
}

// TestTimeoutHeader holds Grpc-Timeout to the grammar of gRPC over HTTP/2: 1 to 8 digits and a unit. Stock grpc-gateway
// takes more of it.
func TestTimeoutHeader(t *testing.T) {
	for _, c := range []struct {
		values       []string
		valid, stock bool
	}{
		{[]string{"1H"}, true, true}, {[]string{"1M"}, true, true}, {[]string{"90S"}, true, true}, {[]string{"90000m"}, true, true},
		{[]string{"90000000u"}, true, true}, {[]string{"99999999S"}, true, true}, {[]string{"00000060S"}, true, true}, {[]string{"0S"}, true, true},
		{[]string{"0000000060S"}, false, true}, {[]string{"9999999999H"}, false, true}, {[]string{"100000000n"}, false, true},
		{[]string{"1H", "1H"}, false, true}, {[]string{"1H", "never"}, false, true}, {[]string{""}, false, true},
		{[]string{"-1S"}, false, false}, {[]string{"+1S"}, false, false}, {[]string{"S"}, false, false}, {[]string{"1"}, false, false},
		{[]string{"1s"}, false, false}, {[]string{"1h"}, false, false}, {[]string{"1 S"}, false, false}, {[]string{"1.5S"}, false, false},
		{[]string{"1_0S"}, false, false}, {[]string{"0x1S"}, false, false}, {[]string{"1e3S"}, false, false}, {[]string{"٣S"}, false, false},
		{[]string{"never"}, false, false}, {[]string{"1D"}, false, false}, {[]string{strings.Repeat("9", 5000) + "S"}, false, false},
	} {
		for _, transport := range testkit.Transports {
			t.Run(fmt.Sprintf("%.20q %s", c.values, transport), func(t *testing.T) {
				service := &testkit.Service{}
				header := http.Header{"Grpc-Timeout": c.values}
				for name, base := range map[string]string{
					"bridge": bridged(t, transport, service, gateway.New()), "deadline": bridged(t, transport, service, gateway.New(gateway.WithDeadline(time.Hour))),
				} {
					for _, path := range []string{"", watch.Path} {
						if path != "" && transport == testkit.InProcess {
							continue
						}
						r := call{Path: path, Header: header}.To(t, base)
						if c.valid {
							if r.Status != 200 {
								t.Errorf("%s: answered %d %q", name, r.Status, r.Body)
							}
							continue
						}
						if err := r.ErrorDefect(); err != nil || r.Status != 400 || !strings.Contains(r.Body, "Grpc-Timeout") || len(r.Body) > 300 {
							t.Errorf("%s: answered %d %.300q: %v", name, r.Status, r.Body, err)
						}
					}
				}
				want := map[bool]int{true: 200, false: 400}[c.stock]
				if r := (call{Header: header}).To(t, bare(t, transport, service)); r.Status != want {
					t.Errorf("grpc-gateway answers %d, recorded is %d", r.Status, want)
				}
			})
		}
	}
}

// TestLateSuccess has a service in process that does not watch its context: what it answers is answered, whenever it
// comes. An error of the context is a 504, however it is dressed.
func TestLateSuccess(t *testing.T) {
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
			t.Errorf("%s: answered %d %q", name, r.Status, r.Body)
		}
	}
}

// TestDeadlineContext has the context of a call with a deadline behave as package context's own: it ends with the
// request, and what is derived from it ends with it.
func TestDeadlineContext(t *testing.T) {
	type key struct{}
	entered, left := make(chan struct{}), make(chan error, 3)
	service := &testkit.Service{}
	service.Behave(func(ctx context.Context) error {
		derived, cancel := context.WithTimeout(context.WithValue(ctx, key{}, "value"), 9*time.Hour)
		defer cancel()
		context.AfterFunc(derived, func() { left <- ctx.Err() })
		close(entered)
		<-derived.Done()
		left <- derived.Err()
		left <- context.Cause(derived)
		return ctx.Err()
	})
	base := bridged(t, testkit.InProcess, service, gateway.New(gateway.WithDeadline(time.Hour)), withContext)
	ctx, cancel := context.WithCancel(t.Context())
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, base+"/v1/things/1", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	go func() { <-entered; cancel() }()
	if response, err := http.DefaultClient.Do(request); err == nil {
		response.Body.Close()
		t.Error("answered")
	}
	for range 3 {
		if err := <-left; !errors.Is(err, context.Canceled) {
			t.Errorf("the context ended with %v", err)
		}
	}
}

// TestDeadlineGoroutines has a deadline cost no goroutine while nothing happens.
func TestDeadlineGoroutines(t *testing.T) {
	count := func(mux *runtime.ServeMux) (running int) {
		service := &testkit.Service{}
		service.Behave(func(ctx context.Context) error {
			_, cancel := context.WithCancel(context.WithValue(ctx, t, t))
			defer cancel()
			running = goruntime.NumGoroutine()
			return nil
		})
		testkit.Register(t, testkit.InProcess, service, mux)
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		mux.ServeHTTP(httptest.NewRecorder(), httptest.NewRequestWithContext(ctx, http.MethodGet, "/v1/things/1", http.NoBody))
		return running
	}
	defer debug.SetGCPercent(debug.SetGCPercent(-1)) // which has goroutines of its own
	bridge := gateway.New(gateway.WithDeadline(time.Hour))
	if without, with := count(runtime.NewServeMux(withContext)), count(bridge.NewServeMux(withContext)); with > without {
		t.Errorf("%d goroutines run in a call with a deadline, %d without", with, without)
	}
}
