package readme

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var testedBy = regexp.MustCompile("`([a-z/]+)\\.((?:Test|Fuzz)\\w+)`")

// TestThreatModel expects each line of the threat model to name tests that exist.
func TestThreatModel(t *testing.T) {
	written, err := os.ReadFile(filepath.Join(root, ".github", "SECURITY.md"))
	if err != nil {
		t.Fatal(err)
	}
	known := map[string]map[string]bool{}
	lines := 0
	for line := range strings.Lines(string(written)) {
		if !strings.HasPrefix(line, "| ") || strings.HasSuffix(line, "| tested by |\n") {
			continue
		}
		lines++
		cells := strings.Split(strings.Trim(line, "|\n "), " | ")
		names := testedBy.FindAllStringSubmatch(cells[len(cells)-1], -1)
		if len(cells) != 2 || len(names) == 0 || strings.Count(cells[1], "`") != 2*len(names) {
			t.Errorf("no test is named in the line %q", line)
		}
		for _, name := range names {
			if known[name[1]] == nil {
				known[name[1]] = tests(t, filepath.Join(root, name[1]))
			}
			if !known[name[1]][name[2]] {
				t.Errorf("there is no %s in %s", name[2], name[1])
			}
		}
	}
	if lines < 20 {
		t.Errorf("the model has %d lines", lines)
	}
}

// tests returns the names of the tests and fuzz targets of a directory.
func tests(t *testing.T, directory string) map[string]bool {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(directory, "*_test.go"))
	if err != nil {
		t.Fatal(err)
	}
	names := map[string]bool{}
	for _, file := range files {
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, declaration := range parsed.Decls {
			if function, ok := declaration.(*ast.FuncDecl); ok && function.Recv == nil {
				names[function.Name.Name] = true
			}
		}
	}
	return names
}
