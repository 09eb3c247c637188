package readme

import (
	"encoding/json"
	"fmt"
	"go/ast"
	"go/doc"
	"go/token"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const modulePath = "github.com/statusbridge/statusbridge/"

// layers lists the packages that a program links, from the top down. A package imports only packages that come later.
var layers = []string{
	"contracttest", "gateway", "mapping", "internal/exchange", "internal/late", "internal/upstream",
	"internal/contract", "gen/go/statusbridge/v1",
}

// packages shows what each package is for, and which packages of the module it imports.
func packages(t *testing.T) string {
	t.Helper()
	var b strings.Builder
	b.WriteString("| package | what it is for | imports |\n|---|---|---|\n")
	for i, name := range layers {
		purpose, imported := listed(t, name)
		for _, other := range imported {
			if !slices.Contains(layers[i+1:], other) {
				t.Errorf("%s imports %s, which is not below it", name, other)
			}
		}
		imports := "`" + strings.Join(imported, "`, `") + "`"
		if len(imported) == 0 {
			imports = "nothing"
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s |\n", name, purpose, imports)
	}
	return b.String()
}

// listed returns the first sentence of a package comment and the imports from the module, as go list prints them.
func listed(t *testing.T, name string) (purpose string, imported []string) {
	t.Helper()
	command := exec.CommandContext(t.Context(), "go", "list", "-json=Name,Doc,Imports", "./"+name)
	command.Dir = root
	output, err := command.Output()
	if err != nil {
		t.Fatal(err)
	}
	var p struct {
		Name, Doc string
		Imports   []string
	}
	if err := json.Unmarshal(output, &p); err != nil {
		t.Fatal(err)
	}
	for _, path := range p.Imports {
		if own, ok := strings.CutPrefix(path, modulePath); ok {
			imported = append(imported, own)
		}
	}
	purpose = strings.TrimPrefix(new(doc.Package).Synopsis(p.Doc), "Package "+p.Name+" ")
	return strings.TrimSuffix(purpose, "."), imported
}

// states shows the table of the package comment of internal/exchange.
func states(t *testing.T) string {
	t.Helper()
	p := documented(t, "internal/exchange")
	columns := regexp.MustCompile(` {2,}`)
	var b strings.Builder
	var shown []string
	for line := range strings.Lines(p.Doc) {
		line, indented := strings.CutPrefix(line, "\t")
		if !indented {
			continue
		}
		cells := columns.Split(strings.TrimSpace(line), -1)
		fmt.Fprintf(&b, "| %s |\n", strings.Join(cells, " | "))
		if len(shown) == 0 {
			b.WriteString(strings.Repeat("|---", len(cells)) + "|\n")
		}
		shown = append(shown, cells[0])
	}
	if want := stateNames(t); len(shown) == 0 || !slices.Equal(shown[1:], want) {
		t.Errorf("the package comment lists the states %q, and the code has %q", shown, want)
	}
	return b.String()
}

// stateNames returns the constants of the type state.
func stateNames(t *testing.T) []string {
	t.Helper()
	var names []string
	for _, file := range parsed(t, "internal/exchange") {
		for _, declaration := range file.Decls {
			constants, ok := declaration.(*ast.GenDecl)
			if !ok || constants.Tok != token.CONST {
				continue
			}
			first, ok := constants.Specs[0].(*ast.ValueSpec)
			if name, isName := first.Type.(*ast.Ident); !ok || !isName || name.Name != "state" {
				continue
			}
			for _, spec := range constants.Specs {
				names = append(names, spec.(*ast.ValueSpec).Names[0].Name)
			}
		}
	}
	return names
}
