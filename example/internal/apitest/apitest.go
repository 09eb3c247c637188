// Package apitest helps tests of the REST API: it starts a control plane, sends requests, and checks responses.
package apitest

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/statusbridge/statusbridge/example/internal/controlplane"
	"github.com/statusbridge/statusbridge/internal/testkit"
)

// Plane is a control plane for one test.
type Plane struct {
	*controlplane.ControlPlane

	t *testing.T
}

// Start returns a control plane that ends with the test.
func Start(t *testing.T, config controlplane.Config) *Plane {
	t.Helper()
	plane, err := controlplane.Start(config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := plane.Close(); err != nil {
			t.Error(err)
		}
		select {
		case err := <-plane.Failed():
			t.Error(err)
		default:
		}
	})
	return &Plane{ControlPlane: plane, t: t}
}

// Response is a response with its body.
type Response struct {
	Status int
	Header http.Header
	Body   string
}

// Do sends a request. The token and the body may be empty.
func (p *Plane) Do(method, path, token, body string) Response {
	p.t.Helper()
	return Do(p.t, p.URL(), method, path, token, body)
}

// Do sends a request to a base URL. The token and the body may be empty.
func Do(t *testing.T, url, method, path, token, body string) Response {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, url+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if token != "" {
		request.Header.Set("Authorization", "Bearer "+token)
	}
	if body != "" {
		request.Header.Set("Content-Type", "application/json")
	}
	response, err := testkit.Client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	content, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return Response{Status: response.StatusCode, Header: response.Header, Body: string(content)}
}

// Get sends a request and decodes the body of its 200 into into.
func (p *Plane) Get(path, token string, into any) {
	p.t.Helper()
	response := p.Do(http.MethodGet, path, token, "")
	if response.Status != http.StatusOK {
		p.t.Fatalf("GET %s: %d %s", path, response.Status, response.Body)
	}
	response.Decode(p.t, into)
}

// Decode reads the body into into.
func (r Response) Decode(t *testing.T, into any) {
	t.Helper()
	if err := json.Unmarshal([]byte(r.Body), into); err != nil {
		t.Fatalf("%v in %s", err, r.Body)
	}
}

// Token returns a new token.
func (p *Plane) Token(key controlplane.DemoKey) string {
	p.t.Helper()
	body := `{"clientId":"` + key.ClientID + `","clientSecret":"` + key.Secret + `"}`
	response := p.Do(http.MethodPost, "/api/v1/token", "", body)
	if response.Status != http.StatusOK {
		p.t.Fatalf("no token: %d %s", response.Status, response.Body)
	}
	var granted struct {
		AccessToken string `json:"accessToken"`
	}
	response.Decode(p.t, &granted)
	return granted.AccessToken
}

// CheckEmpty makes sure that no project and no workload is left.
func (p *Plane) CheckEmpty() {
	p.t.Helper()
	bearer := p.Token(controlplane.DemoViewer)
	listings := map[string]string{"/api/v1/org-unit/projects": "projects", "/api/v1/workloads": "workloads"}
	for path, member := range listings {
		left := map[string]any{}
		p.Get(path, bearer, &left)
		if list, ok := left[member].([]any); !ok || len(list) > 0 {
			p.t.Errorf("%s: %v", path, left)
		}
	}
}

// Error is the documented body of an error.
type Error struct {
	Code    int    `json:"code"`
	Message string `json:"message"`
	Details string `json:"details,omitempty"`
}

// CheckError makes sure that a response is the documented error for a status, with its members in the documented order,
// and returns the error.
func (r Response) CheckError(t *testing.T, status int) Error {
	t.Helper()
	if r.Status != status {
		t.Fatalf("got %d, want %d: %s", r.Status, status, r.Body)
	}
	if got := r.Header.Get("Content-Type"); got != "application/json" {
		t.Errorf("Content-Type: got %q, want application/json", got)
	}
	var e Error
	r.Decode(t, &e)
	var exact bytes.Buffer
	encoder := json.NewEncoder(&exact)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(e); err != nil {
		t.Fatal(err)
	}
	if want := strings.TrimSuffix(exact.String(), "\n"); r.Body != want {
		t.Errorf("the body is %s, want %s", r.Body, want)
	}
	if e.Code != status || e.Message == "" {
		t.Errorf("the body of a %d is %s", status, r.Body)
	}
	return e
}
