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
	"github.com/statusbridge/statusbridge/internal/probe"
)

// TestUnflushable reads a stream through middleware whose writer can neither be flushed nor unwrapped, as many are
// written. All of it comes, and it ends in its chunk.
func TestUnflushable(t *testing.T) {
	service := &probe.Service{}
	service.BehaveStream(sends(3, status.Error(codes.Aborted, "changed")))
	for name, options := range map[string]func(http.Handler) http.Handler{
		"middleware": compress,
		"in Handler": func(h http.Handler) http.Handler { return gateway.New().Handler(compress(h)) },
	} {
		t.Run(name, func(t *testing.T) {
			s := serveLogging(t, "HTTP/1.1", options(probe.Mux(t, probe.Network, service, probe.Bridge(gateway.New()))), io.Discard)
			r, err := watch.send(s.client, s.base)
			if want := `{"error":{"code":409,"message":"changed"}}` + "\n"; err != nil || !strings.HasSuffix(r.body, want) {
				t.Errorf("answered %d %q %v", r.status, r.body, err)
			}
		})
	}
}

// TestUnflushableForMiddleware has a user's middleware with a writer of its own flush through such a one: it learns that it cannot.
func TestUnflushableForMiddleware(t *testing.T) {
	mux := runtime.NewServeMux(probe.Bridge(gateway.New()), runtime.WithMiddlewares(func(next runtime.HandlerFunc) runtime.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request, params map[string]string) {
			own := &loggingWriter{ResponseWriter: w}
			next(own, r, params)
			if err := http.NewResponseController(own).Flush(); !errors.Is(err, http.ErrNotSupported) {
				t.Errorf("flushed with %v", err)
			}
		}
	}))
	if err := mux.HandlePath(http.MethodGet, "/own", says("served")); err != nil {
		t.Fatal(err)
	}
	if r := (call{path: "/own"}).to(t, serveMux(t, compress(mux))); r.status != 200 || r.body != "served" {
		t.Errorf("answered %d %q", r.status, r.body)
	}
}
