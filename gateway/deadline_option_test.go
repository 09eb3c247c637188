package gateway_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	goruntime "runtime"
	"runtime/debug"
	"strings"
	"testing"
	"time"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"

	"github.com/statusbridge/statusbridge/gateway"
	"github.com/statusbridge/statusbridge/internal/testkit"
)

// TestDeadlineIsTheShortest gives a call the shortest of the configured deadline, grpc-gateway's default and the
// client's. A stream has the latter two. Without this library the client decides.
func TestDeadlineIsTheShortest(t *testing.T) {
	const none = ""
	for _, c := range []struct {
		limit, def             time.Duration
		asked                  string
		unary, stream, without string // hours
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
		{2, 0, "2562047H", "2", "2562047", "2562047"}, // the longest that is not cut
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
				service.BehaveStream(func(ctx context.Context,
					send func() error) error {
					return cmp.Or(remains(ctx), send())
				})
				var options []gateway.Option
				if c.limit > 0 {
					options = append(options, gateway.WithDeadline(c.limit*time.Hour))
				}
				header := http.Header{}
				if c.asked != none {
					header.Set("Grpc-Timeout", c.asked)
				}
				bridge := gateway.New(options...)
				mux := testkit.Register(t, transport, service, bridge.NewServeMux())
				alone, inside := testkit.Serve(t, mux), testkit.Serve(t, bridge.Handler(mux))
				for range 2 { // the first call knows no less than the second
					for _, base := range []string{alone, inside} {
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
				if got := given(t, call{Header: header}, bare(t, transport, service)); got != c.without {
					t.Errorf("grpc-gateway gives %s hours, recorded is %s", got, c.without)
				}
			})
		}
	}
}

