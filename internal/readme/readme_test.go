// Package readme compares README.md and docs with the code. It generates their tables, snippets and
// responses from the status table, from Examples with checked output, from running gateways and from generated files.
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

// generators maps the kind of a block to the function that generates it.
var generators = map[string]func(t *testing.T, arguments string) string{
	"table":       func(*testing.T, string) string { return table() },
	"statuses":    func(*testing.T, string) string { return statuses() },
	"codes":       func(*testing.T, string) string { return codeTable() },
	"cost":        func(t *testing.T, _ string) string { return cost(t) },
	"unlisted":    func(*testing.T, string) string { return unlisted() },
	"packages":    func(t *testing.T, _ string) string { return packages(t) },
	"states":      func(t *testing.T, _ string) string { return states(t) },
	"snippet":     snippet,
	"rpc":         rpc,
	"json":        member,
	"options":     func(t *testing.T, _ string) string { return options(t) },
	"differences": func(t *testing.T, _ string) string { return differences(t) },
	"adoption":    adopted,
	"details":     func(t *testing.T, _ string) string { return details(t) },
	"callers":     func(t *testing.T, _ string) string { return callers(t) },
	"origins":     func(t *testing.T, _ string) string { return origins(t) },
	"versions":    func(t *testing.T, _ string) string { return versions(t) },
	"runtimes":    func(t *testing.T, _ string) string { return runtimes(t) },
}

// comparedElsewhere lists the blocks that other tests compare.
var comparedElsewhere = map[string]bool{
	"curl": true, "quickstart": true, "interop": true, "contracttest": true, "parity": true,
}

var block = regexp.MustCompile(`(?ms)^( *)<!-- begin ([^\n]*) -->\n.*?^ *<!-- end -->`)

// indented matches the beginning of each line that is not empty.
var indented = regexp.MustCompile(`(?m)^.`)

// TestPages compares the blocks of each page with the code. UPDATE_GOLDEN=1 renews them.
func TestPages(t *testing.T) {
	for _, page := range pages(t, "README.md", "docs/*.md", "gen/*/README.md") {
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
				if comparedElsewhere[kind] {
					return old
				}
				generate := generators[kind]
				if generate == nil {
					t.Errorf("nothing generates the block %q", name)
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
				t.Errorf("(-written +generated), run UPDATE_GOLDEN=1 go test ./internal/readme\n%s", diff)
			}
		})
	}
}

// TestFencedCode expects that all fenced code is in a block, so that it is compared with code that runs.
func TestFencedCode(t *testing.T) {
	for _, page := range pages(t, "README.md", "docs/*.md") {
		if page == "docs/install.md" {
			continue // a rehearsed release runs its programs
		}
		if loose := fenced.FindString(block.ReplaceAllString(string(source(t, page)), "")); loose != "" {
			t.Errorf("%s has code that no test compares:\n%s", page, loose)
		}
	}
}

// pages returns the files that match, named from the root of the repository.
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
