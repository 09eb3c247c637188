package controlplane_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/statusbridge/statusbridge/example/internal/apitest"
	"github.com/statusbridge/statusbridge/example/internal/controlplane"
	"github.com/statusbridge/statusbridge/example/internal/store"
)

// failing is a request and its error.
type failing struct {
	name          string
	request, body string // request is the method and the path
	status        int
	text          string // the details of a 400, or else the message. If it is empty, any text is right.
}

const unsupported = ": this control plane does not support it"

// check sends requests that fail.
func check(t *testing.T, plane *apitest.Plane, bearer string, requests []failing) {
	t.Helper()
	for _, test := range requests {
		t.Run(test.name, func(t *testing.T) {
			method, path, _ := strings.Cut(test.request, " ")
			response := plane.Do(method, path, bearer, test.body)
			got := response.CheckError(t, test.status)
			text := got.Message
			if test.status == http.StatusBadRequest {
				text = got.Details
			}
			if test.text != "" && text != test.text {
				t.Errorf("got %q, want %q", text, test.text)
			}
			if allow := response.Header.Get("Allow"); (allow != "") != (test.status == http.StatusMethodNotAllowed) {
				t.Errorf("a %d has the Allow header %q", test.status, allow)
			}
		})
	}
}

// newWith returns a body with a name, the cluster and more members.
func newWith(members string) string {
	return `{"name":"new","clusterId":"` + store.ClusterID + `"` + members + `}`
}

func TestProjectErrors(t *testing.T) {
	plane := apitest.Start(t, controlplane.Config{})
	bearer := plane.Token(controlplane.DemoAdministrator)
	id := created(t, plane, bearer, projects, projectBody("taken"), "id")
	created(t, plane, bearer, workspaces, workspaceBody(id, "running"), "workloadId")
	const create = "POST " + projects
	update := "PUT " + projects + "/" + id

	check(t, plane, bearer, []failing{
		{"invalid JSON", create, `{"name":`, 400, ""},
		{"wrong type", create, `{"name":5}`, 400, ""},
		{"empty body", create, "", 400, "name: is required; clusterId: is required"},
		{"invalid name", create, projectBody("Team A"), 400,
			"name: must consist of lower-case letters, digits and inner hyphens"},
		{"long name", create, projectBody(strings.Repeat("a", 64)), 400, "name: is longer than 63 characters"},
		{"another cluster", create, `{"name":"new","clusterId":"other"}`, 400,
			"clusterId: is not a cluster of this control plane"},
		{"another department", create, newWith(`,"parentId":"other"`), 400,
			"parentId: is not a department of this control plane"},
		{"empty namespace", create, newWith(`,"requestedNamespace":""`), 400, "requestedNamespace: is required"},
		{"unknown unit", create, newWith(`,"resources":[{},{"memory":{"deserved":1,"units":"KB"}}]`), 400,
			"resources[1].memory.units: must be Mib, MB or GB"},
		{"negative weight", create, newWith(`,"resources":[{"cpu":{"overQuotaWeight":-1}}]`), 400,
			"resources[0].cpu.overQuotaWeight: must not be negative"},
		{"taken name", create, projectBody("taken"), 409, `a project named "taken" already exists`},
		{"scheduling rules", create, newWith(`,"schedulingRules":{"trainingJobTimeLimitSeconds":60}`), 501,
			"schedulingRules" + unsupported},
		{"node types", update, `{"nodeTypes":{}}`, 501, "nodeTypes" + unsupported},
		{"invalid update", update, `{"resources":[{"gpu":{"deserved":-1}}]}`, 400,
			"resources[0].gpu.deserved: must not be negative"},
		{"update of an unknown project", "PUT " + projects + "/404", `{}`, 404, `project "404": not found`},
		{"read of an unknown project", "GET " + projects + "/404", "", 404, `project "404": not found`},
		{"deletion of an unknown project", "DELETE " + projects + "/404", "", 404, `project "404": not found`},
		{"deletion of a project in use", "DELETE " + projects + "/" + id, "", 409,
			`project "taken" still has workspaces`},
	})
	got := plane.Do(http.MethodDelete, projects+"/"+id, bearer, "").CheckError(t, http.StatusConflict)
	if got.Details != "running" {
		t.Errorf("details: got %q, want the workspace", got.Details)
	}
}

func TestListingErrors(t *testing.T) {
	plane := apitest.Start(t, controlplane.Config{})
	const listProjects, listWorkloads = "GET " + projects, "GET " + workloads
	check(t, plane, plane.Token(controlplane.DemoViewer), []failing{
		{"offset that is not a number", listProjects + "?offset=x", "", 400, ""},
		{"negative offset", listProjects + "?offset=-1", "", 400, "offset: must not be negative"},
		{"limit of 0", listProjects + "?limit=0", "", 400, "limit: must be between 1 and 500"},
		{"limit of 501", listWorkloads + "?limit=501", "", 400, "limit: must be between 1 and 500"},
		{"unknown order", listWorkloads + "?sortOrder=up", "", 400, "sortOrder: must be asc or desc"},
		{"unknown key", listWorkloads + "?sortBy=colour", "", 400, "sortBy: is not a sort key"},
		{"key of the other listing", listProjects + "?sortBy=submittedBy", "", 400, "sortBy: is not a sort key"},
		{"published key", listWorkloads + "?sortBy=submittedBy", "", 501, "sortBy submittedBy" + unsupported},
		{"filter", listProjects + "?filterBy=name==a", "", 501, "filterBy" + unsupported},
		{"search", listWorkloads + "?search=a", "", 501, "search" + unsupported},
		{"deleted workloads", listWorkloads + "?deleted=true", "", 501, "deleted" + unsupported},
	})
}

