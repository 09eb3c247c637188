package readme

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// rpc shows a method of a proto without its comment.
func rpc(t *testing.T, arguments string) string {
	t.Helper()
	file, name, _ := strings.Cut(arguments, " ")
	method := regexp.MustCompile(`(?ms)^  rpc ` + name + `\(.*?^  }$`).Find(source(t, file))
	if method == nil {
		t.Fatalf("%s has no method %s", file, name)
	}
	return "```proto\n" + strings.ReplaceAll(string(method[2:]), "\n  ", "\n") + "\n```\n"
}

// member shows a member of a JSON file. The arguments are the file and the path of names to the member.
func member(t *testing.T, arguments string) string {
	t.Helper()
	file, names, _ := strings.Cut(arguments, " ")
	value := json.RawMessage(source(t, file))
	for _, name := range strings.Fields(names) {
		members := map[string]json.RawMessage{}
		if err := json.Unmarshal(value, &members); err != nil {
			t.Fatal(err)
		}
		if value = members[name]; value == nil {
			t.Fatalf("%s has no %q", file, name)
		}
	}
	var shown bytes.Buffer
	if err := json.Indent(&shown, value, "", "  "); err != nil {
		t.Fatal(err)
	}
	return "```json\n" + shown.String() + "\n```\n"
}

func source(t *testing.T, file string) []byte {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(root, file))
	if err != nil {
		t.Fatal(err)
	}
	return content
}
