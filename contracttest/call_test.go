package contracttest_test

import (
	"context"
	"io"
	"maps"
	"net/http"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/grpc"

	"github.com/statusbridge/statusbridge/contracttest"
	"github.com/statusbridge/statusbridge/gateway"
	"github.com/statusbridge/statusbridge/internal/testkit/testkitv1"
	"github.com/statusbridge/statusbridge/mapping"
)

// notFound answers a request with a documented 404.
func notFound(w http.ResponseWriter, r *http.Request) {
	gateway.New().WriteError(w, r, mapping.Errorf(http.StatusNotFound, "The requested resource does not exist."))
}

// onPath calls one handler for a path, and another for all other paths.
func onPath(path string, handler http.HandlerFunc) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != path {
			notFound(w, r)
			return
		}
		handler(w, r)
	})
}

// byHand runs against a server with one route that is registered by hand.
func byHand(t *testing.T, handler http.HandlerFunc, options ...contracttest.Option) map[string]int {
	t.Helper()
	return contracttest.RunPart(t, contracttest.None, func(*grpc.ClientConn, func() string) http.Handler {
		return onPath("/hand", handler)
	}, append(options, contracttest.WithRoutes("GET /hand"))...).Violations
}

// TestCallAborted expects that equal failures of a connection have equal texts, whatever their address and stream.
func TestCallAborted(t *testing.T) {
	abort := func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }
	got := byHand(t, abort)
	for _, want := range []string{
		"complete: the response cannot be read: EOF",
		"complete: the response cannot be read: stream error: INTERNAL_ERROR; received from peer",
	} {
		if got[want] == 0 {
			t.Errorf("no %q in %v", want, got)
		}
	}
	if len(got) != 2 {
		t.Errorf("got %v", got)
	}
}

// TestCallEarlyAbort expects that a lost connection counts as an early error if the client is still sending.
func TestCallEarlyAbort(t *testing.T) {
	part := contracttest.RunPart(t, contracttest.None, func(_ *grpc.ClientConn, _ func() string) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			switch {
			case r.Close:
				panic(http.ErrAbortHandler)
			case r.URL.Path == "/hand" && (r.Method == http.MethodGet || r.Method == http.MethodHead):
				w.WriteHeader(http.StatusOK)
			default:
				notFound(w, r)
			}
		})
	}, contracttest.WithRoutes("GET /hand"), contracttest.WithoutRule("wrong-method", "the test has no router"))
	if len(part.Violations) != 1 || !hasRule(slices.Collect(maps.Keys(part.Violations)), "early-error") {
		t.Errorf("got %v", part.Violations)
	}
}

// TestCallUnread expects a violation if the server reads a part of the body and closes the connection.
func TestCallUnread(t *testing.T) {
	for read, want := range map[int64][]string{
		1: {"early-error: the body of the request was not read before the connection closes"}, 1 << 20: nil,
	} {
		part := contracttest.RunPart(t, contracttest.None, func(*grpc.ClientConn, func() string) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path == "/hand" {
					w.WriteHeader(http.StatusOK)
					return
				}
				_, _ = io.CopyN(io.Discard, r.Body, read)
				maps.Copy(w.Header(), documentedHeader(anError))
				w.WriteHeader(http.StatusNotFound)
				if r.Method != http.MethodHead {
					_, _ = io.WriteString(w, anError)
				}
			})
		}, contracttest.WithRoutes("GET /hand"))
		if diff := cmp.Diff(want, sorted(part.Violations)); diff != "" {
			t.Errorf("%d bytes: (-want +got)\n%s", read, diff)
		}
	}
}

// TestCallInvalid expects a violation for a path that is no URL.
func TestCallInvalid(t *testing.T) {
	part := contracttest.RunPart(t, contracttest.None, func(*grpc.ClientConn, func() string) http.Handler {
		return http.HandlerFunc(notFound)
	}, contracttest.WithRoutes("GET /%zz"))
	const want = `complete: the request cannot be made: invalid URL escape "%zz"`
	if part.Violations[want] == 0 {
		t.Errorf("got %v", part.Violations)
	}
}

// TestCallLate expects that Run gives a response up after a time, and a route after three such responses.
func TestCallLate(t *testing.T) {
	for text, begin := range map[string]func(http.ResponseWriter){
		"complete: no response after 200ms":                func(http.ResponseWriter) {},
		"complete: the response does not end within 200ms": func(w http.ResponseWriter) { w.(http.Flusher).Flush() },
	} {
		t.Run(text, func(t *testing.T) {
			var asked atomic.Int32
			got := byHand(t, func(w http.ResponseWriter, r *http.Request) {
				asked.Add(1)
				_, _ = io.Copy(io.Discard, r.Body) // net/http then notices that the client is gone
				begin(w)
				<-r.Context().Done()
			}, contracttest.WithPatience(200*time.Millisecond))
			if got[text] == 0 || asked.Load() > 3 {
				t.Errorf("after %d requests: got %v", asked.Load(), got)
			}
		})
	}
}

// TestCallRequest expects the header and the body of a request.
func TestCallRequest(t *testing.T) {
	seen := map[string]bool{}
	byHand(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet {
			seen[r.Proto+r.Header.Get("Content-Type")+r.Header.Get("Authorization")] = true
		}
		w.WriteHeader(http.StatusOK)
	}, contracttest.WithRequest(func(r *http.Request) { r.Header.Set("Authorization", "a") }),
		contracttest.WithRequest(func(r *http.Request) {
			r.Header.Set("Authorization", r.Header.Get("Authorization")+"b")
		}))
	want := map[string]bool{"HTTP/1.1application/jsonab": true, "HTTP/1.1ab": true, "HTTP/2.0ab": true}
	if diff := cmp.Diff(want, seen); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// TestOpenCall expects that Run ends although the handler never ends a call.
func TestOpenCall(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	contracttest.RunPart(t, contracttest.None, func(conn *grpc.ClientConn, _ func() string) http.Handler {
		if _, err := testkitv1.NewThingServiceClient(conn).Upload(ctx); err != nil {
			t.Fatal(err)
		}
		return http.HandlerFunc(notFound)
	}, contracttest.WithRoutes("GET /hand"), contracttest.WithPatience(100*time.Millisecond))
}

// TestTimeout takes values from the definition of grpc-timeout in gRPC over HTTP/2.
func TestTimeout(t *testing.T) {
	for value, want := range map[string]time.Duration{
		"1H": time.Hour, "2M": 2 * time.Minute, "3S": 3 * time.Second, "99999999m": 99999999 * time.Millisecond,
		"5u": 5 * time.Microsecond, "6n": 6, "": -1, "7": -1, "S": -1, "7x": -1,
	} {
		got, ok := contracttest.Timeout(value)
		if ok != (want >= 0) || ok && got != want {
			t.Errorf("%q: got %v, %v", value, got, ok)
		}
	}
}
