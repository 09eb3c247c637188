package gateway_test

import (
	"net/http"
	"slices"
	"testing"

	"github.com/statusbridge/statusbridge/gateway"
	"github.com/statusbridge/statusbridge/internal/testkit"
)

// TestAllowOfANestedMux asks a mux behind another one, under another path, with a method that it does not have. The
// methods are its own.
func TestAllowOfANestedMux(t *testing.T) {
	inner := gateway.New().NewServeMux()
	if err := inner.HandlePath(http.MethodGet, "/a", func(http.ResponseWriter, *http.Request, map[string]string) {}); err != nil {
		t.Fatal(err)
	}
	outer := gateway.New().NewServeMux()
	pass := func(w http.ResponseWriter, r *http.Request, _ map[string]string) {
		http.StripPrefix("/api", inner).ServeHTTP(w, r)
	}
	for _, method := range []string{http.MethodGet, http.MethodPost} {
		if err := outer.HandlePath(method, "/api/{rest=**}", pass); err != nil {
			t.Fatal(err)
		}
	}
	r := call{Method: http.MethodPost, Path: "/api/a"}.To(t, testkit.Serve(t, outer))
	r.WantError(t, 405, "", "")
	if got := r.Header["Allow"]; !slices.Equal(got, []string{http.MethodGet}) {
		t.Errorf("Allow is %q", got)
	}
}
