package explorer_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// own returns the JSON of a request in the form.
func own(method, path, token, body, backend string) string {
	request, _ := json.Marshal(map[string]string{
		"method": method, "path": path, "token": token, "body": body, "backend": backend,
	})
	return string(request)
}

func TestOwnRequest(t *testing.T) {
	t.Parallel()
	plane := startWithExplorer(t)
	const (
		address         = "shows an internal address"
		projects        = "/api/v1/org-unit/projects"
		workloads       = "/api/v1/workloads"
		workspace       = "/api/v1/workloads/workspaces/$WORKSPACE"
		administrator   = "$TOKEN"
		unavailable     = "503 Service Unavailable"
		gatewayTimeout  = "504 Gateway Timeout"
		wrongBackend    = "502 Bad Gateway"
		invalid, broken = "400 Bad Request", "{"
	)
	for _, test := range []struct {
		name, request string
		with, without string
		wrong         []string
	}{
		{"unknown path", own("GET", "/api/v2", "", "", "running"), "404 Not Found", "404 Not Found",
			[]string{otherBody}},
		{"new project", own("GET", projects+"/$PROJECT", "$VIEWER", "", "running"), "200 OK", "200 OK", []string{}},
		{"workspace that the request deletes", own("DELETE", workspace, administrator, "", "running"),
			"202 Accepted", "200 OK", []string{}},
		{"invalid body", own("POST", projects, administrator, broken, "running"), invalid, invalid,
			[]string{otherBody}},
		{"backend is down", own("GET", workloads, administrator, "", "down"), unavailable, unavailable,
			[]string{otherBody, address}},
		{"backend is slow", own("GET", workloads, administrator, "", "hang"), gatewayTimeout, gatewayTimeout,
			[]string{otherBody}},
		{"backend is not gRPC", own("GET", projects, administrator, "", "rubbish"), wrongBackend, unavailable,
			[]string{otherBody}},
		{"backend runs again", own("GET", workloads, administrator, "", "running"), "200 OK", "200 OK", []string{}},
	} {
		got := compare(t, plane, "own", test.request)
		if got.With.StatusLine != "HTTP/1.1 "+test.with || len(got.With.wrong()) > 0 {
			t.Errorf("%s: with statusbridge: got %q, %q", test.name, got.With.StatusLine, got.With.wrong())
		}
		if got.Without.StatusLine != "HTTP/1.1 "+test.without {
			t.Errorf("%s: without it: got %q", test.name, got.Without.StatusLine)
		}
		if diff := cmp.Diff(test.wrong, got.Without.wrong()); diff != "" {
			t.Errorf("%s: without it (-want +got):\n%s", test.name, diff)
		}
	}
	plane.CheckEmpty()
}

func TestOwnRequestRefused(t *testing.T) {
	t.Parallel()
	plane := startWithExplorer(t)
	for _, test := range []struct{ request, message string }{
		{"", "the body is not a request"},
		{"[]", "the body is not a request"},
		{own("GET", "/api/v1/workloads", "", "", ""), `backend: outage: unknown mode ""`},
		{own("TRACE", "/api/v1/workloads", "", "", "running"), "method: must be one of GET,"},
		{own("PUT", "/admin/store/corrupt", "", "", "running"), "path: must begin with /api/"},
		{own("GET", "/explorer/own", "", "", "running"), "path: must begin with /api/"},
		{own("GET", "/api/%zz", "", "", "running"), "path: is not a valid URL path"},
		{own("GET", "/api/v1/workloads", "x", "", "running"), "token: must be $TOKEN, $VIEWER or empty"},
		{`{"body":"` + strings.Repeat("a", 1<<17) + `"}`, "the body is not a request"},
	} {
		got := plane.Do(http.MethodPost, "/explorer/own", "", test.request).CheckError(t, http.StatusBadRequest)
		if !strings.HasPrefix(got.Message, test.message) {
			t.Errorf("%.80s: got %q, want %q", test.request, got.Message, test.message)
		}
	}
}
