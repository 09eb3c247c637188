package contracttest_test

import (
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/grpc"

	"github.com/statusbridge/statusbridge/contracttest"
	"github.com/statusbridge/statusbridge/gateway"
	"github.com/statusbridge/statusbridge/internal/testkit/testkitv1"
	"github.com/statusbridge/statusbridge/mapping"
)

// sorted returns the texts of violations, or nil for an empty map.
func sorted(counts map[string]int) []string { return slices.Sorted(maps.Keys(counts)) }

const unread = "early-error: the body of the request was not read before the connection closes"

// TestRouting breaks the responses that a gateway sends without a call to the backend.
func TestRouting(t *testing.T) {
	head := func(x *response) bool { return x.request.Method == http.MethodHead && x.status == 200 }
	for _, test := range []struct {
		name   string
		change func(*response)
		want   []string
	}{
		{"HEAD with another length", when(head, set("Content-Length", "7")),
			[]string{"head-as-get: the Content-Length is 7, and GET has N"}},
		{"HEAD without a length", when(head, func(x *response) {
			x.header.Del("Content-Length")
			x.flush = true
		}), nil},
		{"HEAD with another status", when(head, func(x *response) {
			x.status = 202
		}), []string{"head-as-get: the status is 202, and GET has 200"}},
		{"Allow without a method", when(status(405), set("Allow", "GET")),
			[]string{`allow-exact: Allow is "GET", and the path has POST`}},
		{"no Allow", when(status(405), remove("Allow")), []string{"allow: the 405 has no Allow header"}},
		{"an unknown path", when(unknownPath, become(403, "x")),
			[]string{"unknown-path: the status is 403, not 404"}},
		{"an undocumented status for an unknown path", when(unknownPath, become(418, "x")),
			[]string{"documented-status: the status 418 is not documented"}},
		{"a wrong method", when(status(405), func(x *response) {
			if x.request.Method == "BREW" {
				x.become(501, "x")
			}
		}), []string{"wrong-method: the status is 501, not 405"}},
		{"a bad body", when(status(400), become(409, "x")), []string{"bad-request: the status is 409, not 400"}},
		{"a bad body that is accepted", when(status(400), func(x *response) {
			x.status = 200
		}), []string{"bad-request: the status is 200, not 400"}},
		{"a broken query that is refused with a 500", func(x *response) {
			if x.request.URL.RawQuery == "%zz=1" && x.request.Method == http.MethodPost {
				x.become(500, "An unexpected server error occurred.")
			}
		}, []string{"bad-request: the status is 500, not 400"}},
		{"a broken query that is accepted", func(x *response) {
			if x.request.URL.RawQuery == "%zz=1" && x.status == 400 {
				x.become(200, "x")
			}
		}, nil},
		{"a body that is not read", func(x *response) { x.deaf = true }, []string{unread}},
	} {
		t.Run(test.name, func(t *testing.T) {
			part := contracttest.RunPart(t, contracttest.None, func(
				conn *grpc.ClientConn, reply func() string,
			) http.Handler {
				return mutant(few(newServer(t, conn)), reply, test.change)
			}, dial)
			length := regexp.MustCompile(`(Content-Length is \d+, and GET has) \d+$`) // each path has another one
			got := map[string]int{}
			for text, count := range part.Violations {
				got[length.ReplaceAllString(text, "$1 N")] = count
			}
			if got[unread] > 0 { // the connection may also close while the client is still writing
				maps.DeleteFunc(got, func(text string, _ int) bool {
					return strings.HasPrefix(text, "early-error: the response cannot be read: ")
				})
			}
			if diff := cmp.Diff(test.want, sorted(got)); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

// TestAllowOrder accepts the methods of Allow in any order, with and without HEAD and OPTIONS.
func TestAllowOrder(t *testing.T) {
	reverse := when(status(405), func(x *response) {
		methods := strings.Split(x.header.Get("Allow"), ", ")
		slices.Reverse(methods)
		x.header.Set("Allow", strings.Join(append([]string{"OPTIONS", "HEAD"}, methods...), ","))
	})
	part := contracttest.RunPart(t, contracttest.None, func(conn *grpc.ClientConn, reply func() string) http.Handler {
		return mutant(newServer(t, conn), reply, reverse) // with paths that have several methods
	}, dial)
	if len(part.Violations) > 0 {
		t.Errorf("got %v", part.Violations)
	}
}

// TestDiscovery expects a violation if the handler serves a route without a call to the backend.
func TestDiscovery(t *testing.T) {
	const path = "/contracttest/v1/several/1/and/1"
	for _, test := range []struct {
		status int  // 0 aborts the response
		call   bool // the handler calls another method
		want   []string
	}{
		{404, false, nil},
		{405, false, nil},
		{501, false, nil},
		{401, false, []string{"reached: the handler responds to GET /contracttest/v1/several/{text}/and/{number} " +
			"with 401 and does not call the backend"}},
		{401, true, nil},
		{0, false, []string{"complete: the response cannot be read: EOF"}},
	} {
		part := contracttest.RunPart(t, contracttest.None, func(conn *grpc.ClientConn, _ func() string) http.Handler {
			client := testkitv1.NewThingServiceClient(conn)
			return onPath(path, func(w http.ResponseWriter, r *http.Request) {
				if test.status == 0 {
					panic(http.ErrAbortHandler)
				}
				if test.call {
					_, _ = client.Get(r.Context(), &testkitv1.GetRequest{})
				}
				w.Header().Set("Allow", "POST")
				w.Header().Set("Www-Authenticate", "Bearer")
				gateway.New().WriteError(w, r, mapping.Errorf(test.status, "x"))
			})
		})
		if diff := cmp.Diff(test.want, sorted(part.Violations)); diff != "" || len(part.Routes) > 0 {
			t.Errorf("%d: routes %v, (-want +got)\n%s", test.status, part.Routes, diff)
		}
	}
}

// TestHandSuccess expects that a handler registered by hand may choose the status of its success. It must not hide an
// error of the backend.
func TestHandSuccess(t *testing.T) {
	for _, test := range []struct {
		status int  // of the success
		hides  bool // the handler succeeds although the backend fails
		want   []string
	}{
		{202, false, nil},
		{300, false, []string{"success-status: the status is 300, not 200"}},
		{202, true, []string{"code-status: the status is 202, not 404", "unavailable: the status is 202, not 503"}},
	} {
		part := contracttest.RunPart(t, "^OK$|^code NotFound", func(
			conn *grpc.ClientConn, _ func() string,
		) http.Handler {
			client := testkitv1.NewThingServiceClient(conn)
			return onPath("/hand", func(w http.ResponseWriter, r *http.Request) {
				if r.Method != http.MethodGet && r.Method != http.MethodHead {
					w.Header().Set("Allow", "GET")
					gateway.New().WriteError(w, r, mapping.Errorf(405, "x"))
					return
				}
				if _, err := client.Get(r.Context(), &testkitv1.GetRequest{}); err != nil && !test.hides {
					gateway.New().WriteError(w, r, err)
					return
				}
				w.WriteHeader(test.status)
			})
		}, dial, contracttest.WithRoutes("GET /hand"), contracttest.WithExtraStatuses(300),
			contracttest.WithoutRule("bad-request", "the handler reads nothing"))
		if diff := cmp.Diff(test.want, sorted(part.Violations)); diff != "" {
			t.Errorf("%d: (-want +got)\n%s", test.status, diff)
		}
	}
}

// TestReport expects three violations of a rule, the most frequent first, and the number of the others.
func TestReport(t *testing.T) {
	statuses := map[string]int{
		"GET": 200, "HEAD": 200, "POST": 419, "PUT": 421, "PATCH": 423, "DELETE": 424, "OPTIONS": 420, "BREW": 423,
	}
	l := &log{TB: t}
	contracttest.Run(l, func(*grpc.ClientConn) http.Handler {
		return onPath("/hand", func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(statuses[r.Method])
			if statuses[r.Method] != 200 {
				_, _ = fmt.Fprintf(w, `{"code":%d,"message":"m"}`, statuses[r.Method])
			}
		})
	}, contracttest.WithRoutes("GET /hand"), contracttest.WithoutRule("allow", "no 405"))
	if !regexp.MustCompile(`^contracttest: 12 of \d+ responses of 1 routes break the contract, in 1 rules\.\n`).
		MatchString(l.text) {
		t.Errorf("got %s", l.text)
	}
	var got []string
	for _, line := range strings.Split(l.text, "\n") {
		if regexp.MustCompile(` times: | more ways|^Not`).MatchString(line) {
			got = append(got, strings.TrimSpace(line))
		}
	}
	want := []string{
		"4 times: the status 423 is not documented. The first time:",
		"2 times: the status 419 is not documented. The first time:",
		"2 times: the status 420 is not documented. The first time:",
		"and 2 more ways",
		"Not checked: allow (no 405)",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if !strings.Contains(l.text, "  > PATCH /hand HTTP/1.1\n    backend: OK\n    < HTTP/1.1 423 Locked\n") {
		t.Errorf("no exchange in %s", l.text)
	}
}

// TestReportCorrect expects the number of responses and routes of a correct server.
func TestReportCorrect(t *testing.T) {
	l := &log{TB: t}
	contracttest.Run(l, func(*grpc.ClientConn) http.Handler {
		return onPath("/hand", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusOK) })
	}, contracttest.WithRoutes("GET /hand"))
	want := regexp.MustCompile(`^contracttest: \d+ responses of 1 routes keep the contract\.$`)
	if l.failed || !want.MatchString(l.text) {
		t.Errorf("got %s", l.text)
	}
}
