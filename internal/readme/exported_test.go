package readme

import (
	"fmt"
	"go/ast"
	"go/doc"
	"go/parser"
	"go/token"
	"path"
	"path/filepath"
	"strings"
	"testing"
)

// files is the position table of parsed.
var files = token.NewFileSet()

// parsed returns the files of a package.
func parsed(t *testing.T, name string) []*ast.File {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(root, name, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	var all []*ast.File
	for _, file := range paths {
		syntax, err := parser.ParseFile(files, file, nil, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, syntax)
	}
	return all
}

// documented returns a package as go doc shows it.
func documented(t *testing.T, name string) *doc.Package {
	t.Helper()
	p, err := doc.NewFromFiles(files, parsed(t, name), modulePath+name)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// functions returns the functions of a package, including those that go/doc lists with a type.
func functions(p *doc.Package) []*doc.Func {
	all := p.Funcs
	for _, t := range p.Types {
		all = append(all, t.Funcs...)
	}
	return all
}

// TestExamples expects an Example with checked output for every function, and for every method of Bridge.
func TestExamples(t *testing.T) {
	for _, name := range []string{"mapping", "gateway"} {
		p := documented(t, name)
		all := functions(p)
		for _, kind := range p.Types {
			if kind.Name == "Bridge" {
				all = append(all, kind.Methods...)
			}
		}
		for _, f := range all {
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

// optionsPage has a section for each option of a Bridge.
const optionsPage = "docs/options.md"

// options shows each option of a Bridge with the first sentence of its comment.
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

// TestNames expects every exported name of the two packages on some page.
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
		for _, kind := range p.Types {
			names = append(names, kind.Name)
		}
		for _, exported := range names {
			if !strings.Contains(written.String(), exported) {
				t.Errorf("no page mentions %s.%s", name, exported)
			}
		}
	}
}

// TestIndex expects docs/README.md to link every page of docs.
func TestIndex(t *testing.T) {
	index := string(source(t, "docs/README.md"))
	for _, page := range pages(t, "docs/*.md") {
		if name := path.Base(page); name != "README.md" && !strings.Contains(index, "]("+name+")") {
			t.Errorf("docs/README.md does not link %s", name)
		}
	}
}
