package gateway_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/statusbridge/statusbridge/gateway"
	"github.com/statusbridge/statusbridge/internal/testkit"
	"github.com/statusbridge/statusbridge/mapping"
)

// TestAllow compares routing with the reference matcher over generated tables: 404 where nothing matches, 405 where
// only other methods do, with exactly these in Allow (RFC 9110 section 15.5.6), and HEAD wherever GET.
func TestAllow(t *testing.T) {
	for seed := range uint64(40) {
		strict := seed%2 == 1
		t.Run(fmt.Sprint("table ", seed), func(t *testing.T) {
			random := rand.New(rand.NewPCG(seed, 1))
			table := testkit.RandomBindings(random, 1+random.IntN(24))
			var options []runtime.ServeMuxOption
			if strict {
				options = append(options, runtime.WithStrictDeepWildcardMatching())
			}
			mux := gateway.New().NewServeMux(options...)
			for _, b := range table {
				if err := mux.HandlePath(b.Method, b.Template.String(), says("served")); err != nil {
					t.Fatal(b, err)
				}
			}
			for range 60 {
				path := testkit.RandomPath(random, table)
				methods := testkit.MethodsOf(table, path, strict)
				for _, method := range append([]string{"OPTIONS", "get", "FROB"}, testkit.BoundMethods...) {
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
	checkAnswered(t, testkit.Recorded(recorder), method, path, methods)
}

// checkAnswered compares an answer with the methods that are bound to the path.
func checkAnswered(t *testing.T, r testkit.Response, method, path string, methods []string) {
	t.Helper()
	served := slices.Contains(methods, method) || method == http.MethodHead && slices.Contains(methods, http.MethodGet)
	switch {
	case served:
		if r.Status != 200 || r.Body != "served" {
			t.Errorf("%s %s: %d %s, want it served", method, path, r.Status, r.Body)
		}
	case len(methods) == 0 && method == http.MethodHead:
		if r.Status != 404 || r.Body != "" {
			t.Errorf("HEAD %s: %d %q, want 404", path, r.Status, r.Body)
		}
	case len(methods) == 0:
		r.WantError(t, 404, "", "")
	default:
		if got, want := r.Header["Allow"], []string{strings.Join(methods, ", ")}; r.Status != 405 || !slices.Equal(got, want) {
			t.Errorf("%s %s: %d with Allow %q, want %q", method, path, r.Status, got, want)
		}
	}
	if allow := r.Header["Allow"]; r.Status != 405 && allow != nil {
		t.Errorf("%s %s: %d with Allow %q", method, path, r.Status, allow)
	}
}

// TestProbeIsSilent asks for the methods of a path through middleware of the user's own, also of one whose methods only
// the router knows. Nothing is called and nothing is written, wherever that middleware stands and whatever it does with
// a request.
func TestProbeIsSilent(t *testing.T) {
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
		"refuses through the mux with its own error": throughTheMux(&runtime.HTTPStatusError{HTTPStatus: 401, Err: refusal}),
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
				gateway.New().WriteError(w, r, refusal)
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
					mux = testkit.Register(t, transport, service, gateway.New().NewServeMux(own))
					for _, method := range []string{"DELETE", "GET", "PATCH", "PUT"} {
						// The router alone knows whether a deep wildcard may be nothing.
						err := mux.HandlePath(method, "/files/{path=**}", func(http.ResponseWriter, *http.Request, map[string]string) {
							called++
						})
						if err != nil {
							t.Fatal(err)
						}
					}
					base := testkit.Serve(t, mux)
					for _, path := range []string{"", "/files"} {
						r := call{Method: "OPTIONS", Path: path, Header: http.Header{"Authorization": {"Bearer x"}}}.To(t, base)
						r.WantError(t, 405, "", "")
						if got, want := r.Header["Allow"], []string{"DELETE, GET, PATCH, PUT"}; !slices.Equal(got, want) {
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

// TestAllowOfEscapedPath has a handler refuse a method of a path whose escapes the mux routes by.
func TestAllowOfEscapedPath(t *testing.T) {
	mux := gateway.New().NewServeMux(runtime.WithUnescapingMode(runtime.UnescapingModeAllExceptReserved))
	for _, template := range []string{"GET /files/{name}", "PUT /files/{name}", "PATCH /files/{name}/parts"} {
		method, path, _ := strings.Cut(template, " ")
		err := mux.HandlePath(method, path, func(w http.ResponseWriter, r *http.Request, _ map[string]string) {
			gateway.New().WriteError(w, r, mapping.Errorf(405, "%s is locked", r.URL.Path))
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

// TestAllowOfService has a service refuse a method that is bound. RFC 9110 section 15.5.6 demands Allow of every 405.
func TestAllowOfService(t *testing.T) {
	for _, transport := range testkit.Transports {
		service := &testkit.Service{}
		service.Behave(testkit.Fails(mapping.Errorf(405, "a managed thing cannot be deleted")))
		r := call{Method: "DELETE"}.To(t, bridged(t, transport, service, gateway.New()))
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
