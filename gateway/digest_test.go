package gateway_test

import (
	"net/http"
	"testing"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/statusbridge/statusbridge/gateway"
	"github.com/statusbridge/statusbridge/internal/testkit"
	"github.com/statusbridge/statusbridge/mapping"
)

// TestDigest fails a success that had said what its bytes amount to (RFC 9530).
func TestDigest(t *testing.T) {
	s := testkit.ServeOver(t, "HTTP/1.1", gateway.New().Handler(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Digest", "sha-256=:AAAA:")
		w.Header().Set("Repr-Digest", "sha-256=:AAAA:")
		panic("late")
	})))
	r := call{Path: "/"}.At(t, s)
	if r.Header.Get("Content-Digest") != "" || r.Header.Get("Repr-Digest") != "" {
		t.Errorf("%v", r.Header)
	}
}

// TestObserved counts what observers are told, of one answer each.
func TestObserved(t *testing.T) {
	service := &testkit.Service{}
	service.Behave(testkit.Fails(testkit.ErrNotFound))
	service.BehaveStream(testkit.Sends(1, status.Error(codes.Aborted, "changed")))
	var n notebook
	observer := gateway.WithObserver(n.observe)
	mux := testkit.Register(t, testkit.Network, service, gateway.New(observer).NewServeMux())
	_ = mux.HandlePath(http.MethodGet, "/own", func(w http.ResponseWriter, r *http.Request, _ map[string]string) {
		gateway.New().WriteError(w, r, mapping.Errorf(409, "own"))
	})
	_ = mux.HandlePath(http.MethodGet, "/panic", func(http.ResponseWriter, *http.Request, map[string]string) { panic("x") })
	for _, protocol := range testkit.Protocols {
		s := testkit.ServeOver(t, protocol, gateway.New(observer).Handler(testkit.Compress(gateway.New(observer).Handler(mux))))
		for _, c := range []call{{}, watch, {Path: "/own"}, {Path: "/panic"}, {Path: "/nowhere"}, {Method: "HEAD"}, {Method: "HEAD", Path: "/own"}, {Method: "POST"}, {Method: "HEAD", Path: "/v1/things"}} {
			n.seen = nil
			r := c.At(t, s)
			if len(n.seen) != 1 || c.Path != watch.Path && n.seen[0].HTTPStatus != r.Status {
				t.Errorf("%s %v: %d, observed %v", protocol, c, r.Status, n.seen)
			}
		}
	}
}
