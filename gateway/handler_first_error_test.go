package gateway_test

import (
	"io"
	"net/http"
	"testing"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/statusbridge/statusbridge/internal/testkit"
)

// TestHandlerFirstError has middleware and handlers inside Handler go on after an error. The first error is the
// response, byte for byte, and that of a HEAD has the same headers.
func TestHandlerFirstError(t *testing.T) {
	t.Parallel()
	mux := testkit.Register(t, testkit.InProcess, &testkit.Service{}, standard.NewServeMux())
	errs := map[string]struct {
		write   func(http.ResponseWriter, *http.Request)
		status  int
		message string
	}{
		"WriteError": {func(w http.ResponseWriter, r *http.Request) {
			standard.WriteError(w, r, status.Error(codes.NotFound, "no such thing"))
		}, 404, "no such thing"},
		"WriteError of a 5xx": {func(w http.ResponseWriter, r *http.Request) {
			standard.WriteError(w, r, status.Error(codes.Internal, testkit.Secret))
		}, 500, ""},
		"the mux": {func(w http.ResponseWriter, r *http.Request) {
			r.URL.Path = "/v1/nothing"
			mux.ServeHTTP(w, r)
		}, 404, ""},
		"http.Error": {func(w http.ResponseWriter, _ *http.Request) {
			http.Error(w, "quota is used up", http.StatusForbidden)
		}, 403, "quota is used up"},
	}
	for name, goOn := range map[string]func(http.ResponseWriter, *http.Request){
		"more bytes": func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "\nmore") },
		"HTML": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/html")
			_, _ = io.WriteString(w, "<p>more</p>")
		},
		"another Content-Type": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/plain")
		},
		"http.Error": func(w http.ResponseWriter, _ *http.Request) {
			http.Error(w, "more", http.StatusInternalServerError)
		},
		"WriteError": func(w http.ResponseWriter, r *http.Request) {
			standard.WriteError(w, r, status.Error(codes.Aborted, "more"))
		},
		"the mux": func(w http.ResponseWriter, r *http.Request) { mux.ServeHTTP(w, r) },
	} {
		for first, e := range errs {
			if first == "http.Error" && name != "WriteError" {
				continue // the handler's bytes are its own body
			}
			handler := standard.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				e.write(w, r)
				goOn(w, r)
			}))
			t.Run(first+" and then "+name, func(t *testing.T) {
				base := testkit.ServeQuietly(t, handler)
				get := call{}.To(t, base)
				get.WantError(t, e.status, e.message, "")
				head := call{Method: http.MethodHead}.To(t, base)
				if length := head.Header.Get("Content-Length"); head.Status != e.status ||
					length != get.Header.Get("Content-Length") {
					t.Errorf("HEAD: %d with length %s, want %d and %d", head.Status, length, e.status, len(get.Body))
				}
			})
		}
	}
}
