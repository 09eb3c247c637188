package gateway

import (
	"net/http"
	"slices"
	"testing"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
)

// TestMethods pins that the methods of a mux, custom ones too, can be read from this version of grpc-gateway. When it
// fails, Allow lacks custom methods until methods in allow.go knows where the mux keeps its table.
func TestMethods(t *testing.T) {
	mux := runtime.NewServeMux()
	if got := methods(mux); len(got) != 0 {
		t.Errorf("an empty mux has %q", got)
	}
	want := []string{"FROB", http.MethodGet, "PURGE", "VERSION-CONTROL"}
	for _, method := range want {
		for _, path := range []string{"/v1/{id}", "/v2/{path=**}:undo"} {
			if err := mux.HandlePath(method, path, func(http.ResponseWriter, *http.Request, map[string]string) {}); err != nil {
				t.Fatal(err)
			}
		}
	}
	got := methods(mux)
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Errorf("the methods are %q, want %q", got, want)
	}
}
