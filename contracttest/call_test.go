package contracttest_test

import (
	"context"
	"io"
	"maps"
	"net/http"
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

// notFound sends a documented 404.
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

// byHand runs against a server with one route that is registered by hand, and returns the violations.
func byHand(t *testing.T, handler http.HandlerFunc, options ...contracttest.Option) map[string]int {
	t.Helper()
	return contracttest.RunPart(t, contracttest.None, func(*grpc.ClientConn, func() string) http.Handler {
		return onPath("/hand", handler)
	}, append(options, contracttest.WithRoutes("GET /hand"))...).Violations
}

// TestCallAborted expects equal texts for equal failures of a connection. They name neither addresses nor streams.
func TestCallAborted(t *testing.T) {
	abort := func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }
	want := []string{
		"complete: the response cannot be read: EOF",
		"complete: the response cannot be read: stream error: INTERNAL_ERROR; received from peer",
	}
	if diff := cmp.Diff(want, sorted(byHand(t, abort))); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
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
	if got := sorted(part.Violations); len(got) != 1 || !hasRule(got, "early-error") {
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

// TestCallInvalid expects a violation for a path that is not a URL.
func TestCallInvalid(t *testing.T) {
	part := contracttest.RunPart(t, contracttest.None, func(*grpc.ClientConn, func() string) http.Handler {
		return http.HandlerFunc(notFound)
	}, contracttest.WithRoutes("GET /%zz"))
	const want = `complete: the request cannot be made: invalid URL escape "%zz"`
	if part.Violations[want] == 0 {
		t.Errorf("got %v", part.Violations)
	}
}

// TestCallLate expects that Run waits for a response only for a time. After three late responses, it does not ask the
// route again.
func TestCallLate(t *testing.T) {
	const (
		noResponse = "complete: no response after 400ms"
		noEnd      = "complete: the response does not end within 400ms"
	)
	for text, begin := range map[string]func(http.ResponseWriter){
		noResponse: func(http.ResponseWriter) {},
		noEnd:      func(w http.ResponseWriter) { w.(http.Flusher).Flush() },
	} {
		t.Run(text, func(t *testing.T) {
			var asked atomic.Int32
			got := byHand(t, func(w http.ResponseWriter, r *http.Request) {
				asked.Add(1)
				_, _ = io.Copy(io.Discard, r.Body) // net/http then notices that the client is gone
				begin(w)
				<-r.Context().Done()
			}, contracttest.WithPatience(400*time.Millisecond))
			if got[text] == 0 || got[noResponse]+got[noEnd] < 3 || asked.Load() > 3 {
				t.Errorf("after %d requests: got %v", asked.Load(), got)
			}
		})
	}
}

// TestCallRequest expects a Content-Type only with a body, and the changes of WithRequest in their order.
func TestCallRequest(t *testing.T) {
	seen := map[string]bool{}
	byHand(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet {
			seen[r.Proto+" "+r.Header.Get("Content-Type")+" "+r.Header.Get("Authorization")] = true
		}
		w.WriteHeader(http.StatusOK)
	}, contracttest.WithRequest(func(r *http.Request) { r.Header.Set("Authorization", "a") }),
		contracttest.WithRequest(func(r *http.Request) {
			r.Header.Set("Authorization", r.Header.Get("Authorization")+"b")
		}))
	want := map[string]bool{"HTTP/1.1 application/json ab": true, "HTTP/1.1  ab": true, "HTTP/2.0  ab": true}
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
