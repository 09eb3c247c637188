package openapi_test

import (
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"

	"github.com/statusbridge/statusbridge/example/internal/apitest"
	"github.com/statusbridge/statusbridge/example/internal/controlplane"
)

// TestEveryStatus reads the served document, and makes the control plane send every status of every operation. The
// success is last, because it consumes resources. Each response is validated. Statuses without an attempt must be in
// impossible.
func TestEveryStatus(t *testing.T) {
	document := served(t, apitest.Start(t, controlplane.Config{}))
	known := map[string]bool{}
	for _, item := range document.Paths.Map() {
		for _, operation := range item.Operations() {
			known[operation.OperationID] = true
			t.Run(operation.OperationID, func(t *testing.T) {
				t.Parallel()
				exercise(t, document, operation)
			})
		}
	}
	for operation := range attempts {
		if !known[operation] {
			t.Errorf("the document has no operation %s", operation)
		}
	}
	for pair := range impossible() {
		if !known[pair.operation] {
			t.Errorf("the document has no operation %s, whose %d is impossible", pair.operation, pair.status)
		}
	}
}

func exercise(t *testing.T, document *openapi3.T, operation *openapi3.Operation) {
	ways, ok := attempts[operation.OperationID]
	if !ok {
		t.Fatal("the operation has no attempts")
	}
	w := newWorld(t)
	find := router(t, document)
	requests := ways(w)
	var statuses []int
	for key := range operation.Responses.Map() {
		status, err := strconv.Atoi(key)
		if err != nil {
			t.Fatalf("the document has the status %q", key)
		}
		statuses = append(statuses, status)
	}
	slices.Sort(statuses)
	slices.Reverse(statuses)
	for _, status := range statuses {
		way, ok := requests[status]
		why := impossible()[pair{operation.OperationID, status}]
		switch {
		case ok && why != "":
			t.Errorf("%d is impossible and asked for", status)
		case !ok && why == "":
			t.Errorf("nothing asks for %d", status)
		case ok:
			w.prepare(way.modes)
			request, response := w.do(way)
			if response.Status != status {
				t.Errorf("%s %s: got %d %s, want %d", way.method, way.path, response.Status, response.Body, status)
			}
			route, parameters, err := find.FindRoute(request)
			if err != nil || route.Operation.OperationID != operation.OperationID {
				t.Fatalf("%s %s: the document has it as %+v, %v", way.method, way.path, route, err)
			}
			input := validation(request, route, response)
			if err := openapi3filter.ValidateResponse(t.Context(), input); err != nil {
				t.Errorf("%d: %v", status, err)
			}
			if status < http.StatusBadRequest {
				request.Body, err = request.GetBody()
				if err != nil {
					t.Fatal(err)
				}
				input.RequestValidationInput.PathParams = parameters
				if err := openapi3filter.ValidateRequest(t.Context(), input.RequestValidationInput); err != nil {
					t.Errorf("the request for %d: %v", status, err)
				}
			}
			content := operation.Responses.Value(fmt.Sprint(status)).Value.Content
			if status == http.StatusNoContent && (response.Body != "" || len(content) > 0) {
				t.Errorf("204 has content: %q", response.Body)
			}
		}
		delete(requests, status)
	}
	if len(requests) > 0 {
		t.Errorf("the statuses %v are not in the document", slices.Sorted(maps.Keys(requests)))
	}
}

// TestRoutingErrors validates responses that belong to no operation. The document contains 405 for hand-written
// requests.
func TestRoutingErrors(t *testing.T) {
	plane := apitest.Start(t, controlplane.Config{})
	document := served(t, plane)
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, plane.URL()+projects, nil)
	if err != nil {
		t.Fatal(err)
	}
	route, _, err := router(t, document).FindRoute(request)
	if err != nil {
		t.Fatal(err)
	}
	route.Operation = openapi3.NewOperation()
	route.Operation.Responses = openapi3.NewResponses()
	names := map[string]int{"MethodNotAllowed": http.StatusMethodNotAllowed, "NotFound": http.StatusNotFound}
	for name, status := range names {
		route.Operation.Responses.Set(fmt.Sprint(status), document.Components.Responses[name])
	}
	paths := map[string]int{projects: http.StatusMethodNotAllowed, "/api/v1/nowhere": http.StatusNotFound}
	for path, status := range paths {
		response := plane.Do(http.MethodPatch, path, "", "{}")
		if response.Status != status {
			t.Errorf("%s: got %d, want %d", path, response.Status, status)
		}
		if err := openapi3filter.ValidateResponse(t.Context(), validation(request, route, response)); err != nil {
			t.Errorf("%s: %v", path, err)
		}
		response.Header.Del("Allow")
		if err := openapi3filter.ValidateResponse(t.Context(), validation(request, route, response)); err == nil &&
			status == http.StatusMethodNotAllowed {
			t.Error("a 405 without Allow is valid")
		}
	}
}

// do sends a request. It returns the request for the validator.
func (w *world) do(a attempt) (*http.Request, apitest.Response) {
	w.t.Helper()
	request, err := http.NewRequestWithContext(w.t.Context(), a.method, w.plane.URL()+a.path, strings.NewReader(a.body))
	if err != nil {
		w.t.Fatal(err)
	}
	if a.token != "" {
		request.Header.Set("Authorization", "Bearer "+a.token)
	}
	if a.body != "" {
		request.Header.Set("Content-Type", "application/json")
	}
	if a.hurried {
		request.Header.Set("Grpc-Timeout", "1n")
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		w.t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	content, err := io.ReadAll(response.Body)
	if err != nil {
		w.t.Fatal(err)
	}
	return request, apitest.Response{Status: response.StatusCode, Header: response.Header, Body: string(content)}
}
