package gateway_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"github.com/grpc-ecosystem/grpc-gateway/v2/utilities"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/statusbridge/statusbridge/gateway"
	"github.com/statusbridge/statusbridge/internal/testkit"
	"github.com/statusbridge/statusbridge/mapping"
)

// TestAllow compares routing with the reference router. It wants 404 if nothing matches, and 405 with exactly the
// bound methods in Allow (RFC 9110 section 15.5.6). HEAD is served wherever GET is bound.
func TestAllow(t *testing.T) {
	t.Parallel()
	for seed := range uint64(40) {
		strict := seed%2 == 1
		t.Run(fmt.Sprint("table ", seed), func(t *testing.T) {
			random := rand.New(rand.NewPCG(seed, 1))
			table := testkit.RandomBindings(random, 1+random.IntN(24))
			var options []runtime.ServeMuxOption
			if strict {
				options = append(options, runtime.WithStrictDeepWildcardMatching())
			}
			mux := standard.NewServeMux(options...)
			for _, b := range table {
				if err := mux.HandlePath(b.Method, b.Template.String(), says("served")); err != nil {
					t.Fatal(b, err)
				}
			}
			for range 60 {
				path := testkit.RandomPath(random, table)
				methods := testkit.MethodsOf(table, path, strict)
				for _, method := range append([]string{"TRACE", "get", "FROB"}, testkit.BoundMethods...) {
					checkRouted(t, mux, method, path, methods)
				}
			}
		})
	}
}

func checkRouted(t *testing.T, mux *runtime.ServeMux, method, path string, methods []string) {
	t.Helper()
	request := httptest.NewRequest(method, "/", nil)
	request.URL.Path = path
	recorder := httptest.NewRecorder()
	mux.ServeHTTP(recorder, request)
	wantRouted(t, testkit.Recorded(recorder), method, path, methods)
}

// wantRouted compares an answer with the methods that are bound to the path.
func wantRouted(t *testing.T, r testkit.Response, method, path string, methods []string) {
	t.Helper()
	served := slices.Contains(methods, method) || method == http.MethodHead && slices.Contains(methods, http.MethodGet)
	switch {
	case served:
		body := "served"
		if method == http.MethodHead {
			body = "" // whatever the server
		}
		if r.Status != 200 || r.Body != body {
			t.Errorf("%s %s: %d %s, want it served", method, path, r.Status, r.Body)
		}
	case len(methods) == 0 && method == http.MethodHead:
		if r.Status != 404 || r.Body != "" {
			t.Errorf("HEAD %s: %d %q, want 404", path, r.Status, r.Body)
		}
	case len(methods) == 0:
		r.WantError(t, 404, "", "")
	default:
		if got, want := r.Header["Allow"], []string{strings.Join(methods, ", ")}; r.Status != 405 ||
			!slices.Equal(got, want) {
			t.Errorf("%s %s: %d with Allow %q, want %q", method, path, r.Status, got, want)
		}
	}
	if allow := r.Header["Allow"]; r.Status != 405 && allow != nil {
		t.Errorf("%s %s: %d with Allow %q", method, path, r.Status, allow)
	}
}

// TestAllowOfService has a service refuse a bound method. RFC 9110 section 15.5.6 requires Allow in every 405.
func TestAllowOfService(t *testing.T) {
	t.Parallel()
	for _, transport := range testkit.Transports {
		service := &testkit.Service{}
		service.Behave(testkit.Fails(mapping.Errorf(405, "a managed thing cannot be deleted")))
		r := call{Method: "DELETE"}.To(t, bridged(t, transport, service, standard))
		r.WantError(t, 405, "a managed thing cannot be deleted", "")
		allow, ok := r.Header["Allow"]
		if !ok {
			t.Errorf("%s: no Allow", transport)
			continue
		}
		for _, method := range strings.Split(allow[0], ", ") {
			if !slices.Contains([]string{"DELETE", "GET", "PATCH", "PUT"}, method) {
				t.Errorf("%s: Allow is %q", transport, allow)
			}
		}
	}
}