// TestDeadlineOfRoutes lets the most specific option count.
func TestDeadlineOfRoutes(t *testing.T) {
	t.Parallel()
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
		{"the most specific", []gateway.Option{hours(1, "GET "+thing), hours(2, thing), hours(3)}, "1", "2", "3", "3",
			"3"},
		{"the most specific, in another order", []gateway.Option{hours(3), hours(2, thing), hours(1, "GET "+thing)},
			"1", "2", "3", "3", "3"},
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

// TestDeadlineInsideHandler puts Handler around muxes. The bridge that made the mux decides about its deadlines.
func TestDeadlineInsideHandler(t *testing.T) {
	t.Parallel()
	hours := func(n int, routes ...string) gateway.Option {
		return gateway.WithDeadline(time.Duration(n)*time.Hour, routes...)
	}
	service := &testkit.Service{}
	service.Behave(remains)
	mux := func(bridge *gateway.Bridge) http.Handler {
		return testkit.Register(t, testkit.Network, service, bridge.NewServeMux())
	}
	none, one, two := standard, gateway.New(hours(1)), gateway.New(hours(2))
	route, another := gateway.New(hours(1, "GET /v1/things/{id}")), gateway.New(hours(1, "/v1/things"))
	long := gateway.New(hours(10))
	for name, c := range map[string]struct {
		handler http.Handler
		want    string
	}{
		"one bridge":                     {one.Handler(mux(one)), "1"},
		"one bridge, twice":              {one.Handler(one.Handler(mux(one))), "1"},
		"one bridge, a route":            {route.Handler(mux(route)), "1"},
		"one bridge, another route":      {another.Handler(mux(another)), "0"},
		"one bridge without a deadline":  {none.Handler(mux(none)), "0"},
		"two bridges":                    {one.Handler(mux(two)), "2"},
		"two bridges, the outer has one": {one.Handler(mux(none)), "0"},
		"inside http.TimeoutHandler":     {one.Handler(http.TimeoutHandler(mux(one), 9*time.Hour, "")), "1"},
		"inside a shorter one":           {long.Handler(http.TimeoutHandler(mux(long), 9*time.Hour, "")), "9"},
	} {
		base := testkit.Serve(t, c.handler)
		for range 2 {
			if got := given(t, call{}, base); got != c.want {
				t.Errorf("%s: the call has %s hours, want %s", name, got, c.want)
			}
		}
	}
}

// TestDeadlineOptionPanics refuses values that can never apply.
func TestDeadlineOptionPanics(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		d     time.Duration
		route string
	}{
		{0, ""}, {-1, ""}, {time.Second, "/v1/{id"}, {time.Second, "v1/things"}, {time.Second, "GET"}, {time.Second,
			"GET v1"},
		{time.Second, "GET "}, {time.Second, " /v1"}, {time.Second, "G(T /v1"}, {time.Second,
			"GET /v1 /v2"}, {time.Second, "/v1/{}"},
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

// TestGrpcTimeoutHeader holds Grpc-Timeout to the grammar of gRPC over HTTP/2: 1 to 8 digits and a unit. grpc-gateway
// without this library accepts more.
func TestGrpcTimeoutHeader(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		values         []string
		valid, without bool
	}{
		{[]string{"1H"}, true, true}, {[]string{"1M"}, true, true}, {[]string{"90S"}, true,
			true}, {[]string{"90000m"}, true, true},
		{[]string{"90000000u"}, true, true}, {[]string{"99999999S"}, true, true}, {[]string{"00000060S"}, true,
			true}, {[]string{"0S"}, true, true},
		{[]string{"0000000060S"}, false, true}, {[]string{"9999999999H"}, false, true}, {[]string{"900000000000n"},
			false, true},
		{[]string{"1H", "1H"}, false, true}, {[]string{"1H", "never"}, false, true}, {[]string{""}, false, true},
		{[]string{"-1S"}, false, false}, {[]string{"+1S"}, false, false}, {[]string{"S"}, false,
			false}, {[]string{"1"}, false, false},
		{[]string{"1s"}, false, false}, {[]string{"1h"}, false, false}, {[]string{"1 S"}, false,
			false}, {[]string{"1.5S"}, false, false},
		{[]string{"1_0S"}, false, false}, {[]string{"0x1S"}, false, false}, {[]string{"1e3S"}, false,
			false}, {[]string{"٣S"}, false, false},
		{[]string{"never"}, false, false}, {[]string{"1D"}, false, false}, {[]string{strings.Repeat("9", 5000) + "S"},
			false, false},
	} {
		for _, transport := range testkit.Transports {
			t.Run(fmt.Sprintf("%.20q %s", c.values, transport), func(t *testing.T) {
				service := &testkit.Service{}
				header := http.Header{"Grpc-Timeout": c.values}
				for name, base := range map[string]string{
					"bridge": bridged(t, transport, service, standard), "deadline": bridged(t, transport,
						service, gateway.New(gateway.WithDeadline(time.Hour))),
				} {
					for _, path := range []string{"", watch.Path} {
						if path != "" && transport == testkit.InProcess {
							continue
						}
						r := call{Path: path, Header: header}.To(t, base)
						if c.valid {
							if r.Status != 200 {
								t.Errorf("%s: responded with %d %q", name, r.Status, r.Body)
							}
							continue
						}
						if err := r.ErrorDefect(); err != nil || r.Status != 400 ||
							!strings.Contains(r.Body, "Grpc-Timeout") || len(r.Body) > 300 {
							t.Errorf("%s: responded with %d %.300q: %v", name, r.Status, r.Body, err)
						}
					}
				}
				want := map[bool]int{true: 200, false: 400}[c.without]
				if r := (call{Header: header}).To(t, bare(t, transport, service)); r.Status != want {
					t.Errorf("grpc-gateway sends %d, recorded is %d", r.Status, want)
				}
			})
		}
	}
}

// TestDeadlineContext has the context of a call with a deadline end with the request, and everything derived from it.
func TestDeadlineContext(t *testing.T) {
	t.Parallel()
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
	if response, err := testkit.Client.Do(request); err == nil {
		response.Body.Close()
		t.Error("got a response")
	}
	for range 3 {
		if err := <-left; !errors.Is(err, context.Canceled) {
			t.Errorf("the context ended with %v", err)
		}
	}
}

// TestDeadlineContextCause reads causes and values through the context of a call with a deadline.
func TestDeadlineContextCause(t *testing.T) {
	t.Parallel()
	type key struct{}
	errStop := errors.New("stop")
	mux := gateway.New(gateway.WithDeadline(time.Minute)).NewServeMux()
	err := mux.HandlePath(http.MethodGet, "/own", func(w http.ResponseWriter, r *http.Request, _ map[string]string) {
		if r.Context().Value(key{}) != "v" || context.Cause(r.Context()) != nil {
			t.Error("lost")
		}
		<-r.Context().Done()
		if !errors.Is(context.Cause(r.Context()), errStop) {
			t.Errorf("%v", context.Cause(r.Context()))
		}
		_, _ = io.WriteString(w, "done")
	})
	if err != nil {
		t.Fatal(err)
	}
	call{Path: "/own"}.To(t, testkit.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeoutCause(context.WithValue(r.Context(), key{}, "v"), 50*time.Millisecond,
			errStop)
		defer cancel()
		mux.ServeHTTP(w, r.WithContext(ctx))
	})))
}

