package gateway_test

import (
	"context"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"

	"github.com/statusbridge/statusbridge/gateway"
	"github.com/statusbridge/statusbridge/internal/testkit"
)

// failingService fails every call and every stream.
func failingService(err error) *testkit.Service {
	service := &testkit.Service{}
	service.Behave(testkit.Fails(err))
	service.BehaveStream(testkit.Sends(0, err))
	return service
}

// TestMiddlewareReplacesContext has middleware replace the context of the request, which it must not. Errors still keep
// the contract, although streams are then sent as without a bridge.
func TestMiddlewareReplacesContext(t *testing.T) {
	t.Parallel()
	replaced := within(func(w http.ResponseWriter, r *http.Request, next func(http.ResponseWriter, *http.Request)) {
		next(w, r.WithContext(context.Background()))
	})
	bridge := gateway.New(gateway.WithDeadline(time.Hour))
	for _, transport := range testkit.Transports {
		base := bridged(t, transport, failingService(testkit.ErrNotFound), bridge, replaced)
		call{}.To(t, base).WantError(t, 404, "no such thing", "")
		if r := watch.To(t, base); r.Status != 404 && transport == testkit.Network {
			t.Errorf("a stream: responded with %d %s", r.Status, r.Body)
		}
		base = bridged(t, transport, &testkit.Service{}, bridge, replaced)
		if r := (call{}).To(t, base); r.Status != 200 || !strings.Contains(r.Body, "thing") {
			t.Errorf("%s: responded with %d %s", transport, r.Status, r.Body)
		}
	}
}

// TestMiddlewareAddedLate adds middleware to a mux that is made already, so that it wraps the writer of the bridge.
// grpc-gateway then writes the last chunk of a stream, with the documented code.
func TestMiddlewareAddedLate(t *testing.T) {
	t.Parallel()
	for messages, want := range []string{
		`{"error":{"code":5,"message":"no such thing","details":[]}}`, // before the first message, the status tells
		`{"error":{"code":404,"message":"no such thing","details":[]}}`,
	} {
		service := &testkit.Service{}
		service.Behave(testkit.Fails(testkit.ErrNotFound))
		service.BehaveStream(testkit.Sends(messages, testkit.ErrNotFound))
		mux := standard.NewServeMux()
		logged(mux)
		base := testkit.Serve(t, testkit.Register(t, testkit.Network, service, mux))
		call{}.To(t, base).WantError(t, 404, "no such thing", "")
		r := watch.To(t, base)
		lines := testkit.Lines(t, r.Body)
		if len(lines) != messages+1 || compact([]byte(lines[messages])) != want {
			t.Errorf("after %d messages: responded with %d %s, want %s", messages, r.Status, r.Body, want)
		}
	}
}

// TestErrorAfterPartOfSuccess has a handler write part of a success, and then pass an error to the mux with another
// context, as code that was generated with request_context=false does. The client does not get a complete response.
func TestErrorAfterPartOfSuccess(t *testing.T) {
	t.Parallel()
	for name, late := range map[string]runtime.ServeMuxOption{
		"no middleware": func(*runtime.ServeMux) {}, "middleware that was added late": logged,
	} {
		mux := standard.NewServeMux()
		late(mux)
		handlePath(t, mux, "/own", func(w http.ResponseWriter, r *http.Request, _ map[string]string) {
			_, _ = io.WriteString(w, "part")
			runtime.HTTPError(context.Background(), mux, &runtime.JSONPb{}, w, r, testkit.ErrNotFound)
		})
		if r, err := (call{Path: "/own"}).Send(testkit.Client, testkit.ServeQuietly(t, mux)); err == nil {
			t.Errorf("%s: responded with %d %q", name, r.Status, r.Body)
		}
	}
}

// TestHandlerPassesRPC sends requests of gRPC, gRPC-Web and Connect to Handler. Their errors are not translated.
func TestHandlerPassesRPC(t *testing.T) {
	t.Parallel()
	base := testkit.Serve(t, standard.Handler(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		http.Error(w, "theirs", http.StatusTeapot)
	})))
	for name, c := range map[string]struct {
		path   string
		header http.Header
		passes bool
	}{
		"gRPC":                {"/a.B/C", http.Header{"Content-Type": {"application/grpc"}}, true},
		"gRPC with a codec":   {"/a.B/C", http.Header{"Content-Type": {"application/grpc+proto"}}, true},
		"gRPC-Web":            {"/a.B/C", http.Header{"Content-Type": {"application/grpc-web-text"}}, true},
		"another type":        {"/a.B/C", http.Header{"Content-Type": {"application/grpcish"}}, false},
		"unary Connect":       {"/a.B/C", http.Header{"Connect-Protocol-Version": {"1"}}, true},
		"a stream of Connect": {"/a.B/C", http.Header{"Content-Type": {"application/connect+json"}}, true},
		"Connect with GET":    {"/a.B/C?connect=v1&message=x", nil, true},
		"another parameter":   {"/a.B/C?message=connect=v1", nil, false},
	} {
		r := call{Path: c.path, Header: c.header}.To(t, base)
		if passes := r.Status == http.StatusTeapot && strings.TrimSpace(r.Body) == "theirs"; passes != c.passes {
			t.Errorf("%s: responded with %d %s", name, r.Status, r.Body)
		}
	}
}