// TestAllowOfEscapedPath has a handler refuse a method of a path that the mux routes by its escapes.
func TestAllowOfEscapedPath(t *testing.T) {
	t.Parallel()
	mux := standard.NewServeMux(runtime.WithUnescapingMode(runtime.UnescapingModeAllExceptReserved))
	for _, template := range []string{"GET /files/{name}", "PUT /files/{name}", "PATCH /files/{name}/parts"} {
		method, path, _ := strings.Cut(template, " ")
		err := mux.HandlePath(method, path, func(w http.ResponseWriter, r *http.Request, _ map[string]string) {
			standard.WriteError(w, r, mapping.Errorf(405, "%s is locked", r.URL.Path))
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	r := call{Method: "PUT", Path: "/files/a%2Fparts"}.To(t, testkit.Serve(t, mux))
	r.WantError(t, 405, "/files/a/parts is locked", "")
	if allow := r.Header.Get("Allow"); allow != "GET, PUT" {
		t.Errorf("Allow is %q", allow)
	}
}

// TestAllowOfMalformedPath has middleware rewrite a path to a malformed escape. A literal template can match it, and
// a variable cannot. The mux tries methods in random order and may send 400 first.
func TestAllowOfMalformedPath(t *testing.T) {
	t.Parallel()
	mux := standard.NewServeMux(runtime.WithUnescapingMode(runtime.UnescapingModeAllCharacters))
	literal, err := runtime.NewPattern(1, []int{int(utilities.OpLitPush), 0}, []string{"%zz"}, "")
	if err != nil {
		t.Fatal(err)
	}
	mux.Handle(http.MethodGet, literal, says("served"))
	if err := mux.HandlePath(http.MethodPut, "/{id}", says("served")); err != nil {
		t.Fatal(err)
	}
	for range 100 {
		request := httptest.NewRequest(http.MethodDelete, "/", nil)
		request.URL.Path, request.URL.RawPath = "/%zz", "/%zz"
		recorder := httptest.NewRecorder()
		mux.ServeHTTP(recorder, request)
		r := testkit.Recorded(recorder)
		if r.Status == http.StatusBadRequest {
			continue
		}
		r.WantError(t, 405, "", "")
		if allow := r.Header.Get("Allow"); allow != "GET" {
			t.Errorf("Allow is %q", allow)
		}
		return
	}
	t.Error("no answer but 400")
}

// TestAllowAfterStripPrefix has a handler strip a prefix and refuse. Allow lists the methods of the requested path.
func TestAllowAfterStripPrefix(t *testing.T) {
	t.Parallel()
	refuse := http.StripPrefix("/files", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		standard.WriteError(w, r, mapping.Errorf(405, "not this file"))
	}))
	for _, transport := range testkit.Transports {
		mux := testkit.Register(t, transport, &testkit.Service{}, standard.NewServeMux())
		err := mux.HandlePath("PURGE", "/files/{path=**}",
			func(w http.ResponseWriter, r *http.Request, _ map[string]string) {
				refuse.ServeHTTP(w, r)
			})
		if err != nil {
			t.Fatal(err)
		}
		base := testkit.Serve(t, mux)
		for _, c := range []struct {
			call call
			want string
		}{
			{call{Method: "PURGE", Path: "/files/v1/things/1"}, "PURGE"},
			{call{Method: http.MethodOptions}, "DELETE, GET, PATCH, PUT"},
			{call{Method: http.MethodOptions, Path: "/files/v1/things/1"}, "PURGE"},
		} {
			r := c.call.To(t, base)
			if got := r.Header.Get("Allow"); r.Status != 405 || got != c.want {
				t.Errorf("%s: %s %s: %d with Allow %q, want %q", transport, c.call.Method, c.call.Path, r.Status, got,
					c.want)
			}
		}
	}
}

// TestAllowAfterMethodOverride has middleware rewrite the method.
func TestAllowAfterMethodOverride(t *testing.T) {
	t.Parallel()
	override := runtime.WithMiddlewares(func(next runtime.HandlerFunc) runtime.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request, params map[string]string) {
			if method := r.Header.Get("Override"); method != "" {
				r.Method = method
				standard.WriteError(w, r, mapping.Errorf(405, ""))
				return
			}
			next(w, r, params)
		}
	})
	base := bridged(t, testkit.InProcess, &testkit.Service{}, standard, override)
	for range 2 {
		for _, c := range []call{{Header: http.Header{"Override": {"FROB"}}}, {Method: http.MethodOptions}} {
			r := c.To(t, base)
			r.WantError(t, 405, "", "")
			if got := r.Header.Get("Allow"); got != "DELETE, GET, PATCH, PUT" {
				t.Errorf("%s: Allow is %q", c.Method, got)
			}
		}
	}
}

