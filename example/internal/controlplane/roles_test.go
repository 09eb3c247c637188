package controlplane_test

import (
	"net/http"
	"strings"
	"testing"

	"google.golang.org/genproto/googleapis/api/annotations"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"

	"github.com/statusbridge/statusbridge/example/internal/apitest"
	"github.com/statusbridge/statusbridge/example/internal/controlplane"
)

// routes returns the HTTP method and the path of every gRPC method. The path contains an unknown id.
func routes() map[string][2]string {
	found := map[string][2]string{}
	protoregistry.GlobalFiles.RangeFilesByPackage("controlplane.v1", func(file protoreflect.FileDescriptor) bool {
		for i := range file.Services().Len() {
			methods := file.Services().Get(i).Methods()
			for j := range methods.Len() {
				method := methods.Get(j)
				rule, _ := proto.GetExtension(method.Options(), annotations.E_Http).(*annotations.HttpRule)
				for verb, path := range map[string]string{
					http.MethodGet: rule.GetGet(), http.MethodPut: rule.GetPut(), http.MethodPost: rule.GetPost(),
					http.MethodDelete: rule.GetDelete(), http.MethodPatch: rule.GetPatch(),
				} {
					if start, end := strings.Index(path, "{"), strings.Index(path, "}"); start >= 0 {
						path = path[:start] + "none" + path[end+1:]
					}
					if path != "" {
						found[string(method.Name())] = [2]string{verb, path}
					}
				}
			}
		}
		return true
	})
	return found
}

// TestRoles sends every request of the API without a token and as a viewer. A new method of the API must be added here.
func TestRoles(t *testing.T) {
	asViewer := map[string]int{
		"GrantToken":       http.StatusBadRequest,
		"ListProjects":     http.StatusOK,
		"GetProject":       http.StatusNotFound,
		"GetWorkspace":     http.StatusNotFound,
		"ListWorkloads":    http.StatusOK,
		"CreateProject":    http.StatusForbidden,
		"UpdateProject":    http.StatusForbidden,
		"DeleteProject":    http.StatusForbidden,
		"CreateWorkspace":  http.StatusForbidden,
		"DeleteWorkspace":  http.StatusForbidden,
		"SuspendWorkspace": http.StatusForbidden,
		"ResumeWorkspace":  http.StatusForbidden,
		"DeleteAccessKey":  http.StatusForbidden,
	}
	plane := apitest.Start(t, controlplane.Config{})
	viewer := plane.Token(controlplane.DemoViewer)
	all := routes()
	if len(all) != len(asViewer) {
		t.Errorf("the API has %d methods, and this test has %d", len(all), len(asViewer))
	}
	for name, route := range all {
		t.Run(name, func(t *testing.T) {
			want, ok := asViewer[name]
			if !ok {
				t.Fatal("add the method to this test")
			}
			if got := plane.Do(route[0], route[1], viewer, ""); got.Status != want {
				t.Errorf("as a viewer: got %d, want %d: %s", got.Status, want, got.Body)
			}
			if name != "GrantToken" {
				plane.Do(route[0], route[1], "", "").CheckError(t, http.StatusUnauthorized)
			}
		})
	}
}
