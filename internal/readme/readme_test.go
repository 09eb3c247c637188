// Package readme holds README.md and the pages of docs to the code: the tables, the snippets and the answers that they
// show are generated here, from the table, from Examples with checked output, from live gateways and from generated files,
// and compared with what is written.
package readme

import (
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/grpc/grpclog"
)

const root = "../.."

// TestMain silences grpc-gateway, which logs each failure.
func TestMain(m *testing.M) {
	grpclog.SetLoggerV2(grpclog.NewLoggerV2(io.Discard, io.Discard, io.Discard))
	m.Run()
}

// generators are what a block can name, with what they make of its arguments.
var generators = map[string]func(t *testing.T, arguments string) string{
	"table":       func(*testing.T, string) string { return table() },
	"statuses":    func(*testing.T, string) string { return statuses() },
	"codes":       func(*testing.T, string) string { return codeTable() },
	"unlisted":    func(*testing.T, string) string { return unlisted() },
	"snippet":     snippet,
	"rpc":         rpc,
	"json":        member,
	"options":     func(t *testing.T, _ string) string { return options(t) },
	"differences": func(t *testing.T, _ string) string { return differences(t) },
	"adoption":    adopted,
	"origins":     func(t *testing.T, _ string) string { return origins(t) },
	"versions":    func(t *testing.T, _ string) string { return versions(t) },
	"runtimes":    func(t *testing.T, _ string) string { return runtimes(t) },
}

// heldElsewhere are blocks that the tests of the example, of internal/interop and of package contracttest compare.
var heldElsewhere = map[string]bool{"curl": true, "interop": true, "contracttest": true}

var block = regexp.MustCompile(`(?ms)^( *)<!-- begin ([^\n]*) -->\n.*?^ *<!-- end -->`)

// indented is where a line with something in it begins.
var indented = regexp.MustCompile(`(?m)^.`)

// TestPages fails when a block of a page is not what the code gives; UPDATE_GOLDEN=1 renews them.
func TestPages(t *testing.T) {
	for _, page := range pages(t, "README.md", "docs/*.md") {
		t.Run(page, func(t *testing.T) {
			path := filepath.Join(root, page)
			written, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			generated := block.ReplaceAllStringFunc(string(written), func(old string) string {
				match := block.FindStringSubmatch(old)
				indent, name := match[1], match[2]
				kind, arguments, _ := strings.Cut(name, " ")
				if heldElsewhere[kind] {
					return old
				}
				generate := generators[kind]
				if generate == nil {
					t.Errorf("a block %q, which nothing generates", name)
					return old
				}
				content := "<!-- begin " + name + " -->\n" + generate(t, arguments) + "<!-- end -->"
				return indented.ReplaceAllString(content, indent+"$0")
			})
			if os.Getenv("UPDATE_GOLDEN") != "" {
				if err := os.WriteFile(path, []byte(generated), 0o600); err != nil {
					t.Fatal(err)
				}
				return
			}
			if diff := cmp.Diff(string(written), generated); diff != "" {
				t.Errorf("not what the code gives (-written +generated); run UPDATE_GOLDEN=1 go test ./internal/readme\n%s", diff)
			}
		})
	}
}

// pages are the files that match, named from the root of the repository.
func pages(t *testing.T, patterns ...string) []string {
	t.Helper()
	var found []string
	for _, pattern := range patterns {
		paths, err := filepath.Glob(filepath.Join(root, pattern))
		if err != nil || len(paths) == 0 {
			t.Fatalf("%s: %v", pattern, err)
		}
		for _, path := range paths {
			name, err := filepath.Rel(root, path)
			if err != nil {
				t.Fatal(err)
			}
			found = append(found, filepath.ToSlash(name))
		}
	}
	return found
}
