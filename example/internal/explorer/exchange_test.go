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
	"github.com/statusbridge/statusbridge/example/internal/trace"
	"github.com/statusbridge/statusbridge/internal/testkit"
)

// exchange is a request and its response in the JSON of the explorer.
type exchange struct {
	Request, StatusLine, Header, Body string
	Checks                            []struct {
		Good bool
		Text string
	}
	Trace trace.Trace
}

// wrong returns the texts of the failed checks.
func (e exchange) wrong() []string {
	texts := []string{}
	for _, c := range e.Checks {
		if !c.Good {
			texts = append(texts, c.Text)
		}
	}
	return texts
}

type comparison struct {
	Meaning, Why  string
	With, Without exchange
	Shell         string
}

// schedulerTimeout is longer than a running scheduler needs on a busy machine.
const schedulerTimeout = 3 * time.Second

func startWithExplorer(t *testing.T) *apitest.Plane {
	recorder := trace.NewRecorder()
	return apitest.Start(t, controlplane.Config{
		Explorer: newExplorer(t, recorder), Trace: recorder, SchedulerTimeout: schedulerTimeout,
	})
}

func compare(t *testing.T, plane *apitest.Plane, path, body string) comparison {
	t.Helper()
	response := plane.Do(http.MethodPost, "/explorer/"+path, "", body)
	if response.Status != http.StatusOK {
		t.Fatalf("%s: got %d %s", path, response.Status, response.Body)
	}
	var c comparison
	response.Decode(t, &c)
	return c
}

const (
	otherBody   = "another error body"
	noAllow     = "no Allow header"
	noChallenge = "no WWW-Authenticate challenge"
)

// without lists the responses of grpc-gateway without this library, as curl showed them.
var without = map[string]struct {
	line  string
	wrong []string
}{
	"200": {"200 OK", nil},
	"202": {"200 OK", []string{"200 instead of 202"}},
	"204": {"200 OK", []string{"200 instead of 204"}},
	"400": {"400 Bad Request", []string{otherBody}},
	"401": {"401 Unauthorized", []string{otherBody, noChallenge}},
	"403": {"403 Forbidden", []string{otherBody}},
	"404": {"404 Not Found", []string{otherBody}},
	"405": {"501 Not Implemented", []string{"501 instead of 405", otherBody, noAllow}},
	"409": {"409 Conflict", []string{otherBody}},
	"500": {"500 Internal Server Error", []string{otherBody}},
	"501": {"501 Not Implemented", []string{otherBody}},
	"502": {"503 Service Unavailable", []string{"503 instead of 502", otherBody}},
	"503": {"503 Service Unavailable", []string{otherBody}},
	"504": {"504 Gateway Timeout", []string{otherBody}},
}

func TestSteps(t *testing.T) {
	t.Parallel()
	plane := startWithExplorer(t)
	for _, row := range documented {
		status, reason, meaning := row[0], row[1], row[2]
		t.Run(status, func(t *testing.T) {
			got := compare(t, plane, "steps/"+status, "")
			if want := "HTTP/1.1 " + status + " " + reason; got.With.StatusLine != want || len(got.With.wrong()) > 0 {
				t.Errorf("with statusbridge: got %q, %q, want %q", got.With.StatusLine, got.With.wrong(), want)
			}
			if want := "HTTP/1.1 " + without[status].line; got.Without.StatusLine != want {
				t.Errorf("without it: got %q, want %q", got.Without.StatusLine, want)
			}
			if diff := cmp.Diff(append([]string{}, without[status].wrong...), got.Without.wrong()); diff != "" {
				t.Errorf("without it (-want +got):\n%s", diff)
			}
			if with, without := len(got.With.Checks), len(got.Without.Checks); with != without {
				t.Errorf("%d checks with statusbridge, and %d without it", with, without)
			}
			checkBytes(t, plane, got.With, "")
			checkBytes(t, plane, got.Without, controlplane.WithoutPrefix)
			checkFairness(t, got.Without)
			if got.Meaning != meaning || got.Why == "" {
				t.Errorf("the meaning is %q and the reason %q", got.Meaning, got.Why)
			}
			url := "export URL=" + plane.URL() + "\n"
			if !strings.Contains(got.Shell, url) || strings.Count(got.Shell, "curl -si ") != 1 {
				t.Errorf("the commands are %s", got.Shell)
			}
		})
	}
	plane.CheckEmpty()
}

