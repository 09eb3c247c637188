package plugin_test

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/statusbridge/statusbridge/openapi/internal/plugintest"
)

var library = []string{"library/v1/shelves.proto", "library/v1/books.proto", "library/v1/rooms.proto"}

// TestLibrary compares the document of several protos with the reviewed one. UPDATE_GOLDEN=1 renews the files.
func TestLibrary(t *testing.T) {
	documents := programs.Generate(t, compile(t, "testdata", "", library...))
	got := documents["library/v1/openapi.json"]
	if got == "" || len(documents) != 1 {
		t.Fatalf("the documents are %v", slices.Collect(maps.Keys(documents)))
	}
	validate(t, got)
	compare(t, filepath.Join("testdata", "library.golden.json"), got)
}

// TestStock keeps the document of protoc-gen-openapiv3 for a proto of the example, which docs/openapi.md shows.
func TestStock(t *testing.T) {
	request := compile(t, filepath.FromSlash("../../../example/proto"), "", "controlplane/v1/access_keys.proto")
	stock := plugintest.Execute(t, programs.Path(plugintest.Stock), request)
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

func TestSameEveryTime(t *testing.T) {
	request := compile(t, "testdata", "", library...)
	first := programs.Generate(t, request)
	for range 4 {
		if diff := cmp.Diff(first, programs.Generate(t, request)); diff != "" {
			t.Fatalf("the document differs from run to run:\n%s", diff)
		}
	}
}

func TestParameters(t *testing.T) {
	t.Run("document", func(t *testing.T) {
		documents := programs.Generate(t, compile(t, "testdata", "document=api/all.json", library...))
		if documents["api/all.json"] == "" || len(documents) != 1 {
			t.Errorf("the documents are %v", slices.Collect(maps.Keys(documents)))
		}
	})
	t.Run("emit_unpopulated", func(t *testing.T) {
		documents := programs.Generate(t, compile(t, "testdata", "emit_unpopulated=false", library...))
		document := documents["library/v1/openapi.json"]
		validate(t, document)
		if strings.Contains(document, `"null"`) {
			t.Error("null is allowed, although unset messages are left out")
		}
	})
	t.Run("comma_arrays", func(t *testing.T) {
		list := method("List", `get: "/v1/things"`, "")
		for parameter, joined := range map[string]bool{"": false, "comma_arrays=true": true} {
			for _, p := range document(t, api(t, parameter, "", list)).Paths.Find("/v1/things").Get.Parameters {
				explode := p.Value.Explode
				if got := explode != nil && !*explode; got != (joined && p.Value.Name == "tag") {
					t.Errorf("%q: %s is joined with commas: %t", parameter, p.Value.Name, got)
				}
			}
		}
	})
	t.Run("one of protoc-gen-openapiv3", func(t *testing.T) {
		plain := programs.Generate(t, compile(t, "testdata", "", library...))
		other := programs.Generate(t, compile(t, "testdata", "allow_delete_body=true", library...))
		if diff := cmp.Diff(plain, other); diff != "" {
			t.Errorf("another document:\n%s", diff)
		}
	})
	t.Run("protos without a service", func(t *testing.T) {
		documents := programs.Generate(t, compile(t, "testdata", "", "library/v1/rooms.proto"))
		if len(documents) != 0 {
			t.Errorf("the documents are %v", slices.Collect(maps.Keys(documents)))
		}
	})
	for parameter, want := range map[string]string{
		"colour=red":                "colour",
		"document=../openapi.json":  "document=../openapi.json",
		"emit_unpopulated=maybe":    "emit_unpopulated=maybe: must be true or false",
		"comma_arrays=often":        "comma_arrays=often: must be true or false",
		"document=/tmp/api.json":    "document=/tmp/api.json",
		"allow_delete_body=perhaps": "allow_delete_body",
	} {
		t.Run("refused "+parameter, func(t *testing.T) {
			if got := refusal(t, compile(t, "testdata", parameter, library...)); !strings.Contains(got, want) {
				t.Errorf("got %q, want %q", got, want)
			}
		})
	}
}

// TestNoGenerator shows that the error names the command that installs the missing program.
func TestNoGenerator(t *testing.T) {
	binary, err := os.ReadFile(programs.Path(plugintest.Ours))
	if err != nil {
		t.Fatal(err)
	}
	alone := filepath.Join(t.TempDir(), plugintest.Ours)
	if err := os.WriteFile(alone, binary, 0o700); err != nil {
		t.Fatal(err)
	}
	response := plugintest.Execute(t, alone, compile(t, "testdata", "", library...))
	const want = "go install github.com/grpc-ecosystem/grpc-gateway/v2/protoc-gen-openapiv3@v2."
	if got := response.GetError(); !strings.Contains(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}
