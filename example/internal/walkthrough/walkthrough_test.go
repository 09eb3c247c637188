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

// TestSteps makes the requests of the tour in its order and then backwards, so that no step lives on what another one
// left.
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
				if len(response.Body) > 0 || response.Header.Get("Content-Type") != "" || response.Header.Get("Content-Length") != "" {
					t.Errorf("a 204 has a body: %q, %v", response.Body, response.Header)
				}
			case response.Header.Get("Content-Type") != "application/json":
				t.Errorf("Content-Type: got %q, want application/json", response.Header.Get("Content-Type"))
			}
		})
	}
	checkNothingIsLeft(t, plane)
}

// checkNothingIsLeft makes sure that the control plane is as it was at its start.
func checkNothingIsLeft(t *testing.T, plane *apitest.Plane) {
	t.Helper()
	bearer := plane.Token(controlplane.DemoViewer)
	for path, member := range map[string]string{"/api/v1/org-unit/projects": "projects", "/api/v1/workloads": "workloads"} {
		left := map[string]any{}
		plane.Get(path, bearer, &left)
		if list, ok := left[member].([]any); !ok || len(list) > 0 {
			t.Errorf("%s: %v", path, left)
		}
	}
}

// TestPrepareRepairs finds the control plane as a tour that was broken off leaves it.
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

// TestUndoAfterFailure prepares steps that fail half-way. What was done is undone.
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
	checkNothingIsLeft(t, plane)
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
	if err := walkthrough.Print(&script, plane.URL(), walkthrough.Steps()...); err != nil {
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
	checkNothingIsLeft(t, plane)
}

// TestNothingNeedsEscaping keeps the printed commands simple: what stands in single quotes has no single quote, and
// what stands in double quotes nothing but variables that a shell would read there.
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
