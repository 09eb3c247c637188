package controlplane_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/statusbridge/statusbridge/example/internal/apitest"
	"github.com/statusbridge/statusbridge/example/internal/controlplane"
	"github.com/statusbridge/statusbridge/example/internal/store"
)

type object = map[string]any

func clock() time.Time { return time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC) }

// TestProject creates, reads, updates and deletes a project, and compares every member of the published schema.
func TestProject(t *testing.T) {
	plane := apitest.Start(t, controlplane.Config{Now: clock})
	bearer := plane.Token(controlplane.DemoAdministrator)
	body := `{"name":"team-a","clusterId":"` + store.ClusterID + `","description":"first",` +
		`"requestedNamespace":"ns-a","enforceRunaiScheduler":false,"parentId":"` + store.DepartmentID + `",` +
		`"defaultNodePools":["a100","default"],` +
		`"resources":[{"nodePool":{"id":"1","name":"a100"},"gpu":{"deserved":2,"limit":4},"cpu":{"deserved":8000},` +
		`"memory":{"deserved":2,"units":"GB"},"priority":"Normal"},{"gpu":{"deserved":0.5}}]}`
	id := created(t, plane, bearer, projects, body, "id")

	at := "2026-01-02T03:04:05Z"
	pools := []any{"a100", "default"}
	want := object{
		"id": "1", "name": "team-a", "description": "first",
		"clusterId": store.ClusterID, "parentId": store.DepartmentID,
		"requestedNamespace": "ns-a", "enforceRunaiScheduler": false,
		"status": object{
			"namespace": "ns-a", "phase": "Ready", "phaseMessage": "The project is ready", "lastUpdatedTime": at,
		},
		"totalResources": object{"gpuQuota": 2.5, "cpuQuota": 8000.0, "memoryQuota": 2000.0},
		"createdAt":      at, "updatedAt": at,
		"createdBy": controlplane.DemoAdministrator.Owner, "updatedBy": controlplane.DemoAdministrator.Owner,
		"effective":        object{"defaultNodePools": pools},
		"defaultNodePools": pools,
		"resources": []any{
			object{
				"nodePool": object{"id": "1", "name": "a100"},
				"gpu":      object{"deserved": 2.0, "limit": 4.0},
				"cpu":      object{"deserved": 8000.0},
				"memory":   object{"deserved": 2.0, "units": "GB"},
				"priority": "Normal",
			},
			object{"nodePool": nil, "gpu": object{"deserved": 0.5}, "cpu": nil, "memory": nil},
		},
	}
	read := func() object {
		got := object{}
		plane.Get(projects+"/"+id, bearer, &got)
		return got
	}
	if diff := cmp.Diff(want, read()); diff != "" {
		t.Errorf("created (-want +got):\n%s", diff)
	}

	response := plane.Do(http.MethodPut, projects+"/"+id, bearer,
		`{"description":"second","enforceRunaiScheduler":true,"resources":[]}`)
	if response.Status != http.StatusOK {
		t.Fatalf("PUT: %d %s", response.Status, response.Body)
	}
	want["description"], want["enforceRunaiScheduler"], want["resources"] = "second", true, []any{}
	want["defaultNodePools"], want["effective"] = []any{}, object{"defaultNodePools": []any{}}
	want["totalResources"] = object{"gpuQuota": 0.0, "cpuQuota": 0.0, "memoryQuota": 0.0}
	if diff := cmp.Diff(want, read()); diff != "" {
		t.Errorf("updated (-want +got):\n%s", diff)
	}

	response = plane.Do(http.MethodDelete, projects+"/"+id, bearer, "")
	if response.Status != http.StatusNoContent || response.Body != "" {
		t.Fatalf("DELETE: %d %q", response.Status, response.Body)
	}
	plane.Do(http.MethodGet, projects+"/"+id, bearer, "").CheckError(t, http.StatusNotFound)
}

func TestProjectPages(t *testing.T) {
	plane := apitest.Start(t, controlplane.Config{})
	bearer := plane.Token(controlplane.DemoAdministrator)
	for _, name := range []string{"b", "c", "a"} {
		created(t, plane, bearer, projects, projectBody(name), "id")
	}
	for query, want := range map[string]struct {
		names []string
		next  any
	}{
		"":                           {names: []string{"b", "c", "a"}},
		"?limit=2":                   {names: []string{"b", "c"}, next: 2.0},
		"?limit=2&offset=2":          {names: []string{"a"}},
		"?sortBy=name":               {names: []string{"a", "b", "c"}},
		"?sortBy=name&sortOrder=asc": {names: []string{"a", "b", "c"}},
		"?sortOrder=desc&limit=1":    {names: []string{"a"}, next: 1.0},
		"?sortBy=createdAt":          {names: []string{"b", "c", "a"}},
	} {
		page := object{}
		plane.Get(projects+query, bearer, &page)
		var names []string
		for _, project := range page["projects"].([]any) {
			names = append(names, project.(object)["name"].(string))
		}
		if diff := cmp.Diff(want.names, names); diff != "" {
			t.Errorf("%q (-want +got):\n%s", query, diff)
		}
		if page["next"] != want.next {
			t.Errorf("%q: next is %v, want %v", query, page["next"], want.next)
		}
	}
}

