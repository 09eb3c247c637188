package controlplane_test

import (
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/statusbridge/statusbridge/example/internal/apitest"
	"github.com/statusbridge/statusbridge/example/internal/controlplane"
	"github.com/statusbridge/statusbridge/example/internal/store"
)

const (
	projects   = "/api/v1/org-unit/projects"
	workspaces = "/api/v1/workloads/workspaces"
	workloads  = "/api/v1/workloads"
	accessKeys = "/api/v1/access-keys/"
	token      = "/api/v1/token"
)

func projectBody(name string) string {
	return `{"name":"` + name + `","clusterId":"` + store.ClusterID + `","resources":[{"gpu":{"deserved":4}}]}`
}

func workspaceBody(projectID, name string) string {
	return `{"name":"` + name + `","projectId":"` + projectID + `","clusterId":"` + store.ClusterID + `",` +
		`"spec":{"image":"jupyter/scipy-notebook","compute":{"gpuDevicesRequest":1}}}`
}

// created makes a resource and returns the member of the answer that names it.
func created(t *testing.T, plane *apitest.Plane, bearer, path, body, member string) string {
	t.Helper()
	response := plane.Do(http.MethodPost, path, bearer, body)
	if response.Status != http.StatusOK && response.Status != http.StatusAccepted {
		t.Fatalf("POST %s: %d %s", path, response.Status, response.Body)
	}
	fields := map[string]any{}
	response.Decode(t, &fields)
	id, _ := fields[member].(string)
	if id == "" {
		t.Fatalf("POST %s: no %s in %s", path, member, response.Body)
	}
	return id
}

