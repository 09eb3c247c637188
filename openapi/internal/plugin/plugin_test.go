package plugin_test

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/types/pluginpb"
)

var library = []string{"library/v1/shelves.proto", "library/v1/books.proto", "library/v1/rooms.proto"}

// TestLibrary compares the document of several protos with the one that was reviewed; UPDATE_GOLDEN=1 renews the files.
func TestLibrary(t *testing.T) {
	documents := generate(t, compile(t, "testdata", "", library...))
	got := documents["library/v1/openapi.json"]
	if got == "" || len(documents) != 1 {
		t.Fatalf("the documents are %v", slices.Collect(maps.Keys(documents)))
	}
	validate(t, got)
	compare(t, filepath.Join("testdata", "library.golden.json"), got)
}

// TestStock keeps what protoc-gen-openapiv3 alone writes for a proto of the example, which docs/openapi.md shows.
func TestStock(t *testing.T) {
	request := compile(t, filepath.FromSlash("../../../example/proto"), "", "controlplane/v1/access_keys.proto")
	stock := execute(t, filepath.Join(programs, "protoc-gen-openapiv3"), request)
	compare(t, filepath.Join("testdata", "access_keys.stock.json"), stock.GetFile()[0].GetContent())
}

func compare(t *testing.T, golden, got string) {
	t.Helper()
	if os.Getenv("UPDATE_GOLDEN") != "" {
		if err := os.WriteFile(golden, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-reviewed +generated):\n%s", golden, diff)
	}
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

func TestSameEveryTime(t *testing.T) {
	request := compile(t, "testdata", "", library...)
	first := generate(t, request)
	for range 4 {
		if diff := cmp.Diff(first, generate(t, request)); diff != "" {
			t.Fatalf("the document differs from time to time:\n%s", diff)
		}
	}
}

func TestParameters(t *testing.T) {
	t.Run("document", func(t *testing.T) {
		documents := generate(t, compile(t, "testdata", "document=api/all.json", library...))
		if documents["api/all.json"] == "" || len(documents) != 1 {
			t.Errorf("the documents are %v", slices.Collect(maps.Keys(documents)))
		}
	})
	t.Run("emit_unpopulated", func(t *testing.T) {
		document := generate(t, compile(t, "testdata", "emit_unpopulated=false", library...))["library/v1/openapi.json"]
		validate(t, document)
		if strings.Contains(document, `"null"`) {
			t.Error("null is allowed, although what is not set is left out")
		}
	})
	t.Run("one of protoc-gen-openapiv3", func(t *testing.T) {
		plain := generate(t, compile(t, "testdata", "", library...))
		if diff := cmp.Diff(plain, generate(t, compile(t, "testdata", "allow_delete_body=true", library...))); diff != "" {
			t.Errorf("another document:\n%s", diff)
		}
	})
	t.Run("protos without a service", func(t *testing.T) {
		if documents := generate(t, compile(t, "testdata", "", "library/v1/rooms.proto")); len(documents) != 0 {
			t.Errorf("the documents are %v", slices.Collect(maps.Keys(documents)))
		}
	})
}

// TestRefusals makes sure that a user reads what to change.
func TestRefusals(t *testing.T) {
	whole := filepath.Join(programs, "protoc-gen-statusbridge-openapi")
	binary, err := os.ReadFile(whole)
	if err != nil {
		t.Fatal(err)
	}
	alone := filepath.Join(t.TempDir(), filepath.Base(whole))
	if err := os.WriteFile(alone, binary, 0o700); err != nil {
		t.Fatal(err)
	}
	books := compile(t, "testdata", "", "library/v1/books.proto")
	for name, test := range map[string]struct {
		program string
		request *pluginpb.CodeGeneratorRequest
		want    string
	}{
		"a success that is none": {whole, compile(t, "testdata", "", "refused/success.proto"),
			"refused.RefusedService.Fail: the success option declares 409"},
		"a response that is neither": {whole, compile(t, "testdata", "", "refused/response.proto"),
			`refused.RefusedService.Move: a response has the status "301"`},
		"paths that OpenAPI takes for one": {whole, compile(t, "testdata", "", "refused/path.proto"),
			"GET /v1/files/{name}: OpenAPI cannot tell it from /v1/files/{id}"},
		"a message named as the body of errors": {whole, compile(t, "testdata", "", "refused/name.proto"), "named Error"},
		"an unknown parameter":                  {whole, compile(t, "testdata", "colour=red", "library/v1/books.proto"), "colour"},
		"a document elsewhere": {whole, compile(t, "testdata", "document=../openapi.json", "library/v1/books.proto"),
			"document=../openapi.json"},
		"neither true nor false": {whole, compile(t, "testdata", "emit_unpopulated=maybe", "library/v1/books.proto"),
			"emit_unpopulated=maybe"},
		"no generator": {alone, books,
			"protoc-gen-openapiv3 is neither beside this plugin nor in PATH: go install github.com/grpc-ecosystem/grpc-gateway/v2/protoc-gen-openapiv3@"},
	} {
		t.Run(name, func(t *testing.T) {
			response := execute(t, test.program, test.request)
			if got := response.GetError(); !strings.Contains(got, test.want) || len(response.GetFile()) > 0 {
				t.Errorf("got %d documents and %q, want %q", len(response.GetFile()), got, test.want)
			}
		})
	}
}
