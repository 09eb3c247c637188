package controlplane_test

import (
	"net/http"
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

// created creates a resource and returns a member of the response.
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
			t.Errorf("%s: the token gets a %d: %s", body, got.Status, got.Body)
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

	got := plane.Do(http.MethodDelete, accessKeys+controlplane.DemoViewer.ID, administrator, "")
	if got.Status != http.StatusNoContent {
		t.Fatalf("the access key was not deleted: %d %s", got.Status, got.Body)
	}
	check(viewer, "the bearer token is not valid")
	const credentials = `{"clientId":"demo-viewer","clientSecret":"viewer-demo-secret"}`
	plane.Do(http.MethodPost, token, "", credentials).CheckError(t, http.StatusUnauthorized)

	elapsed.Store(int64(time.Minute))
	check(administrator, "the bearer token has expired")
}