// TestErrors asks for each kind of error of each call. The requests change nothing.
func TestErrors(t *testing.T) {
	plane := apitest.Start(t, controlplane.Config{})
	bearer := plane.Token(controlplane.DemoAdministrator)
	project := created(t, plane, bearer, projects, projectBody("taken"), "id")
	running := created(t, plane, bearer, workspaces, workspaceBody(project, "running"), "workloadId")

	in := func(fields string) string {
		return `{"name":"new","clusterId":"` + store.ClusterID + `"` + fields + `}`
	}
	workspaceIn := func(fields string) string { return in(`,"projectId":"` + project + `"` + fields) }
	for _, test := range []struct {
		name, method, path, body string
		status                   int
		message, details         string // empty: not looked at
	}{
		{"no JSON", "POST", projects, `{"name":`, 400, "", ""},
		{"the wrong type", "POST", projects, `{"name":5}`, 400, "", ""},
		{"no body", "POST", projects, "", 400, "", "name: is required; clusterId: is required"},
		{"a name that is none", "POST", projects, projectBody("Team A"), 400, "the request is not valid",
			"name: may hold lower-case letters, digits and inner hyphens only"},
		{"a long name", "POST", projects, projectBody(strings.Repeat("a", 64)), 400, "", "name: is longer than 63 characters"},
		{"another cluster", "POST", projects, `{"name":"new","clusterId":"other"}`, 400, "", "clusterId: is no cluster of this control plane"},
		{"another department", "POST", projects, in(`,"parentId":"other"`), 400, "", "parentId: is no department of this control plane"},
		{"an empty namespace", "POST", projects, in(`,"requestedNamespace":""`), 400, "", "requestedNamespace: is required"},
		{"an unknown unit", "POST", projects, in(`,"resources":[{},{"memory":{"deserved":1,"units":"KB"}}]`), 400, "",
			"resources[1].memory.units: must be Mib, MB or GB"},
		{"a negative weight", "POST", projects, in(`,"resources":[{"cpu":{"overQuotaWeight":-1}}]`), 400, "",
			"resources[0].cpu.overQuotaWeight: must not be negative"},
		{"a taken name", "POST", projects, projectBody("taken"), 409, `a project named "taken" already exists`, ""},
		{"rules for scheduling", "POST", projects, in(`,"schedulingRules":{"trainingJobTimeLimitSeconds":60}`), 501,
			"schedulingRules: this control plane does not support it", ""},
		{"types of nodes", "PUT", projects + "/" + project, `{"nodeTypes":{}}`, 501, "nodeTypes: this control plane does not support it", ""},
		{"no project to change", "PUT", projects + "/404", `{}`, 404, `project "404": not found`, ""},
		{"a wrong change", "PUT", projects + "/" + project, `{"resources":[{"gpu":{"deserved":-1}}]}`, 400, "",
			"resources[0].gpu.deserved: must not be negative"},
		{"no project to read", "GET", projects + "/404", "", 404, `project "404": not found`, ""},
		{"no project to delete", "DELETE", projects + "/404", "", 404, `project "404": not found`, ""},
		{"a project in use", "DELETE", projects + "/" + project, "", 409, `project "taken" still has workspaces`, "running"},

		{"an offset that is no number", "GET", projects + "?offset=x", "", 400, "", ""},
		{"a negative offset", "GET", projects + "?offset=-1", "", 400, "", "offset: must not be negative"},
		{"no limit at all", "GET", projects + "?limit=0", "", 400, "", "limit: must be between 1 and 500"},
		{"a high limit", "GET", workloads + "?limit=501", "", 400, "", "limit: must be between 1 and 500"},
		{"an unknown order", "GET", workloads + "?sortOrder=up", "", 400, "", "sortOrder: must be asc or desc"},
		{"an unknown key", "GET", workloads + "?sortBy=colour", "", 400, "", "sortBy: is not a field to sort by"},
		{"a key of the other listing", "GET", projects + "?sortBy=submittedBy", "", 400, "", "sortBy: is not a field to sort by"},
		{"a published key", "GET", workloads + "?sortBy=submittedBy", "", 501, "sortBy submittedBy: this control plane does not support it", ""},
		{"a filter", "GET", projects + "?filterBy=name==a", "", 501, "filterBy: this control plane does not support it", ""},
		{"a search", "GET", workloads + "?search=a", "", 501, "search: this control plane does not support it", ""},
		{"what was deleted", "GET", workloads + "?deleted=true", "", 501, "deleted: this control plane does not support it", ""},

		{"nothing to run", "POST", workspaces, "{}", 400, "",
			"name: is required; clusterId: is required; projectId: is required; spec.image: is required"},
		{"a project that is none", "POST", workspaces, workspaceBody("404", "new"), 400, "", "projectId: is no project of this control plane"},
		{"wrong numbers", "POST", workspaces,
			workspaceIn(`,"spec":{"image":"a","compute":{"gpuDevicesRequest":-1,"cpuCoreRequest":-0.5,"gpuRequestType":"half"}}`), 400, "",
			"spec.compute.gpuDevicesRequest: must not be negative; spec.compute.cpuCoreRequest: must not be negative; " +
				"spec.compute.gpuRequestType: must be portion or memory"},
		{"a variable without a name", "POST", workspaces, workspaceIn(`,"spec":{"image":"a","environmentVariables":[{"value":"b"}]}`), 400, "",
			"spec.environmentVariables[0].name: is required"},
		{"a prefix that is too long", "POST", workspaces,
			`{"name":"` + strings.Repeat("a", 57) + `","useGivenNameAsPrefix":true,"projectId":"1","clusterId":"` + store.ClusterID + `","spec":{"image":"a"}}`,
			400, "", "name: is longer than 56 characters"},
		{"a taken workspace name", "POST", workspaces, workspaceBody(project, "running"), 409,
			`project "taken" already has a workspace named "running"`, ""},
		{"a template", "POST", workspaces, workspaceIn(`,"templateId":"a"`), 501, "templateId: this control plane does not support it", ""},
		{"storage", "POST", workspaces, workspaceIn(`,"spec":{"image":"a","storage":{"pvc":[]}}`), 501,
			"spec.storage: this control plane does not support it", ""},
		{"half a GPU", "POST", workspaces, workspaceIn(`,"spec":{"image":"a","compute":{"gpuPortionRequest":0.5}}`), 501,
			"a part of a GPU by portion: this control plane does not support it", ""},
		{"some memory of a GPU", "POST", workspaces, workspaceIn(`,"spec":{"image":"a","compute":{"gpuMemoryRequest":"1G"}}`), 501,
			"a part of a GPU by its memory: this control plane does not support it", ""},
		{"no workspace to read", "GET", workspaces + "/404", "", 404, `workspace "404": not found`, ""},
		{"no workspace to delete", "DELETE", workspaces + "/404", "", 404, `workspace "404": not found`, ""},
		{"no workspace to suspend", "POST", workspaces + "/404/suspend", "", 404, `workspace "404": not found`, ""},
		{"no workspace to resume", "POST", workspaces + "/404/resume", "", 404, `workspace "404": not found`, ""},
		{"a workspace that runs", "POST", workspaces + "/" + running + "/resume", "", 409, `workspace "running" is already running`, ""},

		{"no access key", "DELETE", accessKeys + "404", "", 404, `access key "404": not found`, ""},
		{"no credentials", "POST", token, "{}", 400, "", "clientId: is required; clientSecret: is required"},
		{"no application", "POST", token, `{"grantType":"app_token"}`, 400, "", "appID: is required; appSecret: is required"},
		{"an unknown grant", "POST", token, `{"grantType":"please"}`, 400, "", "grantType: is not a grant type"},
		{"a published grant", "POST", token, `{"grantType":"refresh_token"}`, 501, "grantType refresh_token: this control plane does not support it", ""},
		{"a wrong secret", "POST", token, `{"clientId":"demo-viewer","clientSecret":"wrong"}`, 401, "the client id or the secret is wrong", ""},

		{"no route", "GET", "/api/v1/clusters", "", 404, "", ""},
		{"no route at all", "GET", "/", "", 404, "", ""},
		{"another method", "PUT", projects, "{}", 405, "", ""},
		{"another method of a token", "GET", token, "", 405, "", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			response := plane.Do(test.method, test.path, bearer, test.body)
			got := response.CheckError(t, test.status)
			if test.message != "" && got.Message != test.message {
				t.Errorf("message: got %q, want %q", got.Message, test.message)
			}
			if got.Details != test.details {
				t.Errorf("details: got %q, want %q", got.Details, test.details)
			}
			if allow := response.Header.Get("Allow"); (allow != "") != (test.status == http.StatusMethodNotAllowed) {
				t.Errorf("Allow of a %d: %q", test.status, allow)
			}
		})
	}
}

