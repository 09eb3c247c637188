package contracttest_test

import (
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"testing"

	"google.golang.org/grpc"

	"github.com/statusbridge/statusbridge/contracttest"
)

// A response is what the server sends. A mutation may change it before it is sent.
type response struct {
	request *http.Request
	reply   string // the name of the backend's reply
	status  int
	header  http.Header
	body    string
	written bool // the handler called WriteHeader
	flush   bool // send the header before the body is complete
	abort   bool // break the connection after the body
	handled bool // do not call the handler
	deaf    bool // call the handler without the request body
}

// setBody changes the body and its length.
func (x *response) setBody(body string) {
	x.body = body
	x.header.Set("Content-Length", strconv.Itoa(len(body)))
}

// become makes the response a documented error.
func (x *response) become(status int, message string) {
	x.status, x.written = status, true
	x.header.Set("Content-Type", "application/json")
	body, _ := json.Marshal(struct {
		Code    int    `json:"code"`
		Message string `json:"message"`
	}{status, message})
	x.setBody(string(body))
}

// mutant returns a handler that changes the responses of another.
func mutant(handler http.Handler, reply func() string, change func(*response)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		seen := &noted{ResponseRecorder: httptest.NewRecorder()}
		x := &response{request: r, reply: reply(), header: seen.Header()}
		change(x)
		if !x.handled {
			x.abort = serve(handler, seen, r, x.deaf)
			x.status, x.body, x.written = seen.Code, seen.Body.String(), seen.written
			change(x)
		}
		maps.Copy(w.Header(), x.header)
		if x.written || x.status != http.StatusOK {
			w.WriteHeader(x.status)
		}
		if x.flush {
			_ = http.NewResponseController(w).Flush()
		}
		_, _ = w.Write([]byte(x.body))
		if x.abort {
			_ = http.NewResponseController(w).Flush()
			panic(http.ErrAbortHandler)
		}
	})
}

// serve calls a handler and reports whether it aborted.
func serve(handler http.Handler, w http.ResponseWriter, r *http.Request, deaf bool) (aborted bool) {
	defer func() { aborted = recover() != nil }()
	if deaf && r.Close {
		r = r.Clone(r.Context())
		r.Body = http.NoBody
	}
	handler.ServeHTTP(w, r)
	return false
}

// noted records whether WriteHeader was called.
type noted struct {
	*httptest.ResponseRecorder
	written bool
}

func (n *noted) WriteHeader(status int) {
	n.written = true
	n.ResponseRecorder.WriteHeader(status)
}

// few serves some of the routes, one of each kind, so that each run is short.
func few(handler http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		path, _, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/v1/things"), "/contracttest")
		if !slices.Contains([]string{"", "/1/name", "/1/watch", "/1/export"}, path) {
			notFound(w, r)
			return
		}
		handler.ServeHTTP(w, r)
	})
}

// TestMutations breaks a correct server in one way for each rule. Every mutation must be found, and by no other rule.
func TestMutations(t *testing.T) {
	skipUnderRace(t)
	judge := func(t *testing.T, change func(*response)) []string {
		return sorted(contracttest.Judge(t, func(conn *grpc.ClientConn, reply func() string) http.Handler {
			return mutant(few(newServer(t, conn)), reply, change)
		}, dial))
	}
	if found := judge(t, func(*response) {}); len(found) > 0 {
		t.Errorf("the correct server breaks rules: %q", found)
	}
	tested := map[string]bool{"declared-errors": true} // by TestDeclaredErrors
	for _, m := range mutations {
		tested[m.rule] = true
		t.Run(m.rule, func(t *testing.T) {
			t.Parallel()
			found := judge(t, m.change)
			if !hasRule(found, m.rule) {
				t.Error("the mutation was not found")
			}
			for _, line := range found {
				if !hasRule([]string{line}, m.rule) {
					t.Errorf("the mutation breaks another rule as well: %s", line)
				}
			}
		})
	}
	for _, rule := range contracttest.RuleNames() {
		if !tested[rule] {
			t.Errorf("no mutation breaks %s", rule)
		}
	}
}

// skipUnderRace skips a test that makes many requests, if the tests are compiled with -race. Other tests run the same
// code with the race detector.
func skipUnderRace(t *testing.T) {
	t.Helper()
	info, ok := debug.ReadBuildInfo()
	if ok && slices.Contains(info.Settings, debug.BuildSetting{Key: "-race", Value: "true"}) {
		t.Skip("the race detector makes this test five times slower; make test-versions runs it without -race")
	}
}
