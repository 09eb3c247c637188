package openapi_test

import (
	"net/http"
	"testing"

	"github.com/statusbridge/statusbridge/example/internal/apitest"
	"github.com/statusbridge/statusbridge/example/internal/controlplane"
	"github.com/statusbridge/statusbridge/example/internal/store"
)

const (
	token      = "/api/v1/token"
	projects   = "/api/v1/org-unit/projects"
	workspaces = "/api/v1/workloads/workspaces"
	workloads  = "/api/v1/workloads"
	accessKeys = "/api/v1/access-keys/"
)

// unreadable is the escape of a byte that is invalid in UTF-8.
const unreadable = "%FF"

// attempt is a request with the outages that it needs.
type attempt struct {
	method, path, token, body string
	// modes are set with the admin route.
	modes []string
	// hurried gives the call a deadline that passes at once.
	hurried bool
}

// world is a control plane with projects and workspaces.
type world struct {
	t                     *testing.T
	plane                 *apitest.Plane
	administrator, viewer string // tokens
	project, empty        string // a project with workspaces and one without
	running, stopped      string // workspaces
}

func newWorld(t *testing.T) *world {
	plane := apitest.Start(t, controlplane.Config{})
	w := &world{
		t: t, plane: plane,
		administrator: plane.Token(controlplane.DemoAdministrator), viewer: plane.Token(controlplane.DemoViewer),
	}
	w.project = w.create(projects, projectBody("team-a", ""), "id")
	w.empty = w.create(projects, projectBody("team-b", ""), "id")
	w.running = w.create(workspaces, w.workspaceBody("running", ""), "workloadId")
	w.stopped = w.create(workspaces, w.workspaceBody("stopped", ""), "workloadId")
	w.plane.Do(http.MethodPost, workspaces+"/"+w.stopped+"/suspend", w.administrator, "")
	return w
}

func (w *world) create(path, body, member string) string {
	w.t.Helper()
	fields := map[string]any{}
	response := w.plane.Do(http.MethodPost, path, w.administrator, body)
	response.Decode(w.t, &fields)
	id, _ := fields[member].(string)
	if id == "" {
		w.t.Fatalf("POST %s: %d %s", path, response.Status, response.Body)
	}
	return id
}

// healthy contains the modes without an outage.
var healthy = []string{"store/healthy", "scheduler/running", "resources/running", "workloads/running"}

func (w *world) prepare(modes []string) {
	w.t.Helper()
	for _, mode := range append(healthy, modes...) {
		if response := w.plane.Do(http.MethodPut, "/admin/"+mode, "", ""); response.Status != http.StatusOK {
			w.t.Fatalf("PUT /admin/%s: %d %s", mode, response.Status, response.Body)
		}
	}
}

func projectBody(name, more string) string {
	return `{"name":"` + name + `","clusterId":"` + store.ClusterID + `"` + more + `}`
}

func (w *world) workspaceBody(name, more string) string {
	return projectBody(name, `,"projectId":"`+w.project+`","spec":{"image":"jupyter/scipy-notebook"}`+more)
}

func grantBody(kind, secret string) string {
	return `{"grantType":"` + kind + `","clientId":"demo-viewer","clientSecret":"` + secret + `"}`
}

// as returns attempts by status: the success, the errors of every operation, and more.
func (w *world) as(status int, method, path, body string, more map[int]attempt) map[int]attempt {
	success := attempt{method: method, path: path, token: w.administrator, body: body}
	ways := map[int]attempt{status: success}
	anonymous, hurried := success, success
	anonymous.token, hurried.hurried = "", true
	ways[http.StatusUnauthorized], ways[http.StatusGatewayTimeout] = anonymous, hurried
	backend := "resources"
	if path == workloads {
		backend = "workloads"
	}
	outages := map[int]string{http.StatusBadGateway: "/rubbish", http.StatusServiceUnavailable: "/down"}
	for status, mode := range outages {
		broken := success
		broken.modes = []string{backend + mode}
		ways[status] = broken
	}
	for status, way := range more {
		if way.method == "" {
			way.method = method
		}
		if way.path == "" {
			way.path = path
		}
		if way.token == "" {
			way.token = w.administrator
		}
		if way.body == "" {
			way.body = body
		}
		ways[status] = way
	}
	return ways
}

// inModes returns the request of the success during outages.
func inModes(modes ...string) attempt { return attempt{modes: modes} }

