package controlplane_test

import (
	"bytes"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/statusbridge/statusbridge/example/internal/apitest"
	"github.com/statusbridge/statusbridge/example/internal/controlplane"
)

func setMode(t *testing.T, plane *apitest.Plane, subjectAndMode string) {
	t.Helper()
	response := plane.Do(http.MethodPut, "/admin/"+subjectAndMode, "", "")
	if response.Status != http.StatusOK || response.Header.Get("Content-Type") != "application/json" {
		t.Fatalf("PUT /admin/%s: %d %s", subjectAndMode, response.Status, response.Body)
	}
}

// logBuffer collects a log from several goroutines.
type logBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *logBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *logBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// TestFailingScheduler sends every call that needs the scheduler in each of its modes. A call that fails changes
// nothing, and its error does not show the cause. Afterwards all calls work again.
func TestFailingScheduler(t *testing.T) {
	log := &logBuffer{}
	plane := apitest.Start(t, controlplane.Config{Log: slog.New(slog.NewTextHandler(log, nil))})
	bearer := plane.Token(controlplane.DemoAdministrator)
	project := created(t, plane, bearer, projects, projectBody("team-a"), "id")
	running := created(t, plane, bearer, workspaces, workspaceBody(project, "running"), "workloadId")
	stopped := created(t, plane, bearer, workspaces, workspaceBody(project, "stopped"), "workloadId")
	plane.Do(http.MethodPost, workspaces+"/"+stopped+"/suspend", bearer, "")

	calls := map[string]func() apitest.Response{
		"create": func() apitest.Response {
			return plane.Do("POST", workspaces, bearer, workspaceBody(project, "new"))
		},
		"suspend": func() apitest.Response { return plane.Do("POST", workspaces+"/"+running+"/suspend", bearer, "") },
		"resume":  func() apitest.Response { return plane.Do("POST", workspaces+"/"+stopped+"/resume", bearer, "") },
		"delete":  func() apitest.Response { return plane.Do("DELETE", workspaces+"/"+running, bearer, "") },
	}
	before := plane.Do(http.MethodGet, workloads, bearer, "").Body
	for mode, want := range map[string]struct {
		status  int
		message string
		logged  string
	}{
		"rubbish": {http.StatusBadGateway, "the scheduler sent an invalid response", "invalid character '<'"},
		"down":    {http.StatusServiceUnavailable, "the scheduler cannot be reached", "connection refused"},
		"hang":    {http.StatusGatewayTimeout, "the scheduler did not respond in time", "deadline exceeded"},
	} {
		setMode(t, plane, "scheduler/"+mode)
		t.Run(mode, func(t *testing.T) {
			for name, call := range calls {
				t.Run(name, func(t *testing.T) {
					t.Parallel() // so that all of them wait for the scheduler at once
					got := call().CheckError(t, want.status)
					if diff := cmp.Diff(apitest.Error{Code: want.status, Message: want.message}, got); diff != "" {
						t.Errorf("the error (-want +got):\n%s", diff)
					}
				})
			}
		})
		if !strings.Contains(log.String(), want.logged) {
			t.Errorf("%s: the log does not contain %q:\n%s", mode, want.logged, log)
		}
	}
	setMode(t, plane, "scheduler/running")
	if diff := cmp.Diff(before, plane.Do(http.MethodGet, workloads, bearer, "").Body); diff != "" {
		t.Errorf("the failures changed something (-before +after):\n%s", diff)
	}
	for _, name := range []string{"create", "suspend", "resume", "delete"} {
		if got := calls[name](); got.Status != http.StatusAccepted {
			t.Errorf("%s: %d %s", name, got.Status, got.Body)
		}
	}
}

