package gateway_test

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"testing"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/status"

	"github.com/statusbridge/statusbridge/gateway"
	"github.com/statusbridge/statusbridge/internal/probe"
)

// health is a backend's answer to a health check.
type health struct {
	status grpc_health_v1.HealthCheckResponse_ServingStatus
	err    error
	grpc_health_v1.HealthClient
}

func (h health) Check(context.Context, *grpc_health_v1.HealthCheckRequest, ...grpc.CallOption) (*grpc_health_v1.HealthCheckResponse, error) {
	return &grpc_health_v1.HealthCheckResponse{Status: h.status}, h.err
}

// TestHealth is about the route that an option of grpc-gateway registers, before or after the bridge.
func TestHealth(t *testing.T) {
	for _, c := range []struct {
		name   string
		health health
		status int
	}{
		{"serving", health{status: grpc_health_v1.HealthCheckResponse_SERVING}, 200},
		{"not serving", health{status: grpc_health_v1.HealthCheckResponse_NOT_SERVING}, 503},
		{"failing", health{err: status.Error(codes.Unavailable, secret)}, 503},
	} {
		endpoint := runtime.WithHealthzEndpoint(c.health)
		for order, options := range map[string][]runtime.ServeMuxOption{
			"before": {endpoint, probe.Bridge(gateway.New())}, "after": {probe.Bridge(gateway.New()), endpoint},
		} {
			t.Run(c.name+" "+order, func(t *testing.T) {
				base := serveMux(t, runtime.NewServeMux(options...))
				r := call{path: "/healthz"}.to(t, base)
				if c.status == 200 {
					if r.status != 200 {
						t.Errorf("answered %d %s", r.status, r.body)
					}
				} else {
					r.wantError(t, c.status, "", "")
				}
				if head := (call{method: "HEAD", path: "/healthz"}).to(t, base); head.status != c.status || head.body != "" {
					t.Errorf("HEAD answers %d %q", head.status, head.body)
				}
				r = call{method: "POST", path: "/healthz"}.to(t, base)
				r.wantError(t, 405, "", "")
				if got := r.header["Allow"]; !slices.Equal(got, []string{"GET"}) {
					t.Errorf("Allow is %q", got)
				}
			})
		}
	}
}

// TestHandlePath lets handlers beside the generated ones do what they can without the bridge.
func TestHandlePath(t *testing.T) {
	for name, c := range map[string]struct {
		handle runtime.HandlerFunc
		status int
		body   string
	}{
		"nothing": {func(http.ResponseWriter, *http.Request, map[string]string) {}, 200, ""},
		"a status alone": {func(w http.ResponseWriter, _ *http.Request, _ map[string]string) {
			w.WriteHeader(http.StatusNotFound)
		}, 404, ""},
		"a status and a body": {func(w http.ResponseWriter, _ *http.Request, _ map[string]string) {
			w.WriteHeader(http.StatusAccepted)
			_, _ = w.Write([]byte("later"))
		}, 202, "later"},
		"an early hint": {func(w http.ResponseWriter, _ *http.Request, _ map[string]string) {
			w.WriteHeader(http.StatusEarlyHints)
			w.WriteHeader(http.StatusAccepted)
		}, 202, ""},
		"a flush": {func(w http.ResponseWriter, _ *http.Request, _ map[string]string) {
			w.WriteHeader(http.StatusAccepted)
			if err := http.NewResponseController(w).Flush(); err != nil {
				panic(err)
			}
			_, _ = fmt.Fprint(w, "one")
			w.(http.Flusher).Flush()
			_, _ = fmt.Fprint(w, "two")
		}, 202, "onetwo"},
		"an empty write": {func(w http.ResponseWriter, _ *http.Request, _ map[string]string) {
			_, _ = w.Write(nil)
			_, _ = fmt.Fprint(w, "one")
		}, 200, "one"},
		"the greatest status": {func(w http.ResponseWriter, _ *http.Request, _ map[string]string) {
			w.WriteHeader(999)
		}, 999, ""},
		"a file": {func(w http.ResponseWriter, r *http.Request, _ map[string]string) {
			http.Redirect(w, r, "/elsewhere", http.StatusNotModified)
		}, 304, ""},
		"an error": {func(w http.ResponseWriter, r *http.Request, _ map[string]string) {
			gateway.New().WriteError(w, r, status.Error(codes.NotFound, "no such file"))
		}, 404, `{"code":404,"message":"no such file"}`},
		"a status after the body": {func(w http.ResponseWriter, _ *http.Request, _ map[string]string) {
			_, _ = fmt.Fprint(w, "one")
			w.WriteHeader(http.StatusNoContent)
			_, _ = fmt.Fprint(w, "two")
		}, 200, "onetwo"},
		"a body where none may be": {func(w http.ResponseWriter, _ *http.Request, _ map[string]string) {
			w.Header().Set("Content-Length", "4")
			w.WriteHeader(http.StatusNoContent)
			_, _ = w.Write([]byte("body"))
		}, 204, ""},
	} {
		for protocol, serve := range protocols {
			t.Run(name+" "+protocol, func(t *testing.T) {
				mux := gateway.New().NewServeMux()
				if err := mux.HandlePath(http.MethodGet, "/own/{path=**}", c.handle); err != nil {
					t.Fatal(err)
				}
				client, base := serve(t, mux)
				if r := (call{path: "/own/a/b"}).through(t, client, base); r.status != c.status || r.body != c.body {
					t.Errorf("answered %d %q, want %d %q", r.status, r.body, c.status, c.body)
				}
				if r := (call{method: "HEAD", path: "/own/a/b"}).through(t, client, base); r.status != c.status || r.body != "" {
					t.Errorf("HEAD answers %d %q, want %d", r.status, r.body, c.status)
				}
			})
		}
	}
}

// TestControllers reach the server's own writer through the bridge's.
func TestControllers(t *testing.T) {
	mux := gateway.New().NewServeMux()
	err := mux.HandlePath(http.MethodGet, "/own", func(w http.ResponseWriter, _ *http.Request, _ map[string]string) {
		connection, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		defer func() { _ = connection.Close() }()
		_, _ = fmt.Fprint(connection, "HTTP/1.1 299 Own\r\nContent-Length: 0\r\n\r\n")
	})
	if err != nil {
		t.Fatal(err)
	}
	if r := (call{path: "/own"}).to(t, serveMux(t, mux)); r.status != 299 {
		t.Errorf("answered %d", r.status)
	}
}
