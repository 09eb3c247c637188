// Package walkthrough is a tour of the control plane: one request for each documented status, in an order that
// works from a fresh start. The tour is printed as commands for a shell, and the tests make the same requests.
package walkthrough

import (
	"net/http"

	"github.com/statusbridge/statusbridge/example/internal/controlplane"
	"github.com/statusbridge/statusbridge/example/internal/store"
)

// Token names the bearer token that a request is made with.
type Token string

// The tokens: that of the administrator, that of the viewer, and none.
const (
	NoToken       Token = ""
	Administrator Token = "TOKEN"
	Viewer        Token = "VIEWER"
)

// Request is one request of the tour.
type Request struct {
	Method string
	Path   string
	Token  Token
	// Body is JSON, or what is meant to be.
	Body string
}

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

// Credentials are what the tokens of the tour are asked for with, in this order.
var Credentials = []struct {
	Token Token
	Key   controlplane.DemoKey
}{
	{Administrator, controlplane.DemoAdministrator},
	{Viewer, controlplane.DemoViewer},
}

const (
	tokens     = "/api/v1/token"
	projects   = "/api/v1/org-unit/projects"
	workspaces = "/api/v1/workloads/workspaces"
	workloads  = "/api/v1/workloads"
	accessKeys = "/api/v1/access-keys/"
)

// The first project of a fresh control plane has the id 1.
const firstProject = projects + "/1"

const (
	project = `{"name":"team-a","clusterId":"` + store.ClusterID + `",` +
		`"resources":[{"gpu":{"deserved":4}}]}`
	nameless = `{"clusterId":"` + store.ClusterID + `","resources":[{"gpu":{"deserved":-1}}]}`
)

func workspace(name string) string {
	return `{"name":"` + name + `","projectId":"1","clusterId":"` + store.ClusterID + `",` +
		`"spec":{"image":"jupyter/scipy-notebook","compute":{"gpuDevicesRequest":1}}}`
}

func createWorkspace(name string) Request {
	return Request{http.MethodPost, workspaces, Administrator, workspace(name)}
}

func admin(subjectAndMode string) Request {
	return Request{Method: http.MethodPut, Path: "/admin/" + subjectAndMode}
}

// Steps returns the tour.
func Steps() []Step {
	return []Step{{
		Status:  http.StatusOK,
		Why:     "a project is created; the published 201 is not on the page of statuses",
		Request: Request{http.MethodPost, projects, Administrator, project},
	}, {
		Status:  http.StatusAccepted,
		Why:     "the scheduler has reserved a GPU, and the workspace will start",
		Request: createWorkspace("notebook"),
	}, {
		Status:  http.StatusBadRequest,
		Why:     "the request breaks two rules, which the details name",
		Request: Request{http.MethodPost, projects, Administrator, nameless},
	}, {
		Status:  http.StatusUnauthorized,
		Why:     "the request has no token",
		Request: Request{http.MethodGet, projects, NoToken, ""},
	}, {
		Status:  http.StatusForbidden,
		Why:     "a viewer may not create projects",
		Request: Request{http.MethodPost, projects, Viewer, project},
	}, {
		Status:  http.StatusNoContent,
		Why:     "the viewer's access key is deleted, and there is nothing to say about it",
		Request: Request{http.MethodDelete, accessKeys + controlplane.DemoViewer.ID, Administrator, ""},
	}, {
		Status:  http.StatusNotFound,
		Why:     "no project has this id",
		Request: Request{http.MethodGet, projects + "/404", Administrator, ""},
	}, {
		Status:  http.StatusMethodNotAllowed,
		Why:     "the path exists, but not with PATCH; Allow lists the methods that it has",
		Request: Request{http.MethodPatch, firstProject, Administrator, "{}"},
	}, {
		Status:  http.StatusConflict,
		Why:     "the project still has a workspace",
		Request: Request{http.MethodDelete, firstProject, Administrator, ""},
	}, {
		Status:  http.StatusInternalServerError,
		Why:     "the store is damaged; what it says about that stays inside",
		Before:  []Request{admin("store/corrupt")},
		Request: Request{http.MethodGet, projects, Administrator, ""},
		After:   []Request{admin("store/healthy")},
	}, {
		Status:  http.StatusNotImplemented,
		Why:     "the published API can filter, this control plane cannot",
		Request: Request{http.MethodGet, workloads + "?filterBy=name==notebook", Administrator, ""},
	}, {
		Status:  http.StatusBadGateway,
		Why:     "a web server answers in the scheduler's place",
		Before:  []Request{admin("scheduler/rubbish")},
		Request: createWorkspace("second"),
	}, {
		Status:  http.StatusServiceUnavailable,
		Why:     "nobody listens where the scheduler was",
		Before:  []Request{admin("scheduler/down")},
		Request: createWorkspace("second"),
	}, {
		Status:  http.StatusGatewayTimeout,
		Why:     "the scheduler takes the request and does not answer",
		Before:  []Request{admin("scheduler/hang")},
		Request: createWorkspace("second"),
		After:   []Request{admin("scheduler/running")},
	}}
}
