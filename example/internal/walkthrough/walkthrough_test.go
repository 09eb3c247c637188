package walkthrough_test

import (
	"bytes"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/statusbridge/statusbridge/example/internal/apitest"
	"github.com/statusbridge/statusbridge/example/internal/controlplane"
	"github.com/statusbridge/statusbridge/example/internal/walkthrough"
)

// documented are the statuses of the page, kept apart from the library's own table.
// https://docs.nvidia.com/run-ai/self-hosted/reference/rest-api/getting-started/using-the-rest-api/http-status-codes
var documented = []int{200, 202, 204, 400, 401, 403, 404, 405, 409, 500, 501, 502, 503, 504}

func TestEveryStatusIsShownOnce(t *testing.T) {
	var shown []int
	for _, step := range walkthrough.Steps() {
		shown = append(shown, step.Status)
	}
	slices.Sort(shown)
	if diff := cmp.Diff(documented, shown); diff != "" {
		t.Errorf("statuses (-documented +shown):\n%s", diff)
	}
}

// TestSteps makes the requests of the tour in its order.
func TestSteps(t *testing.T) {
	t.Parallel()
	plane := apitest.Start(t, controlplane.Config{})
	tokens := map[walkthrough.Token]string{}
	for _, credential := range walkthrough.Credentials {
		tokens[credential.Token] = plane.Token(credential.Key)
	}
	do := func(request walkthrough.Request) apitest.Response {
		return plane.Do(request.Method, request.Path, tokens[request.Token], request.Body)
	}
	succeed := func(requests []walkthrough.Request) {
		for _, request := range requests {
			if response := do(request); response.Status != http.StatusOK {
				t.Fatalf("%s %s: %d %s", request.Method, request.Path, response.Status, response.Body)
			}
		}
	}
	for _, step := range walkthrough.Steps() {
		t.Run(fmt.Sprint(step.Status), func(t *testing.T) {
			succeed(step.Before)
			response := do(step.Request)
			succeed(step.After)
			switch {
			case step.Status >= http.StatusBadRequest:
				response.CheckError(t, step.Status)
			case response.Status != step.Status:
				t.Fatalf("got %d, want %d: %s", response.Status, step.Status, response.Body)
			case step.Status == http.StatusNoContent:
				if len(response.Body) > 0 || response.Header.Get("Content-Type") != "" || response.Header.Get("Content-Length") != "" {
					t.Errorf("a 204 has a body: %q, %v", response.Body, response.Header)
				}
			case response.Header.Get("Content-Type") != "application/json":
				t.Errorf("Content-Type: got %q, want application/json", response.Header.Get("Content-Type"))
			}
		})
	}
}

// TestPrintedCommands runs what is printed, as it is printed.
func TestPrintedCommands(t *testing.T) {
	t.Parallel()
	for _, tool := range []string{"sh", "curl", "sed"} {
		if _, err := exec.LookPath(tool); err != nil {
			if os.Getenv("CI") == "true" {
				t.Fatalf("CI has no %s", tool)
			}
			t.Skipf("this machine has no %s", tool)
		}
	}
	plane := apitest.Start(t, controlplane.Config{})
	var script bytes.Buffer
	if err := walkthrough.Print(&script, plane.URL()); err != nil {
		t.Fatal(err)
	}
	shell := exec.CommandContext(t.Context(), "sh", "-eu")
	shell.Stdin = strings.NewReader(script.String())
	output, err := shell.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, output)
	}
	var got, want []string
	for _, line := range regexp.MustCompile(`(?m)^HTTP/1\.1 (\d+)`).FindAllStringSubmatch(string(output), -1) {
		got = append(got, line[1])
	}
	for _, step := range walkthrough.Steps() {
		want = append(want, fmt.Sprint(step.Status))
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("statuses (-want +got):\n%s\n%s", diff, output)
	}
}

// TestNothingNeedsEscaping keeps the printed commands simple: what stands in single quotes has no single quote, and
// what stands in double quotes nothing that a shell would read there.
func TestNothingNeedsEscaping(t *testing.T) {
	for _, step := range walkthrough.Steps() {
		for _, request := range slices.Concat(step.Before, []walkthrough.Request{step.Request}, step.After) {
			if strings.ContainsAny(request.Body, `'`) || strings.ContainsAny(request.Path, "\"$`\\!") {
				t.Errorf("%s %s %s", request.Method, request.Path, request.Body)
			}
		}
	}
}