// TestAllowOfNestedMux asks a mux inside another mux, under another path. Allow lists the methods of the inner mux.
func TestAllowOfNestedMux(t *testing.T) {
	t.Parallel()
	inner := standard.NewServeMux()
	if err := inner.HandlePath(http.MethodGet, "/a",
		func(http.ResponseWriter, *http.Request, map[string]string) {}); err != nil {
		t.Fatal(err)
	}
	outer := standard.NewServeMux()
	pass := func(w http.ResponseWriter, r *http.Request, _ map[string]string) {
		http.StripPrefix("/api", inner).ServeHTTP(w, r)
	}
	for _, method := range []string{http.MethodGet, http.MethodPost} {
		if err := outer.HandlePath(method, "/api/{rest=**}", pass); err != nil {
			t.Fatal(err)
		}
	}
	r := call{Method: http.MethodPost, Path: "/api/a"}.To(t, testkit.Serve(t, outer))
	r.WantError(t, 405, "", "")
	if got := r.Header["Allow"]; !slices.Equal(got, []string{http.MethodGet}) {
		t.Errorf("Allow is %q", got)
	}
}

// TestAllowOfLaterRoutes registers a route after its path has been refused.
func TestAllowOfLaterRoutes(t *testing.T) {
	t.Parallel()
	mux := standard.NewServeMux()
	base := testkit.Serve(t, mux)
	want := []string{}
	for _, method := range []string{http.MethodDelete, http.MethodGet, "PURGE"} {
		if err := mux.HandlePath(method, "/v1/late", says("x")); err != nil {
			t.Fatal(err)
		}
		want = append(want, method)
		for range 3 {
			r := call{Method: http.MethodPatch, Path: "/v1/late"}.To(t, base)
			r.WantError(t, 405, "", "")
			if got := r.Header.Get("Allow"); got != strings.Join(want, ", ") {
				t.Errorf("Allow is %q, want %q", got, strings.Join(want, ", "))
			}
		}
	}
}

// TestAllowOfManyPaths asks for many paths from several clients at once.
func TestAllowOfManyPaths(t *testing.T) {
	t.Parallel()
	mux := standard.NewServeMux(runtime.WithUnescapingMode(runtime.UnescapingModeAllExceptReserved))
	for path, methods := range map[string][]string{"/v1/a/{id}": {"GET", "PUT"}, "/v1/b/{id}": {"DELETE"}} {
		for _, method := range methods {
			if err := mux.HandlePath(method, path, says("x")); err != nil {
				t.Fatal(err)
			}
		}
	}
	base := testkit.Serve(t, mux)
	var group sync.WaitGroup
	for client := range 4 {
		group.Go(func() {
			for i := range 200 {
				id := fmt.Sprintf("%d-%d", client%2, i)
				switch i % 10 {
				case 8:
					id = strings.Repeat("x", 300)
				case 9:
					id += "%2Fescaped"
				}
				for path, want := range map[string]string{"/v1/a/": "GET, PUT", "/v1/b/": "DELETE"} {
					r, err := call{Method: http.MethodPatch, Path: path + id}.Send(testkit.Client, base)
					if err != nil {
						t.Error(err)
						return
					}
					if got := r.Header.Get("Allow"); r.Status != 405 || got != want {
						t.Errorf("PATCH %s%s: %d with Allow %q, want %q", path, id, r.Status, got, want)
					}
				}
			}
		})
	}
	group.Wait()
}

