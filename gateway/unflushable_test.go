package gateway_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

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
		"in Handler": func(h http.Handler) http.Handler { return gateway.Handler(compress(h)) },
	} {
		t.Run(name, func(t *testing.T) {
			s := serveLogging(t, "HTTP/1.1", options(probe.Mux(t, probe.Network, service, gateway.Bridge())), io.Discard)
			r, err := watch.send(s.client, s.base)
			if want := `{"error":{"code":409,"message":"changed"}}` + "\n"; err != nil || !strings.HasSuffix(r.body, want) {
				t.Errorf("answered %d %q %v", r.status, r.body, err)
			}
		})
	}
}
