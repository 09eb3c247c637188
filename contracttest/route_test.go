package contracttest_test

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	urlpath "path"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/grpc"

	"github.com/statusbridge/statusbridge/contracttest"
	"github.com/statusbridge/statusbridge/gateway"
	"github.com/statusbridge/statusbridge/mapping"
)

// TestRoutes expects that Run finds a route for each form of a template and each kind of field. A correct gateway
// accepts its requests.
func TestRoutes(t *testing.T) {
	part := contracttest.RunPart(t, contracttest.None, func(conn *grpc.ClientConn, _ func() string) http.Handler {
		return dynamic(t, conn, routing)
	}, dial)
	var want []string
	for _, method := range routing {
		for _, rule := range method.rules() {
			verb, template := bound(rule)
			want = append(want, verb+" "+template)
		}
	}
	slices.Sort(want)
	if diff := cmp.Diff(want, slices.Sorted(slices.Values(part.Routes))); diff != "" {
		t.Errorf("routes: (-want +got)\n%s", diff)
	}
	if len(part.Violations) > 0 {
		t.Errorf("got %v", part.Violations)
	}
}

// TestRequests expects the requests with which Run looks for routes.
func TestRequests(t *testing.T) {
	got := map[string]string{}
	contracttest.RunPart(t, contracttest.None, func(_ *grpc.ClientConn, _ func() string) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			content, _ := io.ReadAll(r.Body)
			if _, path, ok := strings.Cut(r.URL.Path, "/contracttest/v1/"); ok && r.Header.Get("Test") == "1" {
				got[r.Method+" "+path] = string(content)
			}
			http.NotFound(w, r)
		})
	}, contracttest.WithRequest(func(r *http.Request) { r.Header.Set("Test", "1") }))
	for request, want := range map[string]string{
		"GET declared/1":                     "",
		"GET declared/a/1/b/1":               "",
		"GET declared/1/x.y:stop":            "",
		"GET named/projects/1/things/1":      "",
		"GET files/1":                        "",
		"GET verb/a/1:stop":                  "",
		"GET path/flag/true":                 "",
		"GET path/data/MQ==":                 "",
		"GET path/kind/KIND_UNSPECIFIED":     "",
		"GET path/time/2006-01-02T15:04:05Z": "",
		"GET path/wait/1s":                   "",
		"GET path/maybe/true":                "",
		"GET path/blob/MQ==":                 "",
		"GET path/count/1":                   "",
		"PURGE methods":                      "",
		"POST whole":                         "{}",
		"POST body/missing":                  "{}",
		"GET unknown/1/1":                    "",
		"POST body/flag":                     "true",
		"POST body/names":                    "[]",
		"POST body/labels":                   "{}",
		"POST body/kind":                     "0",
		"POST body/note":                     `""`,
		"POST body/blob":                     `"MQ=="`,
	} {
		if content, ok := got[request]; !ok || content != want {
			t.Errorf("%s: got %q (%v), want %q", request, content, ok, want)
		}
	}
}

// TestBadRequests expects bad requests to each route that reads the bad part, and to no other route.
func TestBadRequests(t *testing.T) {
	got := map[string]bool{}
	contracttest.RunPart(t, contracttest.None, func(conn *grpc.ClientConn, _ func() string) http.Handler {
		server := dynamic(t, conn, routing)
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			content, _ := io.ReadAll(r.Body)
			if _, route, ok := strings.Cut(r.URL.RequestURI(), "/contracttest/v1/"); ok && len(content) < 100 {
				got[r.Method+" "+route+" "+string(content)] = true
			}
			r.Body = io.NopCloser(bytes.NewReader(content))
			server.ServeHTTP(w, r)
		})
	}, dial)
	for request, want := range map[string]bool{
		"GET star/1/end?%zz=1 ":                    true,
		"GET star/1/end?number=contracttest ":      true,
		"GET rest/1?number=contracttest ":          true,
		"GET several/1/and/contracttest ":          true,
		"GET several/contracttest/and/1 ":          false,
		"GET several/1/and/1?number=contracttest ": false,
		"GET nested/contracttest ":                 true,
		"GET path/number/contracttest ":            true,
		"GET path/count/contracttest ":             false, // a message
		"POST whole?%zz=1 {}":                      true,
		"POST whole?number=contracttest {}":        false,
		"POST whole {":                             true,
		"POST whole []":                            true,
		"POST whole \x00":                          true,
		"POST whole {\"a\":\"\xff\"}":              true,
		"POST body/nested []":                      true,
		"POST body/labels []":                      true,
		"POST body/object {":                       true,
		"POST body/any {":                          true,
		"POST body/nothing {":                      true,
		"POST body/names {":                        false,
		"POST body/list {":                         false,
		"POST body/value []":                       false,
		"POST body/raw {":                          false,
		"POST body/time {":                         false,
		"POST body/count {":                        false,
		"POST body/mask {":                         false,
		"POST upload {}":                           true,
		"POST upload {":                            false,
		"DELETE methods {":                         false,
	} {
		if got[request] != want {
			t.Errorf("%q: got %v", request, !want)
		}
	}
}