// TestAllowProbesAreSilent asks for the methods of a path through a user's middleware. The probes call no handler and
// write nothing.
func TestAllowProbesAreSilent(t *testing.T) {
	t.Parallel()
	var mux *runtime.ServeMux
	throughTheMux := func(err error) runtime.Middleware {
		return func(runtime.HandlerFunc) runtime.HandlerFunc {
			return func(w http.ResponseWriter, r *http.Request, _ map[string]string) {
				runtime.HTTPError(r.Context(), mux, &runtime.JSONPb{}, w, r, err)
			}
		}
	}
	refusal := status.Error(codes.Unauthenticated, "no token")
	middlewares := map[string]runtime.Middleware{
		"refuses through the mux":                    throughTheMux(refusal),
		"refuses through the mux with a plain error": throughTheMux(errors.New("no token")),
		"refuses through the mux with its own error": throughTheMux(&runtime.HTTPStatusError{HTTPStatus: 401,
			Err: refusal}),
		"passes": func(next runtime.HandlerFunc) runtime.HandlerFunc { return next },
		"writes": func(next runtime.HandlerFunc) runtime.HandlerFunc {
			return func(w http.ResponseWriter, r *http.Request, params map[string]string) {
				w.Header().Set("X-Written", "yes")
				w.Header().Set("Allow", "EVERYTHING")
				next(w, r, params)
				_, _ = w.Write([]byte("more"))
			}
		},
		"refuses": func(runtime.HandlerFunc) runtime.HandlerFunc {
			return func(w http.ResponseWriter, r *http.Request, _ map[string]string) {
				standard.WriteError(w, r, refusal)
			}
		},
		"panics": func(runtime.HandlerFunc) runtime.HandlerFunc {
			return func(_ http.ResponseWriter, r *http.Request, _ map[string]string) {
				panic("no token in " + r.Header["Authorization"][0])
			}
		},
		"detaches the context and wraps the writer": func(next runtime.HandlerFunc) runtime.HandlerFunc {
			return func(w http.ResponseWriter, r *http.Request, params map[string]string) {
				next(&testkit.LogWriter{ResponseWriter: w}, r.WithContext(t.Context()), params)
			}
		},
		"detaches the context and bounds the body": func(next runtime.HandlerFunc) runtime.HandlerFunc {
			return func(w http.ResponseWriter, r *http.Request, params map[string]string) {
				r = r.WithContext(t.Context())
				r.Body = http.MaxBytesReader(w, r.Body, 1<<10)
				next(w, r, params)
			}
		},
		"detaches the context": func(next runtime.HandlerFunc) runtime.HandlerFunc {
			return func(w http.ResponseWriter, r *http.Request, params map[string]string) {
				next(w, r.WithContext(t.Context()), params)
			}
		},
	}
	for name, middleware := range middlewares {
		own := runtime.WithMiddlewares(middleware)
		{
			for _, transport := range testkit.Transports {
				t.Run(fmt.Sprint(name, " ", transport), func(t *testing.T) {
					service := &testkit.Service{}
					called := 0
					mux = testkit.Register(t, transport, service, standard.NewServeMux(own))
					for _, method := range []string{"DELETE", "GET", "PATCH", "PUT"} {
						// The router alone knows whether a deep wildcard may be nothing.
						err := mux.HandlePath(method, "/files/{path=**}",
							func(http.ResponseWriter, *http.Request, map[string]string) {
								called++
							})
						if err != nil {
							t.Fatal(err)
						}
					}
					base := testkit.Serve(t, mux)
					for _, path := range []string{"", "/files"} {
						r := call{Method: "OPTIONS", Path: path,
							Header: http.Header{"Authorization": {"Bearer x"}}}.To(t, base)
						r.WantError(t, 405, "", "")
						if got, want := r.Header["Allow"], []string{"DELETE, GET, PATCH, PUT"}; !slices.Equal(got,
							want) {
							t.Errorf("Allow of %q is %q, want %q", path, got, want)
						}
						if r.Header["X-Written"] != nil {
							t.Error("a probe wrote a header")
						}
					}
					if service.Calls() != 0 || called != 0 {
						t.Errorf("the service was called %d times, the handler %d times", service.Calls(), called)
					}
				})
			}
		}
	}
}

// TestAllowProbesSkipMiddleware has middleware refuse every method but GET while the service refuses GET. The probes
// for Allow do not run that middleware.
func TestAllowProbesSkipMiddleware(t *testing.T) {
	t.Parallel()
	for _, transport := range testkit.Transports {
		var calls atomic.Int64
		var n notebook
		bridge := gateway.New(gateway.WithObserver(n.observe))
		readOnly := within(func(w http.ResponseWriter, r *http.Request, next func(http.ResponseWriter, *http.Request)) {
			calls.Add(1)
			if r.Method != http.MethodGet {
				bridge.WriteError(w, r, mapping.Errorf(405, "read-only"))
				return
			}
			next(w, r)
		})
		service := &testkit.Service{}
		service.Behave(testkit.Fails(mapping.Errorf(405, "not even reading")))
		base := bridged(t, transport, service, bridge, readOnly)
		call{}.To(t, base).WantError(t, 405, "not even reading", "")
		if calls.Load() != 1 {
			t.Errorf("%s: the middleware was called %d times", transport, calls.Load())
		}
		n.one(t)
	}
}
