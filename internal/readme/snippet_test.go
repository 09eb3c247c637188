package readme

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"strings"
	"testing"
)

// fences maps the extension of a file to the name of its language in Markdown.
var fences = map[string]string{
	".go": "go", ".py": "python", ".ts": "ts", ".java": "java", ".rs": "rust", ".h": "cpp",
	".yaml": "yaml",
}

// snippet returns code from a file that is compiled and tested in its language: the lines between the markers
// `docs: name` and `docs: end`, or the body of an Example.
func snippet(t *testing.T, arguments string) string {
	t.Helper()
	file, name, _ := strings.Cut(arguments, " ")
	code := source(t, file)
	cut := marked(string(code), name)
	if strings.HasPrefix(name, "Example") {
		cut = body(t, code, name)
	}
	if len(cut) == 0 {
		t.Fatalf("%s has no %q", file, name)
	}
	indent := cut[0][:len(cut[0])-len(strings.TrimLeft(cut[0], "\t "))]
	for i := range cut {
		cut[i] = strings.TrimPrefix(cut[i], indent)
	}
	// Two parts of a snippet may each bring their empty lines.
	text := strings.ReplaceAll(strings.Join(cut, "\n"), "\n\n\n\n", "\n\n\n")
	return "```" + fences[filepath.Ext(file)] + "\n" + strings.Trim(text, "\n") + "\n```\n"
}

// marked returns the lines between two markers, without the markers of other snippets in them. If several snippets
// contain each other, the end of one is `docs: end name`.
func marked(source, name string) []string {
	var lines []string
	inside := false
	end := "docs: end"
	if named := end + " " + name; strings.Contains(source, named) {
		end = named
	}
	for line := range strings.Lines(source) {
		line = strings.TrimSuffix(line, "\n")
		marker, _ := strings.CutPrefix(strings.TrimLeft(strings.TrimSpace(line), "/#"), " ")
		switch {
		case marker == "docs: "+name:
			inside = true
		case marker == end:
			inside = false
		case strings.HasPrefix(marker, "docs: "):
		case inside:
			lines = append(lines, line)
		}
	}
	return lines
}

// body returns the lines of a function, with the output that is checked.
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
