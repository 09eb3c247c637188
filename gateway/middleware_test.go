package gateway_test

import (
	"fmt"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/statusbridge/statusbridge/gateway"
	"github.com/statusbridge/statusbridge/internal/testkit"
	"github.com/statusbridge/statusbridge/mapping"
)

// front stands before a mux and sets headers on every answer, as middleware for security and tracing does.
func front(t *testing.T, mux http.Handler, header http.Header) string {
	t.Helper()
	return testkit.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for name, values := range header {
			w.Header()[name] = slices.Clone(values)
		}
		mux.ServeHTTP(w, r)
	}))
}

// TestHeadersInFront keeps what middleware in front of the mux has set, on errors and on successes, and forwards the
// backend's metadata beside it. A backend commonly echoes the id that the middleware gave the request.
func TestHeadersInFront(t *testing.T) {
	backend := metadata.Pairs("x-request-id", "r-1", "x-other", "o")
	for name, c := range map[string]struct {
		behave testkit.Behaviour
		late   bool
		status int
	}{
		"success": {testkit.Sets(backend, nil, nil), false, 200},
		"error":   {testkit.Sets(backend, nil, testkit.ErrNotFound), false, 404},
		"late":    {testkit.Sets(backend, nil, nil), true, 500},
	} {
		for _, transport := range testkit.Transports {
			t.Run(fmt.Sprint(name, " ", transport), func(t *testing.T) {
				service := &testkit.Service{}
				service.Behave(c.behave)
				options := []runtime.ServeMuxOption{withIdentity}
				if c.late {
					options = append(options, runtime.WithForwardResponseRewriter(failingRewriter))
				}
				r := call{}.To(t, front(t, testkit.Register(t, transport, service, gateway.New().NewServeMux(options...)), http.Header{
					"X-Request-Id": {"r-1"}, "Cache-Control": {"no-store"}, "Vary": {"Origin"},
				}))
				if r.Status != c.status {
					t.Errorf("answered %d %s", r.Status, r.Body)
				}
				for name, want := range map[string][]string{"X-Other": {"o"}, "Cache-Control": {"no-store"}, "Vary": {"Origin"}} {
					if got := r.Header[name]; !slices.Equal(got, want) {
						t.Errorf("%s is %q, want %q", name, got, want)
					}
				}
				// Once from the middleware, and at most once from the backend.
				if got := len(r.Header["X-Request-Id"]); got != 1 && got != 2 {
					t.Errorf("X-Request-Id came %d times", got)
				}
			})
		}
	}
}

// TestReadOnly has middleware before the bridge refuse every method but GET with a 405, while the service refuses GET.
// The probes for Allow meet that middleware; its answers to them must not make probes of their own.
func TestReadOnly(t *testing.T) {
	const limit = 1000 // where the middleware breaks what might not end
	for _, transport := range testkit.Transports {
		var met atomic.Int64
		var n notebook
		readOnly := runtime.WithMiddlewares(func(next runtime.HandlerFunc) runtime.HandlerFunc {
			return func(w http.ResponseWriter, r *http.Request, params map[string]string) {
				if met.Add(1) > limit {
					panic("too many")
				}
				if r.Method != http.MethodGet {
					gateway.New().WriteError(w, r, mapping.Errorf(405, "read-only"))
					return
				}
				next(w, r, params)
			}
		})
		service := &testkit.Service{}
		service.Behave(testkit.Fails(mapping.Errorf(405, "not even reading")))
		base := bridged(t, transport, service, gateway.New(gateway.WithObserver(n.observe)), readOnly)
		call{}.To(t, base).WantError(t, 405, "not even reading", "")
		if met.Load() > 20 {
			t.Errorf("%s: the middleware was called %d times", transport, met.Load())
		}
		if len(n.seen) != 1 {
			t.Errorf("%s: observed %d answers, one was sent", transport, len(n.seen))
		}
	}
}

// TestConcurrency mixes answers on one mux: none of them may show a piece of another.
func TestConcurrency(t *testing.T) {
	for _, transport := range testkit.Transports {
		var n notebook
		mux := testkit.Register(t, transport, &testkit.Service{}, gateway.New(gateway.WithObserver(n.observe)).NewServeMux(runtime.WithMiddlewares(func(next runtime.HandlerFunc) runtime.HandlerFunc {
			return func(w http.ResponseWriter, r *http.Request, params map[string]string) {
				if message := r.Header.Get("Fail"); message != "" {
					gateway.New().WriteError(w, r, status.Error(codes.Aborted, message))
					return
				}
				next(w, r, params)
			}
		})))
		base := testkit.Serve(t, mux)
		var group sync.WaitGroup
		for worker := range 8 {
			group.Go(func() {
				for i := range 20 {
					message := fmt.Sprintf("worker %d failed %d times", worker, i)
					for _, c := range []struct {
						call call
						want testkit.ErrorBody
					}{
						{call{Header: http.Header{"Fail": {message}}}, testkit.ErrorBody{Code: 409, Message: message}},
						{call{Path: fmt.Sprintf("/v1/things/w%d", worker)},
							testkit.ErrorBody{Code: 400, Message: fmt.Sprintf(`invalid parameter "id": "w%d": invalid syntax`, worker)}},
						{call{Method: "OPTIONS"}, testkit.ErrorBody{Code: 405, Message: testkit.Meanings[405]}},
					} {
						r, err := c.call.Send(http.DefaultClient, base)
						if err != nil {
							t.Error(err)
							return
						}
						if err := r.ErrorDefect(); err != nil {
							t.Error(err)
						}
						if got, _ := testkit.ParseErrorBody(r.Body); got != c.want {
							t.Errorf("answered %v, want %v", got, c.want)
						}
					}
				}
			})
		}
		group.Wait()
		if len(n.seen) != 8*20*3 {
			t.Errorf("%s: observed %d times", transport, len(n.seen))
		}
	}
}

// TestLatePanic is a forward option that breaks after the metadata has been forwarded: nothing of it stays.
func TestLatePanic(t *testing.T) {
	breaks := runtime.WithForwardResponseOption(brokenOption)
	{
		for _, transport := range testkit.Transports {
			t.Run(string(transport), func(t *testing.T) {
				service := &testkit.Service{}
				service.Behave(testkit.Sets(backendHeader, nil, nil))
				r := call{}.To(t, bridged(t, transport, service, gateway.New(), breaks))
				r.WantError(t, 500, "", "")
				if r.Header["Etag"] != nil {
					t.Errorf("the success left %v", r.Header)
				}
			})
		}
	}
}
