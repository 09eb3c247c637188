package languages

import (
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestParity holds each cell of the table in docs/other-languages.md against the test that it links to.
func TestParity(t *testing.T) {
	_, table, _ := strings.Cut(read(t, "docs/other-languages.md"), "<!-- begin parity -->")
	rows := strings.Split(strings.TrimSpace(table), "\n")[2:]
	link := regexp.MustCompile(`\[(.*?)\]\((.*?)\)`)
	tested := 0
	for _, row := range rows {
		if !strings.HasPrefix(row, "|") {
			break
		}
		cells := strings.Split(strings.Trim(row, "|"), "|")
		if len(cells) != 5 {
			t.Fatalf("%s: %d cells", row, len(cells))
		}
		for _, cell := range cells[1:] {
			links := link.FindAllStringSubmatch(cell, -1)
			if len(links) == 0 {
				t.Errorf("%s: no test in %q", cells[0], cell)
			}
			for _, l := range links {
				tested++
				if !strings.Contains(read(t, filepath.Join("docs", l[2])), l[1]) {
					t.Errorf("%s: %s has no %q", cells[0], l[2], l[1])
				}
			}
		}
	}
	if tested < 60 {
		t.Errorf("the table has only %d links", tested)
	}
}