func TestTokenSpellings(t *testing.T) {
	plane := apitest.Start(t, controlplane.Config{TokenLifetime: time.Minute})
	for _, body := range []string{
		`{"grantType":"client_credentials","clientId":"demo-viewer","clientSecret":"viewer-demo-secret"}`,
		`{"grantType":"client_credentials","clientID":"demo-viewer","clientSecret":"viewer-demo-secret"}`,
		`{"grantType":"app_token","appID":"demo-viewer","appSecret":"viewer-demo-secret"}`,
		`{"grantType":"app_token","AppId":"demo-viewer","AppSecret":"viewer-demo-secret"}`,
		`{"clientId":"demo-viewer","clientSecret":"viewer-demo-secret"}`,
	} {
		response := plane.Do(http.MethodPost, token, "", body)
		if response.Status != http.StatusOK {
			t.Errorf("%s: %d %s", body, response.Status, response.Body)
			continue
		}
		var granted struct {
			AccessToken string `json:"accessToken"`
			ExpiresIn   int    `json:"expiresIn"`
		}
		response.Decode(t, &granted)
		if granted.ExpiresIn != 60 {
			t.Errorf("%s: expiresIn is %d, want 60", body, granted.ExpiresIn)
		}
		if got := plane.Do(http.MethodGet, projects, granted.AccessToken, ""); got.Status != http.StatusOK {
			t.Errorf("%s: the token is worth a %d: %s", body, got.Status, got.Body)
		}
	}
}

func TestUnauthorized(t *testing.T) {
	var elapsed atomic.Int64
	plane := apitest.Start(t, controlplane.Config{
		TokenLifetime: time.Minute,
		Now:           func() time.Time { return clock().Add(time.Duration(elapsed.Load())) },
	})
	administrator := plane.Token(controlplane.DemoAdministrator)
	viewer := plane.Token(controlplane.DemoViewer)

	check := func(bearer, message string) {
		t.Helper()
		response := plane.Do(http.MethodGet, projects, bearer, "")
		if got := response.CheckError(t, http.StatusUnauthorized).Message; got != message {
			t.Errorf("message: got %q, want %q", got, message)
		}
		if got := response.Header.Values("WWW-Authenticate"); len(got) != 1 || got[0] != `Bearer realm="controlplane"` {
			t.Errorf("WWW-Authenticate: got %q", got)
		}
	}
	check("", "a bearer token is required")
	check("nonsense", "the bearer token is not valid")

	if got := plane.Do(http.MethodDelete, accessKeys+controlplane.DemoViewer.ID, administrator, ""); got.Status != http.StatusNoContent {
		t.Fatalf("the access key was not deleted: %d %s", got.Status, got.Body)
	}
	check(viewer, "the bearer token is not valid")
	credentials := `{"clientId":"` + controlplane.DemoViewer.ClientID + `","clientSecret":"` + controlplane.DemoViewer.Secret + `"}`
	plane.Do(http.MethodPost, token, "", credentials).CheckError(t, http.StatusUnauthorized)

	elapsed.Store(int64(time.Minute))
	check(administrator, "the bearer token has expired")
}
