package gateway_test

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/statusbridge/statusbridge/gateway"
	"github.com/statusbridge/statusbridge/internal/testkit"
)

// TestUnflushable reads a stream through middleware whose writer can neither be flushed nor unwrapped, as many are
// written. All of it comes, and it ends in its chunk.
func TestUnflushable(t *testing.T) {
	service := &testkit.Service{}
	service.BehaveStream(testkit.Sends(3, status.Error(codes.Aborted, "changed")))
	for name, options := range map[string]func(http.Handler) http.Handler{
		"middleware": testkit.Compress,
		"in Handler": func(h http.Handler) http.Handler { return gateway.New().Handler(testkit.Compress(h)) },
	} {
		t.Run(name, func(t *testing.T) {
			s := testkit.ServeLogging(t, "HTTP/1.1", options(testkit.Register(t, testkit.Network, service, gateway.New().NewServeMux())), io.Discard)
			r, err := watch.Send(s.Client, s.URL)
			if want := `{"error":{"code":409,"message":"changed"}}` + "\n"; err != nil || !strings.HasSuffix(r.Body, want) {
				t.Errorf("answered %d %q %v", r.Status, r.Body, err)
			}
		})
	}
}

// TestUnflushableForMiddleware has a user's middleware with a writer of its own flush through such a one: it learns that it cannot.
func TestUnflushableForMiddleware(t *testing.T) {
	mux := gateway.New().NewServeMux(runtime.WithMiddlewares(func(next runtime.HandlerFunc) runtime.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request, params map[string]string) {
			own := &testkit.LogWriter{ResponseWriter: w}
			next(own, r, params)
			if err := http.NewResponseController(own).Flush(); !errors.Is(err, http.ErrNotSupported) {
				t.Errorf("flushed with %v", err)
			}
		}
	}))
	if err := mux.HandlePath(http.MethodGet, "/own", says("served")); err != nil {
		t.Fatal(err)
	}
	if r := (call{Path: "/own"}).To(t, testkit.Serve(t, testkit.Compress(mux))); r.Status != 200 || r.Body != "served" {
		t.Errorf("answered %d %q", r.Status, r.Body)
	}
}