// TestWorkspace creates, suspends, resumes and deletes a workspace, and compares every member in both listings.
func TestWorkspace(t *testing.T) {
	plane := apitest.Start(t, controlplane.Config{Now: clock})
	bearer := plane.Token(controlplane.DemoAdministrator)
	project := created(t, plane, bearer, projects, projectBody("team-a"), "id")
	body := `{"name":"notebook","projectId":"` + project + `","clusterId":"` + store.ClusterID + `",` +
		`"spec":{"image":"jupyter","command":"start","args":"-v","workingDir":"/home","nodePools":["a100"],` +
		`"environmentVariables":[{"name":"HOME","value":"/home"}],"compute":{"gpuDevicesRequest":2,` +
		`"gpuRequestType":"portion","gpuPortionRequest":1,"cpuCoreRequest":0.5,"cpuMemoryRequest":"1G"}}}`
	response := plane.Do(http.MethodPost, workspaces, bearer, body)
	if response.Status != http.StatusAccepted {
		t.Fatalf("POST: %d %s", response.Status, response.Body)
	}
	got := object{}
	response.Decode(t, &got)
	id, _ := got["workloadId"].(string)
	at := "2026-01-02T03:04:05Z"
	want := object{
		"name": "notebook", "requestedName": "notebook", "workloadId": id, "projectId": project,
		"departmentId": store.DepartmentID, "clusterId": store.ClusterID,
		"createdBy": controlplane.DemoAdministrator.Owner, "createdAt": at, "deletedAt": nil,
		"desiredPhase": "Running", "actualPhase": "Creating",
		"spec": object{
			"image": "jupyter", "command": "start", "args": "-v", "workingDir": "/home", "nodePools": []any{"a100"},
			"environmentVariables": []any{object{"name": "HOME", "value": "/home"}}, "storage": nil,
			"compute": object{
				"gpuDevicesRequest": 2.0, "gpuRequestType": "portion", "gpuPortionRequest": 1.0,
				"cpuCoreRequest": 0.5, "cpuMemoryRequest": "1G",
			},
		},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("accepted (-want +got):\n%s", diff)
	}

	for _, step := range []struct{ call, desired, pods string }{
		{"", "Running", "1"}, {"/suspend", "Stopped", "0"}, {"/resume", "Running", "1"},
	} {
		if step.call != "" {
			response := plane.Do(http.MethodPost, workspaces+"/"+id+step.call, bearer, "")
			body := strings.ReplaceAll(response.Body, " ", "")
			if response.Status != http.StatusAccepted || !strings.HasPrefix(body, `{"code":202,"message":"`) {
				t.Errorf("%s: %d %s", step.call, response.Status, response.Body)
			}
		}
		got := object{}
		plane.Get(workspaces+"/"+id, bearer, &got)
		want["desiredPhase"], want["actualPhase"] = step.desired, step.desired
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("after %q (-want +got):\n%s", step.call, diff)
		}
		page := struct{ Workloads []object }{}
		plane.Get(workloads, bearer, &page)
		wantWorkload := object{
			"id": id, "name": "notebook", "type": "Workspace", "tenantId": 1.0, "clusterId": store.ClusterID,
			"projectId": project, "projectName": "team-a",
			"departmentId": store.DepartmentID, "departmentName": "default",
			"namespace": "runai-team-a", "phase": step.desired, "phaseMessage": "The workspace is " + step.desired,
			"k8sPhase": step.desired, "phaseUpdatedAt": at, "k8sPhaseUpdatedAt": at, "conditions": []any{},
			"source": "Control-plane", "submittedBy": controlplane.DemoAdministrator.Owner,
			"priority": nil, "priorityClassName": "high", "category": "Build",
			"runningPods": map[string]any{"0": 0.0, "1": 1.0}[step.pods],
			"createdAt":   at, "updatedAt": at, "deletedAt": nil,
			"workloadRequestedResources": object{
				"gpu": object{"request": 2.0}, "cpu": object{"request": 0.5}, "cpuMemory": object{"request": "1G"},
			},
			"actionsSupport": object{"delete": true, "suspend": true},
			"images":         []any{"jupyter"}, "requestedNodePools": []any{"a100"},
		}
		if diff := cmp.Diff([]object{wantWorkload}, page.Workloads); diff != "" {
			t.Errorf("listed after %q (-want +got):\n%s", step.call, diff)
		}
	}

	response = plane.Do(http.MethodDelete, workspaces+"/"+id, bearer, "")
	if response.Status != http.StatusAccepted {
		t.Errorf("DELETE: %d %s", response.Status, response.Body)
	}
	plane.Do(http.MethodGet, workspaces+"/"+id, bearer, "").CheckError(t, http.StatusNotFound)
}

func TestWorkspaceNamePrefix(t *testing.T) {
	plane := apitest.Start(t, controlplane.Config{})
	bearer := plane.Token(controlplane.DemoAdministrator)
	project := created(t, plane, bearer, projects, projectBody("team-a"), "id")
	body := strings.Replace(workspaceBody(project, "same"), "{", `{"useGivenNameAsPrefix":true,`, 1)
	first := created(t, plane, bearer, workspaces, body, "name")
	second := created(t, plane, bearer, workspaces, body, "name")
	if first == second || !strings.HasPrefix(first, "same-") || len(first) != len("same-")+6 {
		t.Errorf("the names are %q and %q", first, second)
	}
}

func TestMinimalWorkspace(t *testing.T) {
	plane := apitest.Start(t, controlplane.Config{})
	bearer := plane.Token(controlplane.DemoAdministrator)
	project := created(t, plane, bearer, projects, projectBody("team-a"), "id")
	body := `{"name":"small","projectId":"` + project + `","clusterId":"` + store.ClusterID + `","spec":{"image":"a"}}`
	created(t, plane, bearer, workspaces, body, "workloadId")
	page := struct{ Workloads []object }{}
	plane.Get(workloads, bearer, &page)
	if len(page.Workloads) != 1 {
		t.Errorf("the listing has %d workloads, want 1", len(page.Workloads))
	}
}
