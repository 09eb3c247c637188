package openapi_test

import (
	"io"
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/gorillamux"

	"github.com/statusbridge/statusbridge/example/internal/apitest"
	"github.com/statusbridge/statusbridge/example/internal/controlplane"
)

// read loads and validates a document with an independent library.
func read(t *testing.T, document string) *openapi3.T {
	t.Helper()
	loaded, err := openapi3.NewLoader().LoadFromData([]byte(document))
	if err != nil {
		t.Fatal(err)
	}
	if err := loaded.Validate(t.Context()); err != nil {
		t.Fatal(err)
	}
	return loaded
}

// served returns the document from the control plane.
func served(t *testing.T, plane *apitest.Plane) *openapi3.T {
	t.Helper()
	response := plane.Do(http.MethodGet, "/openapi.json", "", "")
	if response.Status != http.StatusOK || response.Header.Get("Content-Type") != "application/json" {
		t.Fatalf("GET /openapi.json: %d %v", response.Status, response.Header)
	}
	return read(t, response.Body)
}

// router returns a router that finds the operation of a request in the document.
func router(t *testing.T, document *openapi3.T) routers.Router {
	t.Helper()
	router, err := gorillamux.NewRouter(document)
	if err != nil {
		t.Fatal(err)
	}
	return router
}

// validation returns the validator's input for a request and its response.
func validation(
	request *http.Request, route *routers.Route, response apitest.Response,
) *openapi3filter.ResponseValidationInput {
	return &openapi3filter.ResponseValidationInput{
		RequestValidationInput: &openapi3filter.RequestValidationInput{
			Request: request, Route: route,
			Options: &openapi3filter.Options{AuthenticationFunc: openapi3filter.NoopAuthenticationFunc},
		},
		Status: response.Status, Header: response.Header, Body: io.NopCloser(strings.NewReader(response.Body)),
		Options: &openapi3filter.Options{IncludeResponseStatus: true},
	}
}

// TestFacade validates the document of the facade.
func TestFacade(t *testing.T) {
	document, err := os.ReadFile("generated/controlplane/facade/v1/openapi.json")
	if err != nil {
		t.Fatal(err)
	}
	read(t, string(document))
}

func TestServed(t *testing.T) {
	plane := apitest.Start(t, controlplane.Config{})
	served(t, plane)
	if got := plane.Do(http.MethodHead, "/openapi.json", "", ""); got.Status != http.StatusOK || got.Body != "" {
		t.Errorf("HEAD: %d %q", got.Status, got.Body)
	}
	response := plane.Do(http.MethodPost, "/openapi.json", "", "{}")
	response.CheckError(t, http.StatusMethodNotAllowed)
	if got := response.Header.Get("Allow"); got != "GET" {
		t.Errorf("Allow: got %q, want GET", got)
	}
}

// TestMismatch makes valid responses invalid, to show that the checks of the other tests can fail.
func TestMismatch(t *testing.T) {
	plane := apitest.Start(t, controlplane.Config{})
	find := router(t, served(t, plane))
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, plane.URL()+"/api/v1/workloads", nil)
	if err != nil {
		t.Fatal(err)
	}
	route, _, err := find.FindRoute(request)
	if err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(*apitest.Response){
		"":                            func(*apitest.Response) {},
		"unlisted status":             func(r *apitest.Response) { r.Status = http.StatusTooManyRequests },
		"status of another operation": func(r *apitest.Response) { r.Status = http.StatusMethodNotAllowed },
		"no challenge":                func(r *apitest.Response) { r.Header.Del("WWW-Authenticate") },
		"another content type":        func(r *apitest.Response) { r.Header.Set("Content-Type", "text/plain") },
		"another body":                func(r *apitest.Response) { r.Body = `{"code":16,"message":"no","details":[]}` },
		"no message":                  func(r *apitest.Response) { r.Body = `{"code":401}` },
		"success with an error": func(r *apitest.Response) {
			r.Status, r.Body = http.StatusOK, `{"workloads":{"code":401,"message":"who?"}}`
		},
	} {
		response := plane.Do(http.MethodGet, "/api/v1/workloads", "", "")
		change(&response)
		err := openapi3filter.ValidateResponse(t.Context(), validation(request, route, response))
		if (err == nil) != (name == "") {
			t.Errorf("%q: %v", name, err)
		}
	}
}
