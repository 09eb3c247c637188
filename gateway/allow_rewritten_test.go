package gateway_test

import (
	"net/http"
	"testing"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"

	"github.com/statusbridge/statusbridge/gateway"
	"github.com/statusbridge/statusbridge/internal/testkit"
	"github.com/statusbridge/statusbridge/mapping"
)

// TestAllowOfRewritten has a handler strip a prefix, as http.StripPrefix does, and refuse. Allow speaks of the path
// that was asked for, and what is remembered of it must not speak for the path that the handler made of it.
func TestAllowOfRewritten(t *testing.T) {
	refuse := http.StripPrefix("/files", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		gateway.New().WriteError(w, r, mapping.Errorf(405, "not this file"))
	}))
	for _, transport := range testkit.Transports {
		mux := testkit.Register(t, transport, &testkit.Service{}, gateway.New().NewServeMux())
		err := mux.HandlePath("REPORT", "/files/{path=**}", func(w http.ResponseWriter, r *http.Request, _ map[string]string) {
			refuse.ServeHTTP(w, r)
		})
		if err != nil {
			t.Fatal(err)
		}
		base := testkit.Serve(t, mux)
		for _, c := range []struct {
			call call
			want string
		}{
			{call{Method: "REPORT", Path: "/files/v1/things/1"}, "REPORT"},
			{call{Method: http.MethodOptions}, "DELETE, GET, PATCH, PUT"},
			{call{Method: http.MethodOptions, Path: "/files/v1/things/1"}, "REPORT"},
		} {
			r := c.call.To(t, base)
			if got := r.Header.Get("Allow"); r.Status != 405 || got != c.want {
				t.Errorf("%s: %s %s: %d with Allow %q, want %q", transport, c.call.Method, c.call.Path, r.Status, got, c.want)
			}
		}
	}
}

// TestAllowOfChangedMethod has middleware within the bridge rewrite the method, as overrides by header do.
func TestAllowOfChangedMethod(t *testing.T) {
	override := runtime.WithMiddlewares(func(next runtime.HandlerFunc) runtime.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request, params map[string]string) {
			if method := r.Header.Get("Override"); method != "" {
				r.Method = method
				gateway.New().WriteError(w, r, mapping.Errorf(405, ""))
				return
			}
			next(w, r, params)
		}
	})
	base := bridged(t, testkit.InProcess, &testkit.Service{}, gateway.New(), override)
	for range 2 {
		for _, c := range []call{{Header: http.Header{"Override": {"FROB"}}}, {Method: http.MethodOptions}} {
			r := c.To(t, base)
			r.WantError(t, 405, "", "")
			if got := r.Header.Get("Allow"); got != "DELETE, GET, PATCH, PUT" {
				t.Errorf("%s: Allow is %q", c.Method, got)
			}
		}
	}
}