func TestWorkspaceErrors(t *testing.T) {
	plane := apitest.Start(t, controlplane.Config{})
	bearer := plane.Token(controlplane.DemoAdministrator)
	project := created(t, plane, bearer, projects, projectBody("team"), "id")
	running := created(t, plane, bearer, workspaces, workspaceBody(project, "running"), "workloadId")
	const create, unknown, notFound = "POST " + workspaces, workspaces + "/404", `workspace "404": not found`
	inProject := func(members string) string { return newWith(`,"projectId":"` + project + `",` + members) }
	withCompute := func(members string) string {
		return inProject(`"spec":{"image":"a","compute":{` + members + `}}`)
	}
	longPrefix := `{"name":"` + strings.Repeat("a", 57) + `","useGivenNameAsPrefix":true,"projectId":"1",` +
		`"clusterId":"` + store.ClusterID + `","spec":{"image":"a"}}`

	check(t, plane, bearer, []failing{
		{"empty object", create, "{}", 400,
			"name: is required; clusterId: is required; projectId: is required; spec.image: is required"},
		{"unknown project", create, workspaceBody("404", "new"), 400,
			"projectId: is not a project of this control plane"},
		{"wrong numbers", create,
			withCompute(`"gpuDevicesRequest":-1,"cpuCoreRequest":-0.5,"gpuRequestType":"half"`), 400,
			"spec.compute.gpuDevicesRequest: must not be negative; " +
				"spec.compute.cpuCoreRequest: must not be negative; " +
				"spec.compute.gpuRequestType: must be portion or memory"},
		{"variable without a name", create,
			inProject(`"spec":{"image":"a","environmentVariables":[{"value":"b"}]}`), 400,
			"spec.environmentVariables[0].name: is required"},
		{"long prefix", create, longPrefix, 400, "name: is longer than 56 characters"},
		{"taken name", create, workspaceBody(project, "running"), 409,
			`project "team" already has a workspace named "running"`},
		{"template", create, inProject(`"templateId":"a"`), 501, "templateId" + unsupported},
		{"storage", create, inProject(`"spec":{"image":"a","storage":{"pvc":[]}}`), 501, "spec.storage" + unsupported},
		{"half a GPU", create, withCompute(`"gpuPortionRequest":0.5`), 501, "a part of a GPU by portion" + unsupported},
		{"memory of a GPU", create, withCompute(`"gpuMemoryRequest":"1G"`), 501,
			"a part of a GPU by memory" + unsupported},
		{"read of an unknown workspace", "GET " + unknown, "", 404, notFound},
		{"deletion of an unknown workspace", "DELETE " + unknown, "", 404, notFound},
		{"suspension of an unknown workspace", "POST " + unknown + "/suspend", "", 404, notFound},
		{"resumption of an unknown workspace", "POST " + unknown + "/resume", "", 404, notFound},
		{"resumption of a running workspace", "POST " + workspaces + "/" + running + "/resume", "", 409,
			`workspace "running" is already running`},
	})
}

func TestTokenErrors(t *testing.T) {
	plane := apitest.Start(t, controlplane.Config{})
	const grant = "POST " + token
	check(t, plane, plane.Token(controlplane.DemoAdministrator), []failing{
		{"unknown access key", "DELETE " + accessKeys + "404", "", 404, `access key "404": not found`},
		{"no credentials", grant, "{}", 400, "clientId: is required; clientSecret: is required"},
		{"no application", grant, `{"grantType":"app_token"}`, 400, "appID: is required; appSecret: is required"},
		{"unknown grant", grant, `{"grantType":"please"}`, 400, "grantType: is not a grant type"},
		{"published grant", grant, `{"grantType":"refresh_token"}`, 501, "grantType refresh_token" + unsupported},
		{"wrong secret", grant, `{"clientId":"demo-viewer","clientSecret":"wrong"}`, 401,
			"the client id or the secret is wrong"},
	})
}

func TestRoutingErrors(t *testing.T) {
	plane := apitest.Start(t, controlplane.Config{})
	check(t, plane, plane.Token(controlplane.DemoViewer), []failing{
		{"unknown path of the API", "GET /api/v1/clusters", "", 404, ""},
		{"root", "GET /", "", 404, ""},
		{"another method", "PUT " + projects, "{}", 405, ""},
		{"another method for a token", "GET " + token, "", 405, ""},
	})
}
