// Package walkthrough is a tour of the control plane: one request for each documented status. Each step prepares its
// resources and removes them afterwards, so the steps work in any order. The tour is printed as commands for a shell.
// The explorer and the tests send its requests.
package walkthrough

import (
	"net/http"
	"slices"

	"github.com/statusbridge/statusbridge/example/internal/store"
)

// Step shows one status.
type Step struct {
	Status int
	// Why says what happens in the control plane.
	Why string
	// Before prepares the step, and After undoes that. These requests succeed.
	Before  []Request
	Request Request
	After   []Request
}

const (
	projects   = "/api/v1/org-unit/projects"
	workspaces = "/api/v1/workloads/workspaces"
	workloads  = "/api/v1/workloads"

	project   = projects + "/" + projectID
	workspace = workspaces + "/" + workspaceID
)

const (
	newProject   = `{"name":"` + name + `","clusterId":"` + store.ClusterID + `","resources":[{"gpu":{"deserved":4}}]}`
	nameless     = `{"clusterId":"` + store.ClusterID + `","resources":[{"gpu":{"deserved":-1}}]}`
	newWorkspace = `{"name":"notebook","projectId":"` + projectID + `","clusterId":"` + store.ClusterID + `",` +
		`"spec":{"image":"jupyter/scipy-notebook","compute":{"gpuDevicesRequest":1}}}`
)

var (
	createProject = Request{
		Method: http.MethodPost, Path: projects, Token: Administrator, Body: newProject,
		Kept: Kept{projectID, "id"},
	}
	createWorkspace = Request{
		Method: http.MethodPost, Path: workspaces, Token: Administrator, Body: newWorkspace,
		Kept: Kept{workspaceID, "workloadId"},
	}
	suspendWorkspace = Request{Method: http.MethodPost, Path: workspace + "/suspend", Token: Administrator}
	deleteWorkspace  = Request{Method: http.MethodDelete, Path: workspace, Token: Administrator}
	deleteProject    = Request{Method: http.MethodDelete, Path: project, Token: Administrator}
)

func admin(subjectAndMode string) Request {
	return Request{Method: http.MethodPut, Path: "/admin/" + subjectAndMode}
}

// Steps returns the tour.
func Steps() []Step {
	return []Step{{
		Status:  http.StatusOK,
		Why:     "the project exists",
		Before:  []Request{createProject},
		Request: Request{Method: http.MethodGet, Path: project, Token: Administrator},
		After:   []Request{deleteProject},
	}, {
		Status:  http.StatusAccepted,
		Why:     "the scheduler freed the GPU, and the workspace stops later",
		Before:  []Request{createProject, createWorkspace},
		Request: suspendWorkspace,
		After:   []Request{deleteWorkspace, deleteProject},
	}, {
		Status:  http.StatusNoContent,
		Why:     "the project is deleted, so the body is empty",
		Before:  []Request{createProject},
		Request: deleteProject,
	}, {
		Status:  http.StatusBadRequest,
		Why:     "the request breaks two rules, and details lists both",
		Request: Request{Method: http.MethodPost, Path: projects, Token: Administrator, Body: nameless},
	}, {
		Status:  http.StatusUnauthorized,
		Why:     "the request has no token",
		Request: Request{Method: http.MethodGet, Path: projects},
	}, {
		Status:  http.StatusForbidden,
		Why:     "a viewer may not create projects",
		Request: Request{Method: http.MethodPost, Path: projects, Token: Viewer, Body: newProject},
	}, {
		Status:  http.StatusNotFound,
		Why:     "no project has this id",
		Request: Request{Method: http.MethodGet, Path: projects + "/404", Token: Administrator},
	}, {
		Status:  http.StatusMethodNotAllowed,
		Why:     "the path exists without PATCH, and Allow lists its methods",
		Request: Request{Method: http.MethodPatch, Path: projects},
	}, {
		Status:  http.StatusConflict,
		Why:     "the project still has a workspace",
		Before:  []Request{createProject, createWorkspace},
		Request: deleteProject,
		After:   []Request{deleteWorkspace, deleteProject},
	}, {
		Status:  http.StatusInternalServerError,
		Why:     "the store is damaged, and only the log shows its error",
		Before:  []Request{admin("store/corrupt")},
		Request: Request{Method: http.MethodGet, Path: projects, Token: Administrator},
		After:   []Request{admin("store/healthy")},
	}, {
		Status:  http.StatusNotImplemented,
		Why:     "the published API has filters, and this example does not",
		Request: Request{Method: http.MethodGet, Path: workloads + "?filterBy=name==notebook", Token: Administrator},
	},
		schedulerFails(http.StatusBadGateway, "rubbish", "a web server responds instead of the scheduler"),
		schedulerFails(http.StatusServiceUnavailable, "down", "the scheduler refuses connections"),
		schedulerFails(http.StatusGatewayTimeout, "hang", "the scheduler accepts the request and sends no response"),
	}
}

// schedulerFails returns the step that sends the request of the 202 while the scheduler has another mode.
func schedulerFails(status int, mode, why string) Step {
	return Step{
		Status:  status,
		Why:     why,
		Before:  []Request{createProject, createWorkspace, admin("scheduler/" + mode)},
		Request: suspendWorkspace,
		After:   []Request{admin("scheduler/running"), deleteWorkspace, deleteProject},
	}
}

// opening returns the requests that end all outages and grant the tokens that the steps need.
func opening(steps ...Step) []Request {
	requests := []Request{
		admin("scheduler/running"), admin("resources/running"), admin("workloads/running"), admin("store/healthy"),
	}
	for _, grant := range grants {
		if slices.ContainsFunc(steps, func(s Step) bool { return s.names(grant.Kept.Variable) }) {
			requests = append(requests, grant)
		}
	}
	return requests
}