// TestDeclaredSuccess expects the declared status if the gateway sends it, and 200 otherwise.
func TestDeclaredSuccess(t *testing.T) {
	for _, test := range []struct {
		accepted, missing, created int // the statuses that the server sends
		options                    []contracttest.Option
		want                       map[string]int
	}{
		{202, 200, 200, nil, map[string]int{}},
		{200, 202, 202, nil, map[string]int{
			"success-status: the status is 200, not 202": 2, "success-status: the status is 202, not 200": 4,
		}},
		{202, 200, 201, []contracttest.Option{contracttest.WithExtraStatuses(201)}, map[string]int{}},
	} {
		statuses := map[string]int{"accepted": test.accepted, "missing": test.missing, "created": test.created}
		succeeded := func(x *response) bool { return x.status >= 200 && x.status < 300 }
		part := contracttest.RunPart(t, "^OK$", func(conn *grpc.ClientConn, reply func() string) http.Handler {
			return mutant(dynamic(t, conn, choosing), reply, when(succeeded, func(x *response) {
				x.status, x.written = statuses[urlpath.Base(x.request.URL.Path)], true
			}))
		}, append(test.options, dial)...)
		if diff := cmp.Diff(test.want, part.Violations); diff != "" {
			t.Errorf("(-want +got)\n%s", diff)
		}
	}
}

// TestDeclaredErrors judges the errors of methods with the option statusbridge.v1.errors. The most specific template
// decides.
func TestDeclaredErrors(t *testing.T) {
	const prefix = "/contracttest/v1/declared/"
	for _, test := range []struct {
		method, path string
		status       int
		ok           bool
	}{
		{"GET", prefix + "7", 404, true},
		{"GET", prefix + "7", 401, false},
		{"GET", prefix + "7", 403, false},
		{"GET", prefix + "7", 409, false},
		{"GET", prefix + "7", 400, true},
		{"GET", prefix + "7", 500, true},
		{"GET", prefix + "7", 501, true},
		{"GET", prefix + "7", 503, true},
		{"POST", prefix + "7", 409, true},
		{"GET", prefix + "7/more", 409, true},
		{"GET", "/x" + prefix + "7", 409, true},
		{"GET", prefix + "special", 409, true},
		{"GET", prefix + "special", 404, false},
		{"GET", prefix + "a/1/b/1", 403, true},
		{"GET", prefix + "a/1/b/1/2/3", 403, true},
		{"GET", prefix + "a/1/b/1/2/3", 404, false},
		{"GET", prefix + "a/1/1/b/1", 404, true},
		{"GET", prefix + "7/x.y:stop", 401, true},
		{"GET", prefix + "7/x.y:stop", 403, false},
		{"GET", prefix + "7/xxy:stop", 403, true},
		{"GET", prefix + "7/end", 404, true},
		{"GET", prefix + "deep/end", 409, true},
		{"GET", prefix + "deep/end", 404, false},
	} {
		w, r := httptest.NewRecorder(), httptest.NewRequest(test.method, test.path, nil)
		gateway.New().WriteError(w, r, mapping.Errorf(test.status, "an error"))
		response := &http.Response{StatusCode: w.Code, Header: w.Header(), Request: r}
		got := texts(contracttest.Violations(response, w.Body.Bytes()))
		if hasRule(got, "declared-errors") == test.ok || len(got) > 1 {
			t.Errorf("%s %s: %d: got %q", test.method, test.path, test.status, got)
		}
	}
}
