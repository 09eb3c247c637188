package plugin_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/statusbridge/statusbridge/openapi/internal/plugintest"
)

// TestParameterNames looks for names that generators of clients accept.
func TestParameterNames(t *testing.T) {
	const declarations = `message Request { Thing thing = 1; string name = 2; string thing_name = 3; }
		message Thing { string name = 1; string text = 2; }`
	for name, test := range map[string]struct {
		methods    []string
		path       string
		parameters []string
	}{
		"dotted": {
			[]string{method("Get", `get: "/v1/{thing.name}"`, "")},
			"/v1/{thing_name}", []string{"thing_name"},
		},
		"dotted and dotless": {
			[]string{method("Get", `get: "/v1/{name=things/*}"`, ""),
				method("Patch", `patch: "/v1/{thing.name=things/*}" body: "thing"`, "")},
			"/v1/things/{name}", []string{"name"},
		},
		"dotted first": {
			[]string{method("Patch", `patch: "/v1/{thing.name=things/*}" body: "thing"`, ""),
				method("Get", `get: "/v1/{name=things/*}"`, "")},
			"/v1/things/{thing_name}", []string{"thing_name"},
		},
		"equal without the dot": {
			[]string{method("Get", `get: "/v1/{thing.name}/{thing_name}"`, "")},
			"/v1/{thing_name}/{thing_name_}", []string{"thing_name", "thing_name_"},
		},
		"two wildcards": {
			[]string{method("Get", `get: "/v1/{thing.name=shelves/*/things/*}"`, "")},
			"/v1/shelves/{thing_name}/things/{thing_name_1}", []string{"thing_name", "thing_name_1"},
		},
		"root": {
			[]string{method("Get", `get: "/"`, ""), method("Post", `post: "/" body: "*"`, "")}, "/", nil,
		},
		"verb": {
			[]string{method("Lend", `post: "/v1/{name=things/*}:lend" body: "*"`, "")},
			"/v1/things/{name}:lend", []string{"name"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			read := document(t, api(t, "", declarations, test.methods...))
			item := read.Paths.Find(test.path)
			if item == nil || len(item.Operations()) != len(test.methods) || read.Paths.Len() != 1 {
				t.Fatalf("the paths are %v", read.Paths.InMatchingOrder())
			}
			for method, operation := range item.Operations() {
				var got []string
				for _, p := range operation.Parameters {
					if p.Value.In == "path" {
						got = append(got, p.Value.Name)
					}
				}
				if !slices.Equal(got, test.parameters) {
					t.Errorf("%s: the parameters are %v, want %v", method, got, test.parameters)
				}
			}
		})
	}
}

// TestLostOperations refuses bindings that would replace each other in the document.
func TestLostOperations(t *testing.T) {
	const hide = "option (google.api.method_visibility) = {restriction: \"INTERNAL\"};"
	one, other := method("One", `get: "/v1/{name=**}"`, ""), method("Other", `get: "/v1/{name}"`, "")
	for name, protos := range map[string]map[string]string{
		"two patterns": {"api/api.proto": service("api", "Api", one, other)},
		"two services": {"api/api.proto": service("api", "A", one) + serviceOnly("B", one)},
		"two files":    {"api/a.proto": service("a", "A", one), "api/b.proto": service("b", "B", other)},
	} {
		t.Run(name, func(t *testing.T) {
			got := refusal(t, sources(t, "", protos))
			if !strings.Contains(got, "OpenAPI cannot tell GET /v1/{name") || !strings.Contains(got, ".One)") {
				t.Errorf("got %q", got)
			}
			if strings.Contains(got, "statusbridge-binding") {
				t.Errorf("the error shows a path that the proto does not have: %q", got)
			}
		})
	}
	t.Run("hidden", func(t *testing.T) {
		hidden := strings.Replace(other, ";", "; "+hide, 1)
		if got := operationIDs(document(t, api(t, "", "", one, hidden))); !slices.Equal(got, []string{"Api_One"}) {
			t.Errorf("the operations are %v", got)
		}
		got := refusal(t, api(t, "visibility_restriction_selectors=INTERNAL", "", one, hidden))
		if !strings.Contains(got, "method_visibility") {
			t.Errorf("got %q", got)
		}
	})
	t.Run("malformed", func(t *testing.T) {
		for _, path := range []string{"v1/things", "/v1/{name", "/v1/{absent}"} {
			got := refusal(t, api(t, "", "", method("Get", `get: "`+path+`"`, "")))
			if strings.Contains(got, "statusbridge-binding") {
				t.Errorf("the error shows a path that the proto does not have: %q", got)
			}
		}
	})
}

func service(pkg, name string, methods ...string) string {
	return "package " + pkg + ";\n" + serviceOnly(name, methods...) +
		"message Request { string name = 1; }\nmessage Response {}\n"
}

func serviceOnly(name string, methods ...string) string {
	return "service " + name + " {\n" + strings.Join(methods, "\n") + "\n}\n"
}

// TestCustomMethod leaves out a binding that OpenAPI 3.1 cannot describe, and keeps the others.
func TestCustomMethod(t *testing.T) {
	request := api(t, "", "", method("Report", `custom: {kind: "REPORT" path: "/v1/things"}`, ""),
		method("Head", `custom: {kind: "HEAD" path: "/v1/things"}`, ""))
	if got := operationIDs(document(t, request)); !slices.Equal(got, []string{"Api_Head"}) {
		t.Errorf("the operations are %v", got)
	}
	got := plugintest.Warnings(t, programs.Path(plugintest.Ours), request)
	if !strings.Contains(got, "REPORT /v1/things (api.Api.Report) is left out") {
		t.Errorf("the warning is %q", got)
	}
}
