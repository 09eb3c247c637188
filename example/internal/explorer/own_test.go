package explorer_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestOwnRequest(t *testing.T) {
	t.Parallel()
	plane := startWithExplorer(t)
	const address = "shows an internal address"
	for _, test := range []struct {
		name, request string
		with, without string
		wrong         []string
	}{
		{"a route that does not exist", `{"method":"GET","path":"/api/v2","backend":"running"}`,
			"404 Not Found", "404 Not Found", []string{otherBody}},
		{"a new project", `{"method":"GET","path":"/api/v1/org-unit/projects/$PROJECT","token":"$VIEWER","backend":"running"}`,
			"200 OK", "200 OK", []string{}},
		{"a workspace that the request deletes",
			`{"method":"DELETE","path":"/api/v1/workloads/workspaces/$WORKSPACE","token":"$TOKEN","backend":"running"}`,
			"202 Accepted", "200 OK", []string{}},
		{"a body", `{"method":"POST","path":"/api/v1/org-unit/projects","token":"$TOKEN","body":"{","backend":"running"}`,
			"400 Bad Request", "400 Bad Request", []string{otherBody}},
		{"the backend is down", `{"method":"GET","path":"/api/v1/workloads","token":"$TOKEN","backend":"down"}`,
			"503 Service Unavailable", "503 Service Unavailable", []string{otherBody, address}},
		{"the backend is slow", `{"method":"GET","path":"/api/v1/workloads","token":"$TOKEN","backend":"hang"}`,
			"504 Gateway Timeout", "504 Gateway Timeout", []string{otherBody}},
		{"the backend is not gRPC", `{"method":"GET","path":"/api/v1/org-unit/projects","token":"$TOKEN","backend":"rubbish"}`,
			"502 Bad Gateway", "503 Service Unavailable", []string{otherBody}},
		{"the backend is running again", `{"method":"GET","path":"/api/v1/workloads","token":"$TOKEN","backend":"running"}`,
			"200 OK", "200 OK", []string{}},
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
	checkNothingIsLeft(t, plane)
}

func TestOwnRequestRefused(t *testing.T) {
	t.Parallel()
	plane := startWithExplorer(t)
	for _, test := range []struct{ request, message string }{
		{"", "the body is not a request"},
		{"[]", "the body is not a request"},
		{`{"method":"GET","path":"/api/v1/workloads"}`, `backend: outage: unknown mode ""`},
		{`{"method":"TRACE","path":"/api/v1/workloads","backend":"running"}`, "method: must be one of GET,"},
		{`{"method":"PUT","path":"/admin/store/corrupt","backend":"running"}`, "path: must begin with /api/"},
		{`{"method":"GET","path":"/explorer/own","backend":"running"}`, "path: must begin with /api/"},
		{`{"method":"GET","path":"/api/v1/workloads","token":"x","backend":"running"}`, "token: must be $TOKEN, $VIEWER or empty"},
		{`{"method":"GET","path":"/api/%zz","backend":"running"}`, "path: "},
		{`{"body":"` + strings.Repeat("a", 1<<17) + `"}`, "the body is not a request"},
	} {
		got := plane.Do(http.MethodPost, "/explorer/own", "", test.request).CheckError(t, http.StatusBadRequest)
		if !strings.HasPrefix(got.Message, test.message) {
			t.Errorf("%.80s: got %q, want %q", test.request, got.Message, test.message)
		}
	}
}
