package gateway_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"github.com/grpc-ecosystem/grpc-gateway/v2/utilities"

	"github.com/statusbridge/statusbridge/gateway"
	"github.com/statusbridge/statusbridge/internal/testkit"
)

// TestAllowOfMalformedPath has code in front of the mux rewrite a path to one with an escape that is none, as no client can
// send it. A template that says it literally has that path; a variable cannot hold it, so what is bound with one is not
// among the methods. The mux asks the other methods in no particular order, and answers 400 if it meets that one first.
func TestAllowOfMalformedPath(t *testing.T) {
	mux := gateway.New().NewServeMux(runtime.WithUnescapingMode(runtime.UnescapingModeAllCharacters))
	literal, err := runtime.NewPattern(1, []int{int(utilities.OpLitPush), 0}, []string{"%zz"}, "")
	if err != nil {
		t.Fatal(err)
	}
	mux.Handle(http.MethodGet, literal, says("served"))
	if err := mux.HandlePath(http.MethodPut, "/{id}", says("served")); err != nil {
		t.Fatal(err)
	}
	for range 100 {
		request := httptest.NewRequest(http.MethodDelete, "/", nil)
		request.URL.Path, request.URL.RawPath = "/%zz", "/%zz"
		recorder := httptest.NewRecorder()
		mux.ServeHTTP(recorder, request)
		r := testkit.Recorded(recorder)
		if r.Status == http.StatusBadRequest {
			continue
		}
		r.WantError(t, 405, "", "")
		if allow := r.Header.Get("Allow"); allow != "GET" {
			t.Errorf("Allow is %q", allow)
		}
		return
	}
	t.Error("no answer but 400")
}
