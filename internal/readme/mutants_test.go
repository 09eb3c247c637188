package readme

import (
	"regexp"
	"strings"
	"testing"
)

// survivor matches a row of the table of survivors: the file and the code.
var survivor = regexp.MustCompile("(?m)^\\| `([^`]+\\.go)` \\| `([^`]+)`")

// TestMutants expects that the code of each survivor is still in its file.
func TestMutants(t *testing.T) {
	rows := survivor.FindAllStringSubmatch(string(source(t, "docs/mutants.md")), -1)
	if len(rows) == 0 {
		t.Error("found no survivors")
	}
	for _, row := range rows {
		if file, code := row[1], row[2]; !strings.Contains(string(source(t, file)), code) {
			t.Errorf("%s does not contain %s", file, code)
		}
	}
}
