package gateway_test

import (
	"net/http"
	"testing"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/statusbridge/statusbridge/gateway"
	"github.com/statusbridge/statusbridge/internal/probe"
	"github.com/statusbridge/statusbridge/mapping"
)

// TestDigest fails a success that had said what its bytes amount to (RFC 9530).
func TestDigest(t *testing.T) {
	s := serveOver(t, "HTTP/1.1", gateway.New().Handler(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Digest", "sha-256=:AAAA:")
		w.Header().Set("Repr-Digest", "sha-256=:AAAA:")
		panic("late")
	})))
	r := call{path: "/"}.through(t, s.client, s.base)
	if r.header.Get("Content-Digest") != "" || r.header.Get("Repr-Digest") != "" {
		t.Errorf("%v", r.header)
	}
}

// TestObserved counts what observers are told, of one answer each.
func TestObserved(t *testing.T) {
	service := &probe.Service{}
	service.Behave(fails(errNotFound))
	service.BehaveStream(sends(1, status.Error(codes.Aborted, "changed")))
	var n notebook
	observer := gateway.WithObserver(n.observe)
	mux := probe.Mux(t, probe.Network, service, probe.Bridge(gateway.New(observer)))
	_ = mux.HandlePath(http.MethodGet, "/own", func(w http.ResponseWriter, r *http.Request, _ map[string]string) {
		gateway.New().WriteError(w, r, mapping.Errorf(409, "own"))
	})
	_ = mux.HandlePath(http.MethodGet, "/panic", func(http.ResponseWriter, *http.Request, map[string]string) { panic("x") })
	for protocol := range protocols {
		s := serveOver(t, protocol, gateway.New(observer).Handler(compress(gateway.New(observer).Handler(mux))))
		for _, c := range []call{{}, watch, {path: "/own"}, {path: "/panic"}, {path: "/nowhere"}, {method: "HEAD"}, {method: "HEAD", path: "/own"}, {method: "POST"}, {method: "HEAD", path: "/v1/things"}} {
			n.seen = nil
			r := c.through(t, s.client, s.base)
			if len(n.seen) != 1 || c.path != watch.path && n.seen[0].HTTPStatus != r.status {
				t.Errorf("%s %v: %d, observed %v", protocol, c, r.status, n.seen)
			}
		}
	}
}
