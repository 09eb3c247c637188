package plugin_test

import (
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/bufbuild/protocompile"
	"github.com/getkin/kin-openapi/openapi3"
	"google.golang.org/protobuf/types/pluginpb"

	// A change of the plugin makes cached results of these tests invalid.
	_ "github.com/statusbridge/statusbridge/openapi/internal/plugin"
	"github.com/statusbridge/statusbridge/openapi/internal/plugintest"
)

// programs is a directory with the plugin and protoc-gen-openapiv3, which make installs as a user does.
var programs plugintest.Programs

func TestMain(m *testing.M) {
	var err error
	if programs, err = plugintest.Built(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	m.Run()
}

// compile returns the request that protoc makes for protos below a directory.
func compile(t *testing.T, root, parameter string, names ...string) *pluginpb.CodeGeneratorRequest {
	t.Helper()
	resolver := &protocompile.SourceResolver{ImportPaths: []string{root, "../../../proto"}}
	return plugintest.Compile(t, resolver, parameter, names...)
}

// imports are the first lines of the protos that tests write down.
const imports = `syntax = "proto3";
import "google/api/annotations.proto";
import "google/api/httpbody.proto";
import "google/api/visibility.proto";
import "protoc-gen-openapiv2/options/annotations.proto";
import "protoc-gen-openapiv3/options/annotations.proto";
import "statusbridge/v1/statusbridge.proto";
`

// sources returns the request for protos by their names. They lack the imports.
func sources(t *testing.T, parameter string, protos map[string]string) *pluginpb.CodeGeneratorRequest {
	t.Helper()
	var names []string
	for name := range protos {
		names = append(names, name)
	}
	slices.Sort(names)
	resolver := protocompile.CompositeResolver{
		&protocompile.SourceResolver{Accessor: func(name string) (io.ReadCloser, error) {
			source, ok := protos[name]
			if !ok {
				return nil, os.ErrNotExist
			}
			return io.NopCloser(strings.NewReader(imports + source)), nil
		}},
		&protocompile.SourceResolver{ImportPaths: []string{"../../../proto"}},
	}
	return plugintest.Compile(t, resolver, parameter, names...)
}

// api returns the request for one proto of the package api, whose methods take Request and return Response.
func api(t *testing.T, parameter, declarations string, methods ...string) *pluginpb.CodeGeneratorRequest {
	t.Helper()
	source := "package api;\n" + declarations + "\nmessage Response { string text = 1; }\nservice Api {\n" +
		strings.Join(methods, "\n") + "\n}\n"
	if !strings.Contains(declarations, "message Request ") {
		source += "message Request { string id = 1; string name = 2; repeated string tag = 3; }\n"
	}
	return sources(t, parameter, map[string]string{"api/api.proto": source})
}

// method returns a method of api with a binding and more options.
func method(name, binding, options string) string {
	return fmt.Sprintf("rpc %s(Request) returns (Response) { option (google.api.http) = {%s}; %s }",
		name, binding, options)
}

// document returns the valid document for a request.
func document(t *testing.T, request *pluginpb.CodeGeneratorRequest) *openapi3.T {
	t.Helper()
	documents := programs.Generate(t, request)
	if len(documents) != 1 {
		t.Fatalf("%d documents", len(documents))
	}
	for _, content := range documents {
		return validate(t, content)
	}
	return nil
}

// refusal returns the error for a request.
func refusal(t *testing.T, request *pluginpb.CodeGeneratorRequest) string {
	t.Helper()
	response := plugintest.Execute(t, programs.Path(plugintest.Ours), request)
	if response.Error == nil || len(response.GetFile()) > 0 {
		t.Fatalf("there are %d documents and the error %q", len(response.GetFile()), response.GetError())
	}
	return response.GetError()
}

// validate reads a document with a library that did not write it.
func validate(t *testing.T, document string) *openapi3.T {
	t.Helper()
	read, err := openapi3.NewLoader().LoadFromData([]byte(document))
	if err != nil {
		t.Fatal(err)
	}
	if err := read.Validate(t.Context()); err != nil {
		t.Fatal(err)
	}
	return read
}