// TestDeadlineContextStartsNoGoroutine counts goroutines in a call with a deadline.
func TestDeadlineContextStartsNoGoroutine(t *testing.T) {
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
		mux.ServeHTTP(httptest.NewRecorder(), httptest.NewRequestWithContext(ctx, http.MethodGet, "/v1/things/1",
			http.NoBody))
		return running
	}
	defer debug.SetGCPercent(debug.SetGCPercent(-1)) // the collector runs goroutines too
	bridge := gateway.New(gateway.WithDeadline(time.Hour))
	if without, with := count(runtime.NewServeMux(withContext)),
		count(bridge.NewServeMux(withContext)); with > without {
		t.Errorf("%d goroutines run in a call with a deadline, %d without", with, without)
	}
}

// TestContextEndedByServer ends the context of a request while its client waits: 503, and the client is not gone.
func TestContextEndedByServer(t *testing.T) {
	t.Parallel()
	service := &testkit.Service{}
	started := make(chan struct{}, 1)
	service.Behave(func(ctx context.Context) error { started <- struct{}{}; <-ctx.Done(); return ctx.Err() })
	errStopping := errors.New("the server is told to stop")
	for name, serve := range map[string]func(*testing.T, http.Handler) (string, func()){
		"the server stops": func(t *testing.T, h http.Handler) (string, func()) {
			ctx, cancel := context.WithCancelCause(context.Background())
			server := httptest.NewUnstartedServer(h)
			server.Config.BaseContext = func(net.Listener) context.Context { return ctx }
			server.Start()
			t.Cleanup(server.Close)
			return server.URL, func() { cancel(errStopping) }
		},
		"middleware": func(t *testing.T, h http.Handler) (string, func()) {
			stop := make(chan struct{})
			return testkit.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				ctx, cancel := context.WithCancelCause(r.Context())
				go func() { <-stop; cancel(errStopping) }()
				h.ServeHTTP(w, r.WithContext(ctx))
			})), func() { close(stop) }
		},
	} {
		for _, deadline := range []bool{false, true} {
			t.Run(name, func(t *testing.T) {
				var n notebook
				options := []gateway.Option{gateway.WithObserver(n.observe)}
				if deadline {
					options = append(options, gateway.WithDeadline(time.Minute))
				}
				base, stop := serve(t, testkit.Register(t, testkit.Network, service,
					gateway.New(options...).NewServeMux()))
				go func() { <-started; stop() }()
				call{}.To(t, base).WantError(t, 503, "", "")
				if o := n.one(t); o.ClientGone {
					t.Errorf("the client has left: %v", o)
				}
			})
		}
	}
}
