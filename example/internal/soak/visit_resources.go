package soak

import (
	"fmt"
	"net/http"

	"github.com/statusbridge/statusbridge/example/internal/store"
	"github.com/statusbridge/statusbridge/internal/testkit"
)

const (
	projects   = "/api/v1/org-unit/projects"
	workspaces = "/api/v1/workloads/workspaces"
	workloads  = "/api/v1/workloads"
)

// admin sends a request of the administrator to the control plane.
func (v *visitor) admin(method, path, body string, headers ...string) result {
	return v.ask(method, v.plane.URL()+path, v.administrator, body, headers...)
}

// createProject creates a project with the mark as its name. It returns nothing while the store is damaged.
func (v *visitor) createProject(mark string) (path, id string) {
	body := fmt.Sprintf(`{"name":%q,"clusterId":%q,"resources":[{"gpu":{"deserved":4}}]}`, mark, store.ClusterID)
	a := v.admin(http.MethodPost, projects, body)
	if v.outages.store.mode != running {
		v.want(a, 500, mark, testkit.Meanings[500])
		return "", ""
	}
	if !v.want(a, 200, mark, mark) {
		return "", ""
	}
	id = a.member("id")
	return projects + "/" + id, id
}

// keepProject creates, reads, updates and deletes a project.
func (v *visitor) keepProject() {
	v.outages.store.RLock()
	defer v.outages.store.RUnlock()
	mark, _ := v.mark()
	path, id := v.createProject(mark)
	if path == "" {
		return
	}
	v.want(v.admin(http.MethodGet, path, ""), 200, mark, mark)
	v.want(v.admin(http.MethodPut, path, `{"resources":[{"gpu":{"deserved":8}}]}`), 200, mark, mark)
	same := fmt.Sprintf(`{"name":%q,"clusterId":%q}`, mark, store.ClusterID)
	v.want(v.admin(http.MethodPost, projects, same), 409, mark, mark)
	const negative = `{"resources":[{"gpu":{"deserved":-1}}]}`
	v.want(v.admin(http.MethodPut, path, negative), 400, mark, "resources[0].gpu.deserved")
	v.want(v.admin(http.MethodDelete, path, ""), 204, mark)
	v.want(v.admin(http.MethodGet, path, ""), 404, mark, id)
	v.want(v.admin(http.MethodGet, projects+"/"+mark, ""), 404, mark, mark)
}

// schedulerFailures contains the response to calls that need the scheduler, by its mode.
var schedulerFailures = map[string]struct {
	status int
	text   string
}{
	"down":    {503, "the scheduler cannot be reached"},
	"rubbish": {502, "the scheduler sent an invalid response"},
	"hang":    {504, ""}, // the service or the gateway sends it
}

// keepWorkspace creates, suspends, resumes and deletes a workspace.
func (v *visitor) keepWorkspace() {
	v.outages.store.RLock()
	defer v.outages.store.RUnlock()
	v.outages.scheduler.RLock()
	defer v.outages.scheduler.RUnlock()
	mark, _ := v.mark()
	project, id := v.createProject(mark)
	if project == "" {
		return
	}
	const spec = `{"image":"a","compute":{"gpuDevicesRequest":1}}`
	body := fmt.Sprintf(`{"name":%q,"projectId":%q,"clusterId":%q,"spec":%s}`, mark, id, store.ClusterID, spec)
	a := v.admin(http.MethodPost, workspaces, body, "Grpc-Timeout", timeoutFor(v.outages.scheduler))
	if failed, ok := schedulerFailures[v.outages.scheduler.mode]; ok {
		v.want(a, failed.status, mark, failed.text)
	} else if v.want(a, 202, mark, mark) {
		path := workspaces + "/" + a.member("workloadId")
		v.want(v.admin(http.MethodGet, path, ""), 200, mark, mark)
		v.want(v.admin(http.MethodDelete, project, ""), 409, mark, mark)
		v.want(v.admin(http.MethodPost, path+"/suspend", ""), 202, mark)
		v.want(v.admin(http.MethodPost, path+"/resume", ""), 202, mark)
		v.want(v.admin(http.MethodDelete, path, ""), 202, mark)
	}
	v.want(v.admin(http.MethodDelete, project, ""), 204, mark)
}

// beRefused sends requests that are refused.
func (v *visitor) beRefused() {
	mark, _ := v.mark()
	url := v.plane.URL()
	v.want(v.admin(http.MethodGet, projects+"?offset="+mark, ""), 400, mark, `invalid parameter \"offset\": \"`+mark)
	v.want(v.admin(http.MethodPost, projects, `{"name":"`+mark), 400, mark)
	v.want(v.ask(http.MethodGet, url+projects+"/"+mark, "", ""), 401, mark)
	v.want(v.ask(http.MethodPost, url+projects, v.viewer, `{"name":"`+mark+`"}`), 403, mark)
	v.want(v.admin(http.MethodGet, "/"+mark, ""), 404, mark)
	a := v.admin(http.MethodPatch, projects+"/"+mark, "{}")
	if v.want(a, 405, mark) && a.header.Get("Allow") != "DELETE, GET, PUT" {
		v.tally.fail("%s: Allow is %q", a.asked, a.header.Get("Allow"))
	}
	v.want(v.admin(http.MethodGet, projects+"?filterBy="+mark, ""), 501, mark, "filterBy")
}

// listingStatuses contains the status of the listing, by the mode of its backend.
var listingStatuses = map[string]int{running: 200, "down": 503, "rubbish": 502, "hang": 504}

// listWorkloads calls a backend that fails from time to time.
func (v *visitor) listWorkloads() {
	v.outages.store.RLock()
	defer v.outages.store.RUnlock()
	v.outages.workloads.RLock()
	defer v.outages.workloads.RUnlock()
	want := listingStatuses[v.outages.workloads.mode]
	if want == 200 && v.outages.store.mode != running {
		want = 500
	}
	v.want(v.admin(http.MethodGet, workloads+"?limit=1", "", "Grpc-Timeout", timeoutFor(v.outages.workloads)), want, "")
}

// timeoutFor returns a short timeout for a subject that hangs.
func timeoutFor(s *subject) string {
	if s.mode == "hang" {
		return "100m"
	}
	return "20S"
}
