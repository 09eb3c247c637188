package plugin_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"

	"github.com/bufbuild/protocompile"
	"github.com/bufbuild/protocompile/protoutil"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/pluginpb"

	// What the protos of the tests import.
	_ "github.com/grpc-ecosystem/grpc-gateway/v2/protoc-gen-openapiv2/options"
	_ "github.com/grpc-ecosystem/grpc-gateway/v2/protoc-gen-openapiv3/options"
	_ "google.golang.org/genproto/googleapis/api/annotations"
	_ "google.golang.org/genproto/googleapis/api/httpbody"

	_ "github.com/statusbridge/statusbridge/gen/go/statusbridge/v1"
)

// programs is a directory with the plugin and what it runs, installed as a user installs them.
var programs string

func TestMain(m *testing.M) {
	os.Exit(func() int {
		var err error
		if programs, err = os.MkdirTemp("", "statusbridge-openapi-test"); err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		defer func() { _ = os.RemoveAll(programs) }()
		install := exec.Command("go", "install", "tool")
		install.Env = append(os.Environ(), "GOBIN="+programs)
		if said, err := install.CombinedOutput(); err != nil {
			fmt.Fprintf(os.Stderr, "go install tool: %v\n%s", err, said)
			return 1
		}
		return m.Run()
	}())
}

// compile returns the request that protoc makes for protos below a directory.
func compile(t *testing.T, root, parameter string, names ...string) *pluginpb.CodeGeneratorRequest {
	t.Helper()
	compiler := protocompile.Compiler{
		Resolver: protocompile.WithStandardImports(protocompile.CompositeResolver{
			&protocompile.SourceResolver{ImportPaths: []string{root}},
			protocompile.ResolverFunc(func(name string) (protocompile.SearchResult, error) {
				file, err := protoregistry.GlobalFiles.FindFileByPath(name)
				return protocompile.SearchResult{Desc: file}, err
			}),
		}),
		SourceInfoMode: protocompile.SourceInfoStandard,
	}
	compiled, err := compiler.Compile(context.WithoutCancel(t.Context()), names...)
	if err != nil {
		t.Fatal(err)
	}
	request := &pluginpb.CodeGeneratorRequest{FileToGenerate: names, Parameter: proto.String(parameter)}
	var added []string
	var add func(file protoreflect.FileDescriptor)
	add = func(file protoreflect.FileDescriptor) {
		if slices.Contains(added, file.Path()) {
			return
		}
		added = append(added, file.Path())
		for i := range file.Imports().Len() {
			add(file.Imports().Get(i).FileDescriptor)
		}
		request.ProtoFile = append(request.ProtoFile, protoutil.ProtoFromFileDescriptor(file))
	}
	for _, file := range compiled {
		add(file)
	}
	return request
}

// execute runs a plugin of protoc, with nothing in PATH, and returns its answer.
func execute(t *testing.T, program string, request *pluginpb.CodeGeneratorRequest) *pluginpb.CodeGeneratorResponse {
	t.Helper()
	input, err := proto.Marshal(request)
	if err != nil {
		t.Fatal(err)
	}
	command := exec.CommandContext(t.Context(), program)
	command.Env = []string{"PATH=", "TMPDIR=" + t.TempDir()}
	command.Stdin, command.Stderr = bytes.NewReader(input), os.Stderr
	output, err := command.Output()
	if err != nil {
		t.Fatal(err)
	}
	response := &pluginpb.CodeGeneratorResponse{}
	if err := proto.Unmarshal(output, response); err != nil {
		t.Fatal(err)
	}
	return response
}

// generate returns the documents of the plugin by their names.
func generate(t *testing.T, request *pluginpb.CodeGeneratorRequest) map[string]string {
	t.Helper()
	response := execute(t, filepath.Join(programs, "protoc-gen-statusbridge-openapi"), request)
	if response.Error != nil {
		t.Fatal(response.GetError())
	}
	documents := map[string]string{}
	for _, file := range response.GetFile() {
		documents[file.GetName()] = file.GetContent()
	}
	return documents
}
