package plugin_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
)

const greeter = `
// Greeter of %s.
service Greeter {
  rpc Hello(Request) returns (Request) {
    option (google.api.http) = {get: "/%s/hello" additional_bindings {post: "/%s/hello" body: "*"}};
  }
}
message Request {}
`

// TestSameServiceName puts services with the same name into one document: from two directories, and from one.
func TestSameServiceName(t *testing.T) {
	first := "package a.v1;" + strings.ReplaceAll(greeter, "%s", "a")
	second := "package b.v1;" + strings.ReplaceAll(greeter, "%s", "b")
	for name, protos := range map[string]map[string]string{
		"two directories": {"a/v1/greeter.proto": first, "b/v1/greeter.proto": second},
		"one directory":   {"api/a.proto": first, "api/b.proto": second},
	} {
		t.Run(name, func(t *testing.T) {
			read := document(t, sources(t, "document=openapi.json", protos))
			if got := operationIDs(read); !slices.Equal(got, []string{
				"a_v1_Greeter_Hello", "a_v1_Greeter_Hello_1", "b_v1_Greeter_Hello", "b_v1_Greeter_Hello_1",
			}) {
				t.Errorf("the operations are %v", got)
			}
			if got := read.Paths.Find("/b/hello").Get.Tags; !slices.Equal(got, []string{"b.v1.Greeter"}) {
				t.Errorf("the tags of an operation are %v", got)
			}
			for i, want := range []string{"a.v1.Greeter: Greeter of a.", "b.v1.Greeter: Greeter of b."} {
				if tag := read.Tags[i]; tag.Name+": "+tag.Description != want {
					t.Errorf("tag %d is %+v, want %s", i, tag, want)
				}
			}
		})
	}
	t.Run("two documents", func(t *testing.T) {
		documents := programs.Generate(t, sources(t, "", map[string]string{"a/a.proto": first, "b/b.proto": second}))
		if got := operationIDs(validate(t, documents["a/openapi.json"])); !slices.Contains(got, "Greeter_Hello") {
			t.Errorf("the operations are %v", got)
		}
	})
}

func operationIDs(read *openapi3.T) []string {
	var ids []string
	for _, item := range read.Paths.Map() {
		for _, operation := range item.Operations() {
			ids = append(ids, operation.OperationID)
		}
	}
	slices.Sort(ids)
	return ids
}

// TestSameOperationID refuses an id that annotations give to operations of two protos.
func TestSameOperationID(t *testing.T) {
	proto := func(pkg string) string {
		return "package " + pkg + `;
			service Service { rpc Get(Request) returns (Request) {
				option (google.api.http) = {get: "/` + pkg + `"};
				option (grpc.gateway.protoc_gen_openapiv3.options.openapiv3_operation) = {operation_id: "get"};
			} }
			message Request {}`
	}
	got := refusal(t, sources(t, "", map[string]string{"api/a.proto": proto("a"), "api/b.proto": proto("b")}))
	for _, want := range []string{"GET /a (a.Service.Get)", "GET /b (b.Service.Get)", "operation_id"} {
		if !strings.Contains(got, want) {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

// TestMerge compares what two protos say about their document.
func TestMerge(t *testing.T) {
	proto := func(pkg, scheme string) string {
		return "package " + pkg + `;
			option (grpc.gateway.protoc_gen_openapiv3.options.openapiv3_document) = {
				components: {security_schemes: {key: "key" value: {type: TYPE_HTTP scheme: "` + scheme + `"}}}
			};
			service ` + strings.ToUpper(pkg) + ` {
				rpc Get(Request) returns (Request) { option (google.api.http) = {get: "/` + pkg + `"}; }
			}
			message Request {}`
	}
	t.Run("the same scheme", func(t *testing.T) {
		document(t, sources(t, "", map[string]string{
			"api/a.proto": proto("a", "bearer"), "api/b.proto": proto("b", "bearer"),
		}))
	})
	t.Run("different schemes", func(t *testing.T) {
		got := refusal(t, sources(t, "", map[string]string{
			"api/a.proto": proto("a", "bearer"), "api/b.proto": proto("b", "basic"),
		}))
		const want = "api/openapi.json: api/b.proto: key in components/securitySchemes differs"
		if !strings.Contains(got, want) {
			t.Errorf("got %q, want %q", got, want)
		}
	})
	t.Run("a message named Error", func(t *testing.T) {
		got := refusal(t, sources(t, "", map[string]string{"error.proto": `
			service Api { rpc Get(Request) returns (Error) { option (google.api.http) = {get: "/error"}; } }
			message Request {}
			message Error {}`}))
		if !strings.Contains(got, "named Error") {
			t.Errorf("got %q", got)
		}
	})
}

// TestGoPackage accepts protos whose Go package is missing or wrong, because it does not affect the document.
func TestGoPackage(t *testing.T) {
	document(t, sources(t, "Mapi/types.proto=types", map[string]string{
		"api/types.proto": `package types; option go_package = "types"; message Thing { string name = 1; }`,
		"api/api.proto": `package api; import "api/types.proto"; option go_package = "a b;c";
			service Api { rpc Get(types.Thing) returns (types.Thing) { option (google.api.http) = {get: "/thing"}; } }`,
		"none.proto": `message None {}`,
	}))
}