// TestFailingBackend calls a backend that fails. The gateway chooses the status, because no service responds.
func TestFailingBackend(t *testing.T) {
	log := &logBuffer{}
	plane := apitest.Start(t, controlplane.Config{Log: slog.New(slog.NewTextHandler(log, nil)), Deadline: time.Second})
	bearer := plane.Token(controlplane.DemoAdministrator)
	for _, test := range []struct {
		mode    string
		status  int
		message string
		logged  string
	}{
		{"rubbish", http.StatusBadGateway, "The gateway received an invalid response from an upstream service.",
			"HTTP/1.1"},
		{"down", http.StatusServiceUnavailable,
			"The service is temporarily unavailable or an internal service dependency is failing.",
			"connection refused"},
		{"hang", http.StatusGatewayTimeout, "The gateway timed out waiting for an upstream service.",
			"DeadlineExceeded"},
	} {
		setMode(t, plane, "workloads/"+test.mode)
		got := plane.Do(http.MethodGet, workloads, bearer, "").CheckError(t, test.status)
		if diff := cmp.Diff(apitest.Error{Code: test.status, Message: test.message}, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.mode, diff)
		}
		lines := strings.Split(strings.TrimSpace(log.String()), "\n")
		last := lines[len(lines)-1]
		for _, part := range []string{"level=ERROR", "origin=upstream", "route=" + workloads, test.logged} {
			if !strings.Contains(last, part) {
				t.Errorf("%s: the log does not contain %q: %s", test.mode, part, last)
			}
		}
		if got := plane.Do(http.MethodGet, projects, bearer, ""); got.Status != http.StatusOK {
			t.Errorf("%s: a call of another backend: %d %s", test.mode, got.Status, got.Body)
		}
	}
	setMode(t, plane, "workloads/running")
	if got := plane.Do(http.MethodGet, workloads, bearer, ""); got.Status != http.StatusOK {
		t.Errorf("after the outage: %d %s", got.Status, got.Body)
	}
}

// TestDamagedStore sends the calls that need the store. Only the log contains the error of the store.
func TestDamagedStore(t *testing.T) {
	log := &logBuffer{}
	plane := apitest.Start(t, controlplane.Config{Log: slog.New(slog.NewTextHandler(log, nil))})
	bearer := plane.Token(controlplane.DemoAdministrator)
	setMode(t, plane, "store/corrupt")
	for _, request := range [][3]string{
		{"GET", projects}, {"POST", projects, projectBody("new")}, {"GET", projects + "/1"},
		{"PUT", projects + "/1", "{}"}, {"DELETE", projects + "/1"}, {"GET", workloads},
		{"POST", workspaces, workspaceBody("1", "new")},
		{"GET", workspaces + "/1"}, {"DELETE", workspaces + "/1"},
		{"POST", workspaces + "/1/suspend"}, {"POST", workspaces + "/1/resume"},
	} {
		got := plane.Do(request[0], request[1], bearer, request[2]).CheckError(t, http.StatusInternalServerError)
		want := apitest.Error{Code: http.StatusInternalServerError, Message: "An unexpected server error occurred."}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s %s (-want +got):\n%s", request[0], request[1], diff)
		}
	}
	if !strings.Contains(log.String(), "checksum") {
		t.Errorf("the log does not contain the cause:\n%s", log)
	}
	setMode(t, plane, "store/healthy")
	if got := plane.Do(http.MethodGet, projects, bearer, ""); got.Status != http.StatusOK {
		t.Errorf("after the repair: %d %s", got.Status, got.Body)
	}
}

func TestAdminErrors(t *testing.T) {
	plane := apitest.Start(t, controlplane.Config{})
	for _, test := range []struct {
		method, path string
		status       int
		details      string
	}{
		{"PUT", "/admin/scheduler/on-fire", 400, "mode: must be running, down, hang or rubbish"},
		{"PUT", "/admin/scheduler", 400, "mode: must be running, down, hang or rubbish"},
		{"PUT", "/admin/workloads/on-fire", 400, "mode: must be running, down, hang or rubbish"},
		{"PUT", "/admin/store/running", 400, "mode: must be healthy or corrupt"},
		{"PUT", "/admin/network/down", 404, ""},
		{"GET", "/admin/", 404, ""},
		{"GET", "/admin/scheduler/down", 405, ""},
		{"POST", "/admin/store/corrupt", 405, ""},
	} {
		response := plane.Do(test.method, test.path, "", "")
		if got := response.CheckError(t, test.status).Details; got != test.details {
			t.Errorf("%s %s: details: got %q, want %q", test.method, test.path, got, test.details)
		}
		if got := response.Header.Get("Allow"); test.status == http.StatusMethodNotAllowed && got != "PUT" {
			t.Errorf("%s %s: Allow: got %q, want PUT", test.method, test.path, got)
		}
	}
}

// TestAdminHostNames sends requests with the host names of other sites and of this machine.
func TestAdminHostNames(t *testing.T) {
	plane := apitest.Start(t, controlplane.Config{})
	url := plane.URL() + "/admin/store/healthy"
	for host, want := range map[string]int{
		"evil.example": 403, "evil.example:8080": 403, "localhost:1": 200, "127.0.0.1": 200, "[::1]:9": 200,
	} {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodPut, url, http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		request.Host = host
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		_ = response.Body.Close()
		if response.StatusCode != want {
			t.Errorf("%s: got %s, want %d", host, response.Status, want)
		}
	}
}
