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
	"github.com/statusbridge/statusbridge/internal/testkit"
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
		{"failing", health{err: status.Error(codes.Unavailable, testkit.Secret)}, 503},
	} {
		endpoint := runtime.WithHealthzEndpoint(c.health)
		{
			t.Run(c.name, func(t *testing.T) {
				base := testkit.Serve(t, gateway.New().NewServeMux(endpoint))
				r := call{Path: "/healthz"}.To(t, base)
				if c.status == 200 {
					if r.Status != 200 {
						t.Errorf("answered %d %s", r.Status, r.Body)
					}
				} else {
					r.WantError(t, c.status, "", "")
				}
				if head := (call{Method: "HEAD", Path: "/healthz"}).To(t, base); head.Status != c.status || head.Body != "" {
					t.Errorf("HEAD answers %d %q", head.Status, head.Body)
				}
				r = call{Method: "POST", Path: "/healthz"}.To(t, base)
				r.WantError(t, 405, "", "")
				if got := r.Header["Allow"]; !slices.Equal(got, []string{"GET"}) {
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
		for _, protocol := range testkit.Protocols {
			t.Run(name+" "+protocol, func(t *testing.T) {
				mux := gateway.New().NewServeMux()
				if err := mux.HandlePath(http.MethodGet, "/own/{path=**}", c.handle); err != nil {
					t.Fatal(err)
				}
				s := testkit.ServeOver(t, protocol, mux)
				if r := (call{Path: "/own/a/b"}).At(t, s); r.Status != c.status || r.Body != c.body {
					t.Errorf("answered %d %q, want %d %q", r.Status, r.Body, c.status, c.body)
				}
				if r := (call{Method: "HEAD", Path: "/own/a/b"}).At(t, s); r.Status != c.status || r.Body != "" {
					t.Errorf("HEAD answers %d %q, want %d", r.Status, r.Body, c.status)
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
	if r := (call{Path: "/own"}).To(t, testkit.Serve(t, mux)); r.Status != 299 {
		t.Errorf("answered %d", r.Status)
	}
}