// checkBytes reads the recorded bytes as RFC 9112 defines them.
func checkBytes(t *testing.T, plane *apitest.Plane, got exchange, prefix string) {
	t.Helper()
	line, rest, _ := strings.Cut(got.Request, "\r\n")
	words := strings.Split(line, " ")
	if len(words) != 3 || !strings.HasPrefix(words[1], prefix+"/api/v1/") || words[2] != "HTTP/1.1" {
		t.Errorf("the request line is %q", line)
	}
	host := "Host: " + strings.TrimPrefix(plane.URL(), "http://") + "\r\n"
	if !strings.HasPrefix(rest, host) || !strings.Contains(rest, "\r\n\r\n") {
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

// checkFairness makes sure that the gateway without this library gets what services without it send.
func checkFairness(t *testing.T, got exchange) {
	t.Helper()
	if strings.Contains(strings.ToLower(got.Header+got.Body), "statusbridge") {
		t.Errorf("the response has traces of this library:\n%s\n%s", got.Header, got.Body)
	}
	if received := got.Trace.GRPC; received != nil {
		if details := strings.Join(received.Details, " "); strings.Contains(details, "statusbridge") {
			t.Errorf("the gateway received %s", details)
		}
	}
}

// TestTrace compares the way of requests that end at the mux, in the service and on the connection.
func TestTrace(t *testing.T) {
	t.Parallel()
	plane := startWithExplorer(t)
	const (
		list    = "/api/v1/workloads"
		listRPC = "/controlplane.v1.WorkloadsService/ListWorkloads"
		filter  = "filterBy: this control plane does not support it"
	)
	for _, test := range []struct {
		path, body string
		want       trace.Trace
	}{
		{"steps/405", "", trace.Trace{Observation: &trace.Observation{
			Status: 405, Origin: "request", Code: "Unimplemented", Cause: "no route: 405 Method Not Allowed",
		}}},
		{"steps/501", "", trace.Trace{
			Route: list, RPC: listRPC, Reached: true,
			GRPC: &trace.GRPCStatus{Code: "Unimplemented", Message: filter, Details: []string{
				`statusbridge.v1.Error {"code":501,"message":"` + filter + `"}`,
			}},
			Cause: "501 Not Implemented: " + filter,
			Observation: &trace.Observation{
				Status: 501, Origin: "backend", Code: "Unimplemented",
				Cause: "rpc error: code = Unimplemented desc = " + filter,
			},
		}},
		{"own", `{"method":"GET","path":"/api/v1/workloads","token":"$TOKEN","backend":"running"}`, trace.Trace{
			Route: list, RPC: listRPC, Reached: true, GRPC: &trace.GRPCStatus{Code: "OK", Details: []string{}},
		}},
	} {
		got := compare(t, plane, test.path, test.body).With.Trace
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s %s (-want +got):\n%s", test.path, test.body, diff)
		}
	}
}

func TestStepsInParallel(t *testing.T) {
	t.Parallel()
	plane := startWithExplorer(t)
	var running sync.WaitGroup
	for _, row := range documented {
		running.Go(func() {
			got := compare(t, plane, "steps/"+row[0], "")
			if want := "HTTP/1.1 " + row[0] + " " + row[1]; got.With.StatusLine != want || len(got.With.wrong()) > 0 {
				t.Errorf("got %q, %q, want %q", got.With.StatusLine, got.With.wrong(), want)
			}
		})
	}
	running.Wait()
	plane.CheckEmpty()
}

// TestCallerLeaves ends a request while the scheduler hangs. The next caller is not affected.
func TestCallerLeaves(t *testing.T) {
	t.Parallel()
	plane := startWithExplorer(t)
	ctx, leave := context.WithTimeout(t.Context(), 500*time.Millisecond)
	defer leave()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, plane.URL()+"/explorer/steps/504", nil)
	if err != nil {
		t.Fatal(err)
	}
	if response, err := testkit.Client.Do(request); err == nil {
		_ = response.Body.Close()
		t.Fatalf("got %s from a scheduler that hangs", response.Status)
	}
	// The 202 needs a running scheduler, so it waits until the 504 has been undone.
	if got := compare(t, plane, "steps/202", "").With.StatusLine; got != "HTTP/1.1 202 Accepted" {
		t.Errorf("afterwards: %s", got)
	}
	plane.CheckEmpty()
}
