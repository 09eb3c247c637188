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
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/statusbridge/statusbridge/example/internal/apitest"
	"github.com/statusbridge/statusbridge/example/internal/controlplane"
	"github.com/statusbridge/statusbridge/example/internal/walkthrough"
)

// documented is a copy of the documented statuses, independent of the library's table.
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

// TestSteps sends the requests of the tour in its order and then backwards, so that no step depends on another one.
func TestSteps(t *testing.T) {
	t.Parallel()
	plane := apitest.Start(t, controlplane.Config{SchedulerTimeout: 3 * time.Second})
	steps := walkthrough.Steps()
	backwards := slices.Clone(steps)
	slices.Reverse(backwards)
	for i, step := range slices.Concat(steps, backwards) {
		t.Run(fmt.Sprint(i, " ", step.Status), func(t *testing.T) {
			values, err := step.Prepare(t.Context(), plane.URL())
			if err != nil {
				t.Fatal(err)
			}
			request := step.Request.With(values)
			response := plane.Do(request.Method, request.Path, request.Token, request.Body)
			if err := step.Undo(t.Context(), plane.URL(), values); err != nil {
				t.Error(err)
			}
			switch {
			case step.Status >= http.StatusBadRequest:
				response.CheckError(t, step.Status)
			case response.Status != step.Status:
				t.Fatalf("got %d, want %d: %s", response.Status, step.Status, response.Body)
			case step.Status == http.StatusNoContent:
				header := response.Header
				if response.Body != "" || header.Get("Content-Type") != "" || header.Get("Content-Length") != "" {
					t.Errorf("a 204 has a body: %q, %v", response.Body, response.Header)
				}
			case response.Header.Get("Content-Type") != "application/json":
				t.Errorf("Content-Type: got %q, want application/json", response.Header.Get("Content-Type"))
			}
		})
	}
	plane.CheckEmpty()
}

// TestPrepareRepairs prepares each step while everything is broken, as after a tour that was interrupted.
func TestPrepareRepairs(t *testing.T) {
	t.Parallel()
	plane := apitest.Start(t, controlplane.Config{})
	for _, step := range walkthrough.Steps() {
		for _, broken := range []string{"store/corrupt", "scheduler/down", "workloads/down", "resources/down"} {
			plane.Do(http.MethodPut, "/admin/"+broken, "", "")
		}
		values, err := step.Prepare(t.Context(), plane.URL())
		if err != nil {
			t.Errorf("%d: %v", step.Status, err)
		}
		if err := step.Undo(t.Context(), plane.URL(), values); err != nil {
			t.Errorf("%d: %v", step.Status, err)
		}
	}
}

// TestUndoAfterFailure undoes steps whose preparation failed half-way.
func TestUndoAfterFailure(t *testing.T) {
	t.Parallel()
	plane := apitest.Start(t, controlplane.Config{})
	for _, step := range walkthrough.Steps() {
		for i := range step.Before {
			broken := step
			broken.Before = slices.Clone(step.Before[:i+1])
			broken.Before[i].Method = http.MethodPatch
			values, err := broken.Prepare(t.Context(), plane.URL())
			if err == nil || !strings.Contains(err.Error(), "405 Method Not Allowed") {
				t.Errorf("%d without the %d. preparation: %v", step.Status, i+1, err)
			}
			if err := broken.Undo(t.Context(), plane.URL(), values); err != nil {
				t.Errorf("%d without the %d. preparation: %v", step.Status, i+1, err)
			}
		}
	}
	plane.CheckEmpty()
}

// shells lists how to run each shell as if the commands had been pasted: interactive, where that makes a difference.
var shells = map[string][]string{
	"sh":   {"-eu"},
	"dash": {"-i"},
	"bash": {"--norc", "--noprofile", "-i"},
	"zsh":  {"-f", "-i"},
	"fish": {"--no-config"},
}

// complaint matches an error message of a shell or of curl. The message about the missing terminal is expected.
var (
	complaint = regexp.MustCompile(`(?m)\b(?:sh|dash|bash|zsh|fish|curl): .*$`)
	terminal  = regexp.MustCompile(`job control|terminal process group`)
)

func TestPrintedCommands(t *testing.T) {
	t.Parallel()
	var script bytes.Buffer
	plane := apitest.Start(t, controlplane.Config{})
	if err := walkthrough.Print(&script, plane.URL(), walkthrough.Steps()...); err != nil {
		t.Fatal(err)
	}
	var want []string
	for _, step := range walkthrough.Steps() {
		want = append(want, fmt.Sprint(step.Status))
	}
	for name, args := range shells {
		t.Run(name, func(t *testing.T) {
			needTools(t, name, "curl", "sed")
			shell := exec.CommandContext(t.Context(), name, args...)
			shell.Env = append(os.Environ(), "HOME="+t.TempDir(), "TERM=dumb", "ENV=")
			shell.Stdin = strings.NewReader(script.String())
			output, err := shell.CombinedOutput()
			if err != nil {
				t.Fatalf("%v\n%s", err, output)
			}
			for _, found := range complaint.FindAllString(string(output), -1) {
				if !terminal.MatchString(found) {
					t.Errorf("the shell prints %q:\n%s", found, output)
				}
			}
			var got []string
			for _, line := range regexp.MustCompile(`HTTP/1\.1 (\d+)`).FindAllStringSubmatch(string(output), -1) {
				got = append(got, line[1])
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("statuses (-want +got):\n%s\n%s", diff, output)
			}
			plane.CheckEmpty()
		})
	}
}

// needTools skips the test if a tool is not installed. In CI that is a failure.
func needTools(t *testing.T, tools ...string) {
	t.Helper()
	for _, tool := range tools {
		if _, err := exec.LookPath(tool); err == nil {
			continue
		}
		if os.Getenv("CI") == "true" {
			t.Fatalf("%s is not installed", tool)
		}
		t.Skipf("%s is not installed", tool)
	}
}

// TestPrintedText makes sure that the commands contain neither comments, which an interactive zsh refuses, nor
// apostrophes and history characters in echoed texts.
func TestPrintedText(t *testing.T) {
	var script bytes.Buffer
	if err := walkthrough.Print(&script, "http://127.0.0.1:8080", walkthrough.Steps()...); err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(script.String()) {
		text, echoed := strings.CutPrefix(line, "echo ")
		if strings.HasPrefix(line, "#") || echoed && strings.ContainsAny(text, "'!$`\\#") {
			t.Errorf("a shell misreads %s", line)
		}
	}
}

// TestNothingNeedsEscaping makes sure that texts in single quotes have no single quotes, and that texts in double
// quotes contain only variables that a shell expands.
func TestNothingNeedsEscaping(t *testing.T) {
	variables := strings.NewReplacer("$TOKEN", "", "$VIEWER", "", "$PROJECT", "", "$WORKSPACE", "", "$NAME", "")
	for _, step := range walkthrough.Steps() {
		for _, request := range slices.Concat(step.Before, []walkthrough.Request{step.Request}, step.After) {
			body, path := variables.Replace(request.Body), variables.Replace(request.Path)
			if strings.ContainsAny(body, `'$`) || strings.ContainsAny(path, "\"$`\\!") {
				t.Errorf("%s %s %s", request.Method, request.Path, request.Body)
			}
		}
	}
}
