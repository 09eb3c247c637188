package gateway_test

import (
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/statusbridge/statusbridge/internal/testkit"
)

// timesOut serves a mux whose route calls next inside http.TimeoutHandler. Next runs after the 503 was written, and the
// route returns after next.
func timesOut(t *testing.T, next http.HandlerFunc) http.Handler {
	t.Helper()
	mux := standard.NewServeMux()
	handlePath(t, mux, "/slow", func(w http.ResponseWriter, r *http.Request, _ map[string]string) {
		written, ended := make(chan struct{}), make(chan struct{})
		late := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			defer close(ended)
			<-written
			next(w, r)
		})
		http.TimeoutHandler(late, time.Nanosecond, "too late").ServeHTTP(w, r)
		close(written)
		<-ended
	})
	return mux
}

// TestMuxAroundTimeoutHandler has a handler fail after http.TimeoutHandler has sent its 503. The 503 is complete.
func TestMuxAroundTimeoutHandler(t *testing.T) {
	t.Parallel()
	own := standard.Handler(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) }))
	for name, next := range map[string]http.HandlerFunc{
		"an error": func(w http.ResponseWriter, r *http.Request) { standard.WriteError(w, r, testkit.ErrNotFound) },
		"part of a body": func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.WriteString(w, "part")
			standard.WriteError(w, r, testkit.ErrNotFound)
		},
		"a Handler": own.ServeHTTP,
	} {
		for _, protocol := range testkit.Protocols {
			t.Run(name+" "+protocol, func(t *testing.T) {
				r := call{Path: "/slow"}.At(t, testkit.ServeOver(t, protocol, timesOut(t, next)))
				if r.Status != 503 || r.Body != "too late" {
					t.Errorf("responded with %d %q", r.Status, r.Body)
				}
			})
		}
	}
}

// TestMuxAroundTimeoutHandlerRace has a Handler set its policy while http.TimeoutHandler writes a 503, for the race
// detector.
func TestMuxAroundTimeoutHandlerRace(t *testing.T) {
	t.Parallel()
	ended := make(chan struct{})
	own := standard.Handler(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { close(ended) }))
	mux := standard.NewServeMux()
	handlePath(t, mux, "/slow", func(w http.ResponseWriter, r *http.Request, _ map[string]string) {
		http.TimeoutHandler(own, time.Nanosecond, "too late").ServeHTTP(w, r)
	})
	if r := (call{Path: "/slow"}).To(t, testkit.Serve(t, mux)); r.Status != 200 && r.Status != 503 {
		t.Errorf("responded with %d %q", r.Status, r.Body)
	}
	<-ended
}