// attempts contains the attempts for each status of each operation.
var attempts = map[string]func(*world) map[int]attempt{
	"TokensService_GrantToken": func(w *world) map[int]attempt {
		body := grantBody("client_credentials", controlplane.DemoViewer.Secret)
		return w.as(200, "POST", token, body, map[int]attempt{
			400: {body: "{"},
			401: {body: grantBody("client_credentials", "wrong")},
			501: {body: grantBody("refresh_token", "none")},
		})
	},
	"AccessKeysService_DeleteAccessKey": func(w *world) map[int]attempt {
		return w.as(204, "DELETE", accessKeys+controlplane.DemoViewer.ID, "", map[int]attempt{
			400: {path: accessKeys + unreadable},
			403: {token: w.viewer},
			404: {path: accessKeys + "none"},
		})
	},
	"ProjectsService_ListProjects": func(w *world) map[int]attempt {
		return w.as(200, "GET", projects, "", map[int]attempt{
			400: {path: projects + "?offset=first"},
			500: inModes("store/corrupt"),
			501: {path: projects + "?filterBy=name==a"},
		})
	},
	"ProjectsService_CreateProject": func(w *world) map[int]attempt {
		body := projectBody("team-c", `,"resources":[{"gpu":{"deserved":2}}]`)
		return w.as(200, "POST", projects, body, map[int]attempt{
			400: {body: "{"},
			403: {token: w.viewer},
			409: {body: projectBody("team-a", "")},
			500: inModes("store/corrupt"),
			501: {body: projectBody("team-d", `,"schedulingRules":{}`)},
		})
	},
	"ProjectsService_GetProject": func(w *world) map[int]attempt {
		return w.as(200, "GET", projects+"/"+w.project, "", map[int]attempt{
			400: {path: projects + "/" + unreadable},
			404: {path: projects + "/none"},
			500: inModes("store/corrupt"),
		})
	},
	"ProjectsService_UpdateProject": func(w *world) map[int]attempt {
		return w.as(200, "PUT", projects+"/"+w.project, `{"description":"new"}`, map[int]attempt{
			400: {body: "{"},
			403: {token: w.viewer},
			404: {path: projects + "/none"},
			500: inModes("store/corrupt"),
			501: {body: `{"nodeTypes":{}}`},
		})
	},
	"ProjectsService_DeleteProject": func(w *world) map[int]attempt {
		return w.as(204, "DELETE", projects+"/"+w.empty, "", map[int]attempt{
			400: {path: projects + "/" + unreadable},
			403: {token: w.viewer},
			404: {path: projects + "/none"},
			409: {path: projects + "/" + w.project},
			500: inModes("store/corrupt"),
		})
	},
	"WorkspacesService_CreateWorkspace": func(w *world) map[int]attempt {
		return w.as(202, "POST", workspaces, w.workspaceBody("new", ""), map[int]attempt{
			400: {body: "{"},
			403: {token: w.viewer},
			409: {body: w.workspaceBody("running", "")},
			500: inModes("store/corrupt"),
			501: {body: w.workspaceBody("other", `,"templateId":"a"`)},
			502: inModes("scheduler/rubbish"),
			503: inModes("scheduler/down"),
		})
	},
	"WorkspacesService_GetWorkspace": func(w *world) map[int]attempt {
		return w.as(200, "GET", workspaces+"/"+w.running, "", map[int]attempt{
			400: {path: workspaces + "/" + unreadable},
			404: {path: workspaces + "/none"},
			500: inModes("store/corrupt"),
		})
	},
	"WorkspacesService_DeleteWorkspace": func(w *world) map[int]attempt {
		return w.as(202, "DELETE", workspaces+"/"+w.running, "", map[int]attempt{
			400: {path: workspaces + "/" + unreadable},
			403: {token: w.viewer},
			404: {path: workspaces + "/none"},
			500: inModes("store/corrupt"),
			502: inModes("scheduler/rubbish"),
			503: inModes("scheduler/down"),
		})
	},
	"WorkspacesService_SuspendWorkspace": func(w *world) map[int]attempt {
		return w.as(202, "POST", workspaces+"/"+w.running+"/suspend", "", map[int]attempt{
			400: {path: workspaces + "/" + unreadable + "/suspend"},
			403: {token: w.viewer},
			404: {path: workspaces + "/none/suspend"},
			409: {path: workspaces + "/" + w.stopped + "/suspend"},
			500: inModes("store/corrupt"),
			502: inModes("scheduler/rubbish"),
			503: inModes("scheduler/down"),
		})
	},
	"WorkspacesService_ResumeWorkspace": func(w *world) map[int]attempt {
		return w.as(202, "POST", workspaces+"/"+w.stopped+"/resume", "", map[int]attempt{
			400: {path: workspaces + "/" + unreadable + "/resume"},
			403: {token: w.viewer},
			404: {path: workspaces + "/none/resume"},
			409: {path: workspaces + "/" + w.running + "/resume"},
			500: inModes("store/corrupt"),
			502: inModes("scheduler/rubbish"),
			503: inModes("scheduler/down"),
		})
	},
	"WorkloadsService_ListWorkloads": func(w *world) map[int]attempt {
		return w.as(200, "GET", workloads, "", map[int]attempt{
			400: {path: workloads + "?limit=0"},
			500: inModes("store/corrupt"),
			501: {path: workloads + "?search=a"},
		})
	},
}

type pair struct {
	operation string
	status    int
}

// impossible returns the statuses that the document lists and the control plane never sends, with the reason. The tests
// of the gateway cover them.
func impossible() map[pair]string {
	list := map[pair]string{}
	add := func(status int, why string, operations ...string) {
		for _, operation := range operations {
			list[pair{operation, status}] = why
		}
	}
	add(500, "access keys are in memory and cannot be damaged",
		"TokensService_GrantToken", "AccessKeysService_DeleteAccessKey")
	add(501, "the operation has no unsupported feature",
		"AccessKeysService_DeleteAccessKey", "ProjectsService_GetProject", "ProjectsService_DeleteProject",
		"WorkspacesService_GetWorkspace", "WorkspacesService_DeleteWorkspace", "WorkspacesService_SuspendWorkspace",
		"WorkspacesService_ResumeWorkspace")
	return list
}
