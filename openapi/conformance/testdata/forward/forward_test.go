package forward

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/statusbridge/statusbridge/gateway"
	"github.com/statusbridge/statusbridge/internal/testkit"
	"github.com/statusbridge/statusbridge/internal/testkit/badpeer"
	"github.com/statusbridge/statusbridge/mapping"
)

// caller makes calls with a generated client and returns what it reads of their errors.
type caller interface {
	getProject(ctx context.Context, id string) error
	listProjects(ctx context.Context, limit int32, filterBy ...string) error
	createProject(ctx context.Context, name string) error
}

// clients are the generated clients.
var clients = map[string]func(t *testing.T, url string, client *http.Client) caller{}

// failures has a call for each documented status of an error, with the gRPC code that the README names.
var failures = []struct {
	status  int
	code    codes.Code
	prepare func(*plane)
	mode    string
	call    func(context.Context, caller) error
}{
	{status: 400, code: codes.InvalidArgument, call: list(0)},
	{status: 401, code: codes.Unauthenticated, prepare: func(p *plane) { p.token = "" }, call: list(10)},
	{status: 403, code: codes.PermissionDenied, prepare: func(p *plane) { p.token = p.viewer }, call: create("other")},
	{status: 404, code: codes.NotFound, call: get("none")},
	{status: 405, code: codes.Unimplemented, prepare: func(p *plane) { p.method = "PATCH" }, call: get("none")},
	{status: 409, code: codes.Aborted, call: create("taken")},
	{status: 500, code: codes.Internal, mode: "store/corrupt", call: list(10)},
	{status: 501, code: codes.Unimplemented, call: list(10, "name==a")},
	{status: 502, code: codes.Unavailable, mode: "resources/rubbish", call: list(10)},
	{status: 503, code: codes.Unavailable, mode: "resources/down", call: get("none")},
	{status: 504, code: codes.DeadlineExceeded, prepare: func(p *plane) { p.hurried = true }, call: list(10)},
}

func get(id string) func(context.Context, caller) error {
	return func(ctx context.Context, c caller) error { return c.getProject(ctx, id) }
}

func list(limit int32, filterBy ...string) func(context.Context, caller) error {
	return func(ctx context.Context, c caller) error { return c.listProjects(ctx, limit, filterBy...) }
}

func create(name string) func(context.Context, caller) error {
	return func(ctx context.Context, c caller) error { return c.createProject(ctx, name) }
}

// TestForward gets every documented error from the example. A service that returns it sends the same gRPC status, and a
// gateway before that service sends the same response.
func TestForward(t *testing.T) {
	p := newPlane(t)
	defer p.set(t, "resources/running")
	defer p.set(t, "store/healthy")
	service := &testkit.Service{}
	url := testkit.Start(t, testkit.Network, service, gateway.New().NewServeMux())
	for name, newClient := range clients {
		t.Run(name, func(t *testing.T) {
			client := newClient(t, p.url, &http.Client{Transport: p})
			p.set(t, "resources/running")
			p.token, p.method, p.hurried = p.administrator, "", false
			if err := client.createProject(t.Context(), "taken"); err != nil && p.last.status != http.StatusConflict {
				t.Fatal(err)
			}
			if err := client.listProjects(t.Context(), 10); err != nil {
				t.Errorf("a success is %v", err)
			}
			for _, failure := range failures {
				p.token, p.method, p.hurried = p.administrator, "", false
				if failure.prepare != nil {
					failure.prepare(p)
				}
				for _, mode := range []string{"store/healthy", "resources/running", failure.mode} {
					if mode != "" {
						p.set(t, mode)
					}
				}
				err := failure.call(t.Context(), client)
				if p.last.status != failure.status {
					t.Fatalf("the API sent %v, want %d", p.last, failure.status)
				}
				checkStatus(t, err, failure.code, p.last)
				service.Behave(testkit.Fails(err))
				sent := testkit.Call{}.To(t, url)
				got := response{status: sent.Status, body: sent.Body, retryAfter: sent.Header.Get("Retry-After")}
				if got != p.last {
					t.Errorf("forwarded as %v, want %v", got, p.last)
				}
			}
		})
	}
}

// checkStatus compares the gRPC status of an error with the response that it was read from.
func checkStatus(t *testing.T, err error, code codes.Code, want response) {
	t.Helper()
	body, parseErr := testkit.ParseErrorBody(want.body)
	if parseErr != nil || body.Code != want.status {
		t.Fatalf("%v: the body is not the documented one: %v", want, parseErr)
	}
	st, ok := status.FromError(err)
	if !ok || st.Code() != code || st.Message() != body.Message {
		t.Errorf("%v: the gRPC status is %v", want, st)
	}
	got := mapping.FromError(st.Err())
	if got.HTTPStatus != body.Code || got.Message != body.Message || got.Details != body.Details {
		t.Errorf("%v: read as %v", want, got)
	}
	seconds := ""
	for _, detail := range st.Details() {
		if retry, ok := detail.(*errdetails.RetryInfo); ok {
			seconds = fmt.Sprint(retry.GetRetryDelay().GetSeconds())
		}
	}
	if seconds != want.retryAfter {
		t.Errorf("%v: RetryInfo of %q seconds", want, seconds)
	}
}

// TestForwardWithoutResponse makes calls that no server answers.
func TestForwardWithoutResponse(t *testing.T) {
	refused := "http://" + badpeer.Nowhere(t)
	expired, cancel := context.WithDeadline(t.Context(), time.Now().Add(-time.Second))
	defer cancel()
	for name, newClient := range clients {
		client := newClient(t, refused, &http.Client{})
		if e := mapping.FromError(client.getProject(t.Context(), "1")); e == nil || e.HTTPStatus != 503 {
			t.Errorf("%s, refused: %v", name, e)
		}
		if e := mapping.FromError(client.getProject(expired, "1")); e == nil || e.HTTPStatus != 504 {
			t.Errorf("%s, expired: %v", name, e)
		}
	}
}

// TestForwardProxy gets a 503 of a proxy. oapi-codegen cannot parse its header or its body and loses the status, unless
// a doer reads the response first.
func TestForwardProxy(t *testing.T) {
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Retry-After", "Fri, 31 Dec 2049 23:59:59 GMT")
		w.WriteHeader(http.StatusServiceUnavailable)
		_, _ = io.WriteString(w, "<h1>secret</h1>")
	}))
	defer proxy.Close()
	for name, newClient := range clients {
		want := http.StatusServiceUnavailable
		if name == "oapi-codegen" {
			want = http.StatusInternalServerError
		}
		e := mapping.FromError(newClient(t, proxy.URL, http.DefaultClient).getProject(t.Context(), "1"))
		if e == nil || e.HTTPStatus != want || strings.Contains(e.Message+e.Details, "secret") {
			t.Errorf("%s: %v, want %d", name, e, want)
		}
	}
}

// TestFromResponseAfterClose reads the http.Response of oapi-codegen, whose body is closed. The status is right, and
// the cause says why the message is missing.
func TestFromResponseAfterClose(t *testing.T) {
	p := newPlane(t)
	p.token = p.administrator
	api := newOAPI(t, p.url, &http.Client{Transport: p})
	answer, err := api.ProjectsServiceGetProjectWithResponse(t.Context(), "none")
	if err != nil {
		t.Fatal(err)
	}
	e := mapping.FromError(mapping.FromResponse(answer.HTTPResponse))
	if e == nil || e.HTTPStatus != http.StatusNotFound || e.Unwrap() == nil ||
		!strings.Contains(errors.Unwrap(e).Error(), "closed") {
		t.Errorf("got %v", e)
	}
}
