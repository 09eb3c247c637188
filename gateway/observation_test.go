package gateway_test

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/statusbridge/statusbridge/gateway"
	"github.com/statusbridge/statusbridge/internal/testkit"
)

// TestObservationDuration compares the duration of a request with what its handler and its client measure. Outside of a
// mux and of Handler it is 0.
func TestObservationDuration(t *testing.T) {
	t.Parallel()
	for name, around := range aroundMux {
		var n notebook
		bridge := gateway.New(gateway.WithObserver(n.observe))
		mux, inside := bridge.NewServeMux(), make(chan time.Duration, 1)
		handlePath(t, mux, "/own", func(w http.ResponseWriter, r *http.Request, _ map[string]string) {
			start := time.Now()
			time.Sleep(time.Millisecond)
			inside <- time.Since(start)
			bridge.WriteError(w, r, testkit.ErrNotFound)
		})
		base, start := testkit.Serve(t, around(bridge, mux)), time.Now()
		call{Path: "/own"}.To(t, base)
		least, most := <-inside, time.Since(start)
		if got := n.one(t).Duration; got < least || got > most {
			t.Errorf("%s: the request took %v, want between %v and %v", name, got, least, most)
		}
	}
	var n notebook
	gateway.New(gateway.WithObserver(n.observe)).WriteError(httptest.NewRecorder(),
		httptest.NewRequest(http.MethodGet, "/", nil), testkit.ErrNotFound)
	if got := n.one(t).Duration; got != 0 {
		t.Errorf("outside of both, the request took %v", got)
	}
}
