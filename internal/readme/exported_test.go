package readme

import (
	"fmt"
	"go/ast"
	"go/doc"
	"go/parser"
	"go/token"
	"path/filepath"
	"strings"
	"testing"
)

// documented is a package as its page shows it.
func documented(t *testing.T, name string) *doc.Package {
	t.Helper()
	files := token.NewFileSet()
	paths, err := filepath.Glob(filepath.Join(root, name, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	var parsed []*ast.File
	for _, path := range paths {
		file, err := parser.ParseFile(files, path, nil, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		parsed = append(parsed, file)
	}
	p, err := doc.NewFromFiles(files, parsed, "github.com/statusbridge/statusbridge/"+name)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// functions are a package's, those that go/doc lists with a type among them.
func functions(p *doc.Package) []*doc.Func {
	all := p.Funcs
	for _, t := range p.Types {
		all = append(all, t.Funcs...)
	}
	return all
}

// TestExamples wants an Example with checked output on the package page for every function.
func TestExamples(t *testing.T) {
	for _, name := range []string{"mapping", "gateway"} {
		for _, f := range functions(documented(t, name)) {
			checked := false
			for _, example := range f.Examples {
				checked = checked || example.Output != "" || example.EmptyOutput
			}
			if !checked {
				t.Errorf("%s.%s has no Example with output", name, f.Name)
			}
		}
	}
}

// optionsPage has a section for each option of Bridge.
const optionsPage = "docs/options.md"

// options is a table of the options of Bridge, each with the first sentence of its comment.
func options(t *testing.T) string {
	t.Helper()
	p := documented(t, "gateway")
	headings := anchors(t, optionsPage)
	var b strings.Builder
	b.WriteString("| option | what it does |\n|---|---|\n")
	for _, f := range functions(p) {
		if !strings.HasPrefix(f.Name, "With") {
			continue
		}
		anchor := strings.ToLower(f.Name)
		if !headings[anchor] {
			t.Errorf("%s has no section ## %s", optionsPage, f.Name)
		}
		sentence := strings.Join(strings.Fields(p.Synopsis(f.Doc)), " ")
		fmt.Fprintf(&b, "| [`%s`](#%s) | %s |\n", f.Name, anchor, strings.TrimPrefix(sentence, f.Name+" "))
	}
	return b.String()
}

// TestNames wants every exported name of the two packages to be somewhere in the pages.
func TestNames(t *testing.T) {
	var written strings.Builder
	for _, page := range pages(t, "README.md", "docs/*.md") {
		written.Write(source(t, page))
	}
	for _, name := range []string{"mapping", "gateway"} {
		p := documented(t, name)
		names := []string{}
		for _, f := range functions(p) {
			names = append(names, f.Name)
		}
		for _, t := range p.Types {
			names = append(names, t.Name)
		}
		for _, exported := range names {
			if !strings.Contains(written.String(), exported) {
				t.Errorf("no page mentions %s.%s", name, exported)
			}
		}
	}
}
