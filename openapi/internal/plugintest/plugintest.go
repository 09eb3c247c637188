// Package plugintest runs plugins of protoc in tests, without protoc.
package plugintest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/bufbuild/protocompile"
	"github.com/bufbuild/protocompile/protoutil"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/pluginpb"

	// The protos that annotated APIs import.
	_ "github.com/grpc-ecosystem/grpc-gateway/v2/protoc-gen-openapiv2/options"
	_ "github.com/grpc-ecosystem/grpc-gateway/v2/protoc-gen-openapiv3/options"
	_ "google.golang.org/genproto/googleapis/api/annotations"
	_ "google.golang.org/genproto/googleapis/api/httpbody"
	_ "google.golang.org/genproto/googleapis/api/visibility"
)

// Programs is a directory with the plugin of this module and protoc-gen-openapiv3.
type Programs string

// Built returns the directory of the programs that make builds, .tmp/bin of the repository. It returns an error if the
// plugin is missing or older than its sources. No test builds it, because that takes longer than the tests.
func Built() (Programs, error) {
	directory, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for ; filepath.Base(directory) != "openapi"; directory = filepath.Dir(directory) {
		if directory == filepath.Dir(directory) {
			return "", errors.New("plugintest: the working directory is not in the module openapi")
		}
	}
	programs := Programs(filepath.Join(directory, "..", ".tmp", "bin"))
	plugin, err := os.Stat(programs.Path(Ours))
	if err != nil {
		return "", fmt.Errorf("plugintest: run make plugin first: %w", err)
	}
	err = filepath.WalkDir(directory, func(file string, _ fs.DirEntry, err error) error {
		if err != nil || filepath.Ext(file) != ".go" || strings.HasSuffix(file, "_test.go") {
			return err
		}
		source, err := os.Stat(file)
		if err == nil && source.ModTime().After(plugin.ModTime()) {
			err = fmt.Errorf("plugintest: run make plugin again: %s is newer than the plugin", file)
		}
		return err
	})
	return programs, err
}

// Ours and Stock are the names of the two generators.
const (
	Ours  = "protoc-gen-statusbridge-openapi"
	Stock = "protoc-gen-openapiv3"
)

// Path returns the path of a program.
func (p Programs) Path(name string) string { return filepath.Join(string(p), name) }

// Generate returns the files that the plugin of this module writes for a request, by their names.
func (p Programs) Generate(t testing.TB, request *pluginpb.CodeGeneratorRequest) map[string]string {
	t.Helper()
	response := Execute(t, p.Path(Ours), request)
	if response.Error != nil {
		t.Fatal(response.GetError())
	}
	return Files(response)
}

// Files returns the contents of a response's files by their names.
func Files(response *pluginpb.CodeGeneratorResponse) map[string]string {
	files := map[string]string{}
	for _, file := range response.GetFile() {
		files[file.GetName()] = file.GetContent()
	}
	return files
}

// Execute runs a plugin with an empty PATH and returns its response.
func Execute(t testing.TB, program string, request *pluginpb.CodeGeneratorRequest) *pluginpb.CodeGeneratorResponse {
	t.Helper()
	response, _ := execute(t, program, request)
	return response
}

// Warnings runs a plugin and returns its standard error.
func Warnings(t testing.TB, program string, request *pluginpb.CodeGeneratorRequest) string {
	t.Helper()
	_, stderr := execute(t, program, request)
	return stderr
}

func execute(
	t testing.TB, program string, request *pluginpb.CodeGeneratorRequest,
) (response *pluginpb.CodeGeneratorResponse, warnings string) {
	t.Helper()
	input, err := proto.Marshal(request)
	if err != nil {
		t.Fatal(err)
	}
	var stderr bytes.Buffer
	command := exec.CommandContext(t.Context(), program)
	command.Env = []string{"PATH=", "TMPDIR=" + t.TempDir()}
	command.Stdin, command.Stderr = bytes.NewReader(input), &stderr
	output, err := command.Output()
	if err != nil {
		t.Fatalf("%v: %s", err, stderr.Bytes())
	}
	response = &pluginpb.CodeGeneratorResponse{}
	if err := proto.Unmarshal(output, response); err != nil {
		t.Fatal(err)
	}
	return response, stderr.String()
}

// Compile returns the request that protoc makes for protos. Imports that the resolver does not find are those that are
// linked into the test.
func Compile(
	t testing.TB, resolver protocompile.Resolver, parameter string, names ...string,
) *pluginpb.CodeGeneratorRequest {
	t.Helper()
	compiler := protocompile.Compiler{
		Resolver: protocompile.WithStandardImports(protocompile.CompositeResolver{
			resolver,
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
	// The compiler has dynamic options for the protos that it compiled itself. Reading them again gives linked ones.
	encoded, err := proto.Marshal(request)
	if err != nil {
		t.Fatal(err)
	}
	read := &pluginpb.CodeGeneratorRequest{}
	if err := proto.Unmarshal(encoded, read); err != nil {
		t.Fatal(err)
	}
	return read
}
