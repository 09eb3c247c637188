package gateway

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/statusbridge/statusbridge/internal/probe"
)

// serveWithoutDeadlines calls a service through a mux of a process in which no Handler has had deadlines, as other tests'
// have.
func serveWithoutDeadlines(t *testing.T, behave probe.Behaviour) http.Handler {
	t.Helper()
	before := handsDown.Swap(false)
	t.Cleanup(func() { handsDown.Store(before) })
	service := &probe.Service{}
	service.Behave(behave)
	return probe.Mux(t, probe.InProcess, service, Bridge())
}

func getWithTimeout(handler http.Handler, timeout ...string) *httptest.ResponseRecorder {
	request := httptest.NewRequest(http.MethodGet, "/v1/things/1", nil)
	request.Header["Grpc-Timeout"] = timeout
	recorder := httptest.NewRecorder()
	handler.ServeHTTP(recorder, request)
	return recorder
}

// TestTimeoutHeaderWithoutDeadlines has the bridge refuse a Grpc-Timeout that is not gRPC's where nothing has a deadline.
// grpc-gateway takes that of nine digits.
func TestTimeoutHeaderWithoutDeadlines(t *testing.T) {
	mux := serveWithoutDeadlines(t, nil)
	for timeout, want := range map[string]int{"": 400, "60S": 200, "000000060S": 400, "never": 400} {
		r := getWithTimeout(mux, timeout)
		if r.Code != want || want == 400 && !strings.Contains(r.Body.String(), "Grpc-Timeout") {
			t.Errorf("%q: answered %d %s", timeout, r.Code, r.Body)
		}
	}
	if r := getWithTimeout(mux); r.Code != 200 {
		t.Errorf("without one: answered %d %s", r.Code, r.Body)
	}
}

// TestDeadlineHandedDownLate puts a Handler with a deadline around a mux that has served already: it does not count.
func TestDeadlineHandedDownLate(t *testing.T) {
	limited := false
	mux := serveWithoutDeadlines(t, func(ctx context.Context) error {
		_, limited = ctx.Deadline()
		return nil
	})
	if r := getWithTimeout(mux); r.Code != 200 {
		t.Fatalf("answered %d %s", r.Code, r.Body)
	}
	if r := getWithTimeout(Handler(mux, WithDeadline(time.Hour))); r.Code != 200 || limited {
		t.Errorf("answered %d %s, with a deadline: %t", r.Code, r.Body, limited)
	}
}
