package readme

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// fences are the languages of the snippets, as Markdown names them.
var fences = map[string]string{".go": "go", ".py": "python", ".ts": "ts", ".java": "java", ".proto": "proto"}

// snippet cuts code out of a file that is compiled and tested in its language: what is between two markers, `docs: name`
// and `docs: end`, the body of an Example, or a method of a proto.
func snippet(t *testing.T, arguments string) string {
	t.Helper()
	file, name, _ := strings.Cut(arguments, " ")
	source, err := os.ReadFile(filepath.Join(root, file))
	if err != nil {
		t.Fatal(err)
	}
	var cut []string
	switch {
	case strings.HasPrefix(name, "Example"):
		cut = body(t, source, name)
	case strings.HasPrefix(name, "rpc "):
		cut = method(string(source), name)
	default:
		cut = marked(string(source), name)
	}
	if len(cut) == 0 {
		t.Fatalf("%s has no %q", file, name)
	}
	indent := cut[0][:len(cut[0])-len(strings.TrimLeft(cut[0], "\t "))]
	for i := range cut {
		cut[i] = strings.TrimPrefix(cut[i], indent)
	}
	return "```" + fences[filepath.Ext(file)] + "\n" + strings.Trim(strings.Join(cut, "\n"), "\n") + "\n```\n"
}

// marked are the lines between markers.
func marked(source, name string) []string {
	var lines []string
	inside := false
	for line := range strings.Lines(source) {
		line = strings.TrimSuffix(line, "\n")
		marker, _ := strings.CutPrefix(strings.TrimLeft(strings.TrimSpace(line), "/#"), " ")
		switch {
		case marker == "docs: "+name:
			inside = true
		case marker == "docs: end":
			inside = false
		case inside:
			lines = append(lines, line)
		}
	}
	return lines
}

// body are the lines of a function, with the output that is checked.
func body(t *testing.T, source []byte, function string) []string {
	t.Helper()
	files := token.NewFileSet()
	file, err := parser.ParseFile(files, "", source, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	for _, declaration := range file.Decls {
		if f, ok := declaration.(*ast.FuncDecl); ok && f.Name.Name == function {
			start, end := files.Position(f.Body.Lbrace).Offset+1, files.Position(f.Body.Rbrace).Offset
			return strings.Split(strings.Trim(string(source[start:end]), "\n"), "\n")
		}
	}
	return nil
}

// method are the lines of a method, to the brace that closes it.
func method(source, name string) []string {
	var lines []string
	for line := range strings.Lines(source) {
		if len(lines) > 0 || strings.HasPrefix(strings.TrimSpace(line), name+"(") {
			lines = append(lines, strings.TrimSuffix(line, "\n"))
		}
		if len(lines) > 1 && strings.TrimRight(line, "\n") == "  }" {
			break
		}
	}
	return lines
}
