// Package walkthrough is a tour of the control plane: one request for each documented status. A step brings about
// what it needs and undoes it, so the steps work in any order and as often as one likes. The tour is printed as
// commands for a shell, the page at / makes its requests, and so do the tests.
package walkthrough

import (
	"net/http"

	"github.com/statusbridge/statusbridge/example/internal/store"
)

// Step shows one status.
type Step struct {
	Status int
	// Why says what happens in the control plane.
	Why string
	// Before prepares the step. Its requests succeed.
	Before  []Request
	Request Request
	// After undoes what Before did. Its requests succeed.
	After []Request
}

const (
	tokens     = "/api/v1/token"
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
		Why:     "the scheduler has freed the GPU, and the workspace will stop",
		Before:  []Request{createProject, createWorkspace},
		Request: suspendWorkspace,
		After:   []Request{deleteWorkspace, deleteProject},
	}, {
		Status:  http.StatusNoContent,
		Why:     "the project is deleted, and there is nothing to say about it",
		Before:  []Request{createProject},
		Request: deleteProject,
	}, {
		Status:  http.StatusBadRequest,
		Why:     "the request breaks two rules, which the details name",
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
		Why:     "the path exists, but not with PATCH; Allow lists the methods that it has",
		Request: Request{Method: http.MethodPatch, Path: projects},
	}, {
		Status:  http.StatusConflict,
		Why:     "the project still has a workspace",
		Before:  []Request{createProject, createWorkspace},
		Request: deleteProject,
		After:   []Request{deleteWorkspace, deleteProject},
	}, {
		Status:  http.StatusInternalServerError,
		Why:     "the store is damaged; what it says about that stays inside",
		Before:  []Request{admin("store/corrupt")},
		Request: Request{Method: http.MethodGet, Path: projects, Token: Administrator},
		After:   []Request{admin("store/healthy")},
	}, {
		Status:  http.StatusNotImplemented,
		Why:     "the published API can filter, this control plane cannot",
		Request: Request{Method: http.MethodGet, Path: workloads + "?filterBy=name==notebook", Token: Administrator},
	},
		schedulerFails(http.StatusBadGateway, "rubbish", "a web server answers in the scheduler's place"),
		schedulerFails(http.StatusServiceUnavailable, "down", "nobody listens where the scheduler was"),
		schedulerFails(http.StatusGatewayTimeout, "hang", "the scheduler takes the request and does not answer"),
	}
}

// schedulerFails is the step that makes the request of the 202 while the scheduler is in another mode.
func schedulerFails(status int, mode, why string) Step {
	return Step{
		Status:  status,
		Why:     why,
		Before:  []Request{createProject, createWorkspace, admin("scheduler/" + mode)},
		Request: suspendWorkspace,
		After:   []Request{admin("scheduler/running"), deleteWorkspace, deleteProject},
	}
}

// opening is what makes a control plane ready for steps, whatever was done to it before: the failures that somebody left
// behind end, and the tokens that the steps name are granted.
func opening(steps ...Step) []Request {
	requests := []Request{
		admin("scheduler/running"), admin("resources/running"), admin("workloads/running"), admin("store/healthy"),
	}
	for _, credential := range credentials {
		grant := Request{Method: http.MethodPost, Path: tokens, Body: credential.grant(), Kept: Kept{credential.token, "accessToken"}}
		for _, step := range steps {
			if step.names(credential.token) {
				requests = append(requests, grant)
				break
			}
		}
	}
	return requests
}
