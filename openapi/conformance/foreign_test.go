package conformance_test

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/bufbuild/protocompile"
	"github.com/google/go-cmp/cmp"
	"google.golang.org/genproto/googleapis/api/annotations"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/pluginpb"

	"github.com/statusbridge/statusbridge/openapi/internal/plugintest"
)

// TestForeignProtos generates documents for public protos, validates them, and compares their operations with the
// bindings of the protos. It writes the documents to $DOCUMENTS, and those of protoc-gen-openapiv3 as *.stock.json.
// run.sh passes them to another validator and to generators of clients.
func TestForeignProtos(t *testing.T) {
	documents := os.Getenv("DOCUMENTS")
	if documents == "" {
		t.Skip("run.sh runs it, with the packages that the protos come in")
	}
	for _, api := range apis {
		t.Run(api.name, func(t *testing.T) {
			request := api.request(t)
			ours := programs.Generate(t, request)
			keys := operationKeys(t, ours)
			if diff := cmp.Diff(bindingKeys(request), keys); diff != "" {
				t.Errorf("(-bindings +operations):\n%s", diff)
			}
			stock := plugintest.Execute(t, programs.Path(plugintest.Stock), withGoPackages(request))
			if stock.Error != nil {
				t.Logf("%s: %s", plugintest.Stock, stock.GetError())
			}
			var others []string
			for i, file := range stock.GetFile() {
				name := fmt.Sprintf("%s.%d.stock.json", api.name, i)
				others = append(others, write(t, documents, name, file.GetContent()))
			}
			for _, content := range ours { // one, because the protos are in one directory
				goClient(t, write(t, documents, api.name+".ours.json", content), others)
			}
		})
	}
}

// request compiles the protos of an API.
func (a api) request(t *testing.T) *pluginpb.CodeGeneratorRequest {
	roots := map[string]string{}
	for prefix, directory := range a.roots {
		roots[prefix] = directory(t)
	}
	var names []string
	for _, pattern := range a.protos {
		for prefix, root := range roots {
			rest, ok := strings.CutPrefix(pattern, prefix)
			if !ok {
				continue
			}
			found, err := filepath.Glob(filepath.Join(root, filepath.FromSlash(rest)))
			if err != nil {
				t.Fatal(err)
			}
			for _, file := range found {
				relative, err := filepath.Rel(root, file)
				if err != nil {
					t.Fatal(err)
				}
				names = append(names, prefix+filepath.ToSlash(relative))
			}
		}
	}
	if len(names) == 0 {
		t.Fatalf("%v match no proto", a.protos)
	}
	slices.Sort(names)
	return plugintest.Compile(t, &protocompile.SourceResolver{Accessor: func(name string) (io.ReadCloser, error) {
		for prefix, root := range roots {
			if rest, ok := strings.CutPrefix(name, prefix); ok {
				if file, err := os.Open(filepath.Join(root, filepath.FromSlash(rest))); err == nil {
					return file, nil
				}
			}
		}
		return nil, os.ErrNotExist
	}}, "", slices.Compact(names)...)
}

// bindingKeys returns the HTTP method and the shape of the path of each google.api.http rule, sorted.
func bindingKeys(request *pluginpb.CodeGeneratorRequest) []string {
	var keys []string
	for _, file := range request.GetProtoFile() {
		if !slices.Contains(request.GetFileToGenerate(), file.GetName()) {
			continue
		}
		for _, service := range file.GetService() {
			for _, method := range service.GetMethod() {
				rule, _ := proto.GetExtension(method.GetOptions(), annotations.E_Http).(*annotations.HttpRule)
				if rule == nil {
					continue
				}
				for _, rule := range append([]*annotations.HttpRule{rule}, rule.GetAdditionalBindings()...) {
					keys = append(keys, bindingKey(rule))
				}
			}
		}
	}
	slices.Sort(keys)
	return keys
}

func bindingKey(rule *annotations.HttpRule) string {
	for verb, path := range map[string]string{
		"GET": rule.GetGet(), "PUT": rule.GetPut(), "POST": rule.GetPost(), "DELETE": rule.GetDelete(),
		"PATCH": rule.GetPatch(), rule.GetCustom().GetKind(): rule.GetCustom().GetPath(),
	} {
		if path != "" {
			return verb + " " + shape(path)
		}
	}
	return "a rule without a pattern"
}

// operationKeys returns the same for the operations of documents.
func operationKeys(t *testing.T, documents map[string]string) []string {
	var keys []string
	for _, content := range documents {
		for path, item := range validate(t, content).Paths.Map() {
			for verb := range item.Operations() {
				keys = append(keys, verb+" "+shape(path))
			}
		}
	}
	slices.Sort(keys)
	return keys
}

// shape returns a path with {} for each wildcard. `{name=shelves/*}` has the shape of `shelves/{name}`.
func shape(path string) string {
	var out strings.Builder
	for {
		before, rest, found := strings.Cut(path, "{")
		out.WriteString(before)
		if !found {
			return out.String()
		}
		variable, after, _ := strings.Cut(rest, "}")
		pattern := "*"
		if _, template, ok := strings.Cut(variable, "="); ok {
			pattern = template
		}
		for i, segment := range strings.Split(pattern, "/") {
			if i > 0 {
				out.WriteByte('/')
			}
			if segment == "*" || segment == "**" {
				segment = "{}"
			}
			out.WriteString(segment)
		}
		path = after
	}
}

// withGoPackages gives each file a Go package, without which protoc-gen-openapiv3 refuses the file.
func withGoPackages(request *pluginpb.CodeGeneratorRequest) *pluginpb.CodeGeneratorRequest {
	var parameters []string
	for _, file := range request.GetProtoFile() {
		parameters = append(parameters, fmt.Sprintf("M%s=openapi.invalid/protos;protos", file.GetName()))
	}
	with := proto.CloneOf(request)
	with.Parameter = proto.String(strings.Join(parameters, ","))
	return with
}

// goClient generates a client with oapi-codegen. If that fails, it has to fail with one of the other documents as well.
func goClient(t *testing.T, document string, others []string) {
	t.Helper()
	generate := func(document string) ([]byte, error) {
		client := filepath.Join(t.TempDir(), "client.go")
		return exec.CommandContext(t.Context(), programs.Path("oapi-codegen"),
			"-generate", "types,client", "-package", "client", "-o", client, document).CombinedOutput()
	}
	output, err := generate(document)
	if err == nil {
		return
	}
	for _, other := range others {
		if _, err := generate(other); err != nil {
			t.Logf("oapi-codegen fails with the document of %s, too: %s", plugintest.Stock, output)
			return
		}
	}
	t.Errorf("oapi-codegen: %v\n%s", err, output)
}

// write writes a document and returns its path.
func write(t *testing.T, directory, name, content string) string {
	t.Helper()
	file := filepath.Join(directory, name)
	if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}
