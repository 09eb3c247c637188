package languages

import (
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestParity checks that each link of the table in docs/other-languages.md names a test that its file declares.
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
				name := regexp.QuoteMeta(l[1])
				declared := regexp.MustCompile(`\b(func|def|void|class|rpc) ` + name + `\b|\btest\(["\x60]` + name)
				if !declared.MatchString(read(t, filepath.Join("docs", l[2]))) {
					t.Errorf("%s: %s declares no test %q", cells[0], l[2], l[1])
				}
			}
		}
	}
	if tested < 60 {
		t.Errorf("the table has only %d links", tested)
	}
}
