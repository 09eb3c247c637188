package explorer_test

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/statusbridge/statusbridge/example/internal/apitest"
	"github.com/statusbridge/statusbridge/example/internal/controlplane"
)

// exchange is what the page is sent of one request.
type exchange struct {
	Request, StatusLine, Header, Body string
	Findings                          []string
}

type comparison struct {
	Why           string
	Bridge, Stock exchange
	Shell         string
}

// schedulerTimeout is longer than a scheduler that runs ever needs, on a machine that is busy with other tests.
const schedulerTimeout = 3 * time.Second

func startWithExplorer(t *testing.T) *apitest.Plane {
	return apitest.Start(t, controlplane.Config{Explorer: newExplorer(t), SchedulerTimeout: schedulerTimeout})
}

func compare(t *testing.T, plane *apitest.Plane, status string) comparison {
	t.Helper()
	response := plane.Do(http.MethodPost, "/explorer/exchanges/"+status, "", "")
	if response.Status != http.StatusOK {
		t.Fatalf("%s: got %d %s", status, response.Status, response.Body)
	}
	var c comparison
	response.Decode(t, &c)
	return c
}

const (
	otherBody   = "not the documented error body"
	noAllow     = "no Allow header"
	noChallenge = "WWW-Authenticate is no challenge"
)

// stock is what grpc-gateway alone answers, as it was seen with curl.
var stock = map[string]struct {
	line     string
	findings []string
}{
	"200": {"200 OK", nil},
	"202": {"200 OK", []string{"200, where 202 is documented"}},
	"204": {"200 OK", []string{"200, where 204 is documented"}},
	"400": {"400 Bad Request", []string{otherBody}},
	"401": {"401 Unauthorized", []string{otherBody, noChallenge}},
	"403": {"403 Forbidden", []string{otherBody}},
	"404": {"404 Not Found", []string{otherBody}},
	"405": {"501 Not Implemented", []string{"501, where 405 is documented", otherBody, noAllow}},
	"409": {"409 Conflict", []string{otherBody}},
	"500": {"500 Internal Server Error", []string{otherBody}},
	"501": {"501 Not Implemented", []string{otherBody}},
	"502": {"503 Service Unavailable", []string{"503, where 502 is documented", otherBody}},
	"503": {"503 Service Unavailable", []string{otherBody}},
	"504": {"504 Gateway Timeout", []string{otherBody}},
}

// TestExchanges has every request made.
func TestExchanges(t *testing.T) {
	t.Parallel()
	plane := startWithExplorer(t)
	for _, row := range documented {
		status, reason := row[0], row[1]
		t.Run(status, func(t *testing.T) {
			got := compare(t, plane, status)
			if want := "HTTP/1.1 " + status + " " + reason; got.Bridge.StatusLine != want || len(got.Bridge.Findings) > 0 {
				t.Errorf("with statusbridge: got %q, %q, want %q", got.Bridge.StatusLine, got.Bridge.Findings, want)
			}
			if want := "HTTP/1.1 " + stock[status].line; got.Stock.StatusLine != want {
				t.Errorf("grpc-gateway alone: got %q, want %q", got.Stock.StatusLine, want)
			}
			if diff := cmp.Diff(append([]string{}, stock[status].findings...), got.Stock.Findings); diff != "" {
				t.Errorf("grpc-gateway alone (-want +got):\n%s", diff)
			}
			checkBytes(t, plane, got.Bridge, "")
			checkBytes(t, plane, got.Stock, "/stock")
			if got.Why == "" || !strings.Contains(got.Shell, "URL="+plane.URL()+"\n") || strings.Count(got.Shell, "curl -si ") != 1 {
				t.Errorf("why: %q, in a shell: %s", got.Why, got.Shell)
			}
		})
	}
	checkNothingIsLeft(t, plane)
}

// checkBytes reads the bytes of both ways as RFC 9112 has them.
func checkBytes(t *testing.T, plane *apitest.Plane, got exchange, prefix string) {
	t.Helper()
	line, rest, _ := strings.Cut(got.Request, "\r\n")
	words := strings.Split(line, " ")
	if len(words) != 3 || !strings.HasPrefix(words[1], prefix+"/api/v1/") || words[2] != "HTTP/1.1" {
		t.Errorf("the request line is %q", line)
	}
	if !strings.HasPrefix(rest, "Host: "+strings.TrimPrefix(plane.URL(), "http://")+"\r\n") || !strings.Contains(rest, "\r\n\r\n") {
		t.Errorf("the request is %q", got.Request)
	}
	length, ok := "", false
	for field := range strings.SplitSeq(got.Header, "\r\n") {
		if _, value, found := strings.Cut(field, "Content-Length: "); found {
			length, ok = value, true
		}
	}
	if ok != (got.Body != "") || ok && length != strconv.Itoa(len(got.Body)) {
		t.Errorf("a body of %d bytes, and the header\n%s", len(got.Body), got.Header)
	}
}

func checkNothingIsLeft(t *testing.T, plane *apitest.Plane) {
	t.Helper()
	bearer := plane.Token(controlplane.DemoViewer)
	for path, member := range map[string]string{"/api/v1/org-unit/projects": "projects", "/api/v1/workloads": "workloads"} {
		left := map[string]any{}
		plane.Get(path, bearer, &left)
		if list, ok := left[member].([]any); !ok || len(list) > 0 {
			t.Errorf("%s: %v", path, left)
		}
	}
}

// TestAtOnce presses all buttons at once.
func TestAtOnce(t *testing.T) {
	t.Parallel()
	plane := startWithExplorer(t)
	var pressed sync.WaitGroup
	for _, row := range documented {
		pressed.Go(func() {
			got := compare(t, plane, row[0])
			if want := "HTTP/1.1 " + row[0] + " " + row[1]; got.Bridge.StatusLine != want || len(got.Bridge.Findings) > 0 {
				t.Errorf("got %q, %q, want %q", got.Bridge.StatusLine, got.Bridge.Findings, want)
			}
		})
	}
	pressed.Wait()
	checkNothingIsLeft(t, plane)
}

// TestCallerWhoGoes ends a request while the scheduler hangs. The next caller finds everything in order.
func TestCallerWhoGoes(t *testing.T) {
	t.Parallel()
	plane := startWithExplorer(t)
	ctx, leave := context.WithTimeout(t.Context(), 500*time.Millisecond)
	defer leave()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, plane.URL()+"/explorer/exchanges/504", nil)
	if err != nil {
		t.Fatal(err)
	}
	if response, err := http.DefaultClient.Do(request); err == nil {
		_ = response.Body.Close()
		t.Fatalf("a scheduler that hangs: %s", response.Status)
	}
	// The 202 waits for its turn, and comes only from a scheduler that runs; what the 504 prepared is gone by then.
	if got := compare(t, plane, "202").Bridge.StatusLine; got != "HTTP/1.1 202 Accepted" {
		t.Errorf("afterwards: %s", got)
	}
	checkNothingIsLeft(t, plane)
}
