package gateway_test

import (
	"net/http"
	"testing"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"

	"github.com/statusbridge/statusbridge/gateway"
	"github.com/statusbridge/statusbridge/internal/probe"
	"github.com/statusbridge/statusbridge/mapping"
)

// TestAllowOfRewritten has a handler strip a prefix, as http.StripPrefix does, and refuse. Allow speaks of the path
// that was asked for, and what is remembered of it must not speak for the path that the handler made of it.
func TestAllowOfRewritten(t *testing.T) {
	refuse := http.StripPrefix("/files", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		gateway.New().WriteError(w, r, mapping.Errorf(405, "not this file"))
	}))
	for _, transport := range probe.Transports {
		mux := probe.Mux(t, transport, &probe.Service{}, probe.Bridge(gateway.New()))
		err := mux.HandlePath("REPORT", "/files/{path=**}", func(w http.ResponseWriter, r *http.Request, _ map[string]string) {
			refuse.ServeHTTP(w, r)
		})
		if err != nil {
			t.Fatal(err)
		}
		base := serveMux(t, mux)
		for _, c := range []struct {
			call call
			want string
		}{
			{call{method: "REPORT", path: "/files/v1/things/1"}, "REPORT"},
			{call{method: http.MethodOptions}, "DELETE, GET, PATCH, PUT"},
			{call{method: http.MethodOptions, path: "/files/v1/things/1"}, "REPORT"},
		} {
			r := c.call.to(t, base)
			if got := r.header.Get("Allow"); r.status != 405 || got != c.want {
				t.Errorf("%s: %s %s: %d with Allow %q, want %q", transport, c.call.method, c.call.path, r.status, got, c.want)
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
	base := bridged(t, probe.InProcess, &probe.Service{}, probe.Bridge(gateway.New()), override)
	for range 2 {
		for _, c := range []call{{header: http.Header{"Override": {"FROB"}}}, {method: http.MethodOptions}} {
			r := c.to(t, base)
			r.wantError(t, 405, "", "")
			if got := r.header.Get("Allow"); got != "DELETE, GET, PATCH, PUT" {
				t.Errorf("%s: Allow is %q", c.method, got)
			}
		}
	}
}
