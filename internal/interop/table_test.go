package interop

import (
	"slices"
	"strings"
	"sync"
	"testing"
)

const page = "../../docs/proxies.md"

// table collects the outcomes of a run for a block of docs/proxies.md.
type table struct {
	mu       sync.Mutex
	block    string
	corner   string
	rows     []string
	columns  []string
	cells    map[[2]string]string
	versions []string
}

func newTable(block, corner string) *table {
	return &table{block: block, corner: corner, cells: map[[2]string]string{}}
}

func (o *table) set(row, column, cell string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if !slices.Contains(o.rows, row) {
		o.rows = append(o.rows, row)
	}
	if !slices.Contains(o.columns, column) {
		o.columns = append(o.columns, column)
	}
	o.cells[[2]string{row, column}] = cell
}

// uses notes the version of a proxy.
func (o *table) uses(t testing.TB, program string) {
	t.Helper()
	version := program + " " + versionOf(t, program)
	o.mu.Lock()
	defer o.mu.Unlock()
	if !slices.Contains(o.versions, version) {
		o.versions = append(o.versions, version)
	}
}

func (o *table) String() string {
	var text strings.Builder
	text.WriteString("Made with " + strings.Join(o.versions, ", ") + ".\n\n")
	text.WriteString("| " + o.corner + " | " + strings.Join(o.columns, " | ") + " |\n|" +
		strings.Repeat("---|", len(o.columns)+1) + "\n")
	for _, row := range o.rows {
		text.WriteString("| " + row + " |")
		for _, column := range o.columns {
			text.WriteString(" " + o.cells[[2]string{row, column}] + " |")
		}
		text.WriteString("\n")
	}
	return text.String()
}

// compare checks that the table equals its block in docs/proxies.md, or writes it there. It does nothing if a proxy was
// left out or has another version than that block names, since proxies change.
func (o *table) compare(t *testing.T) {
	t.Helper()
	_, old, _ := splitAtBlock(t, page, o.block)
	made := o.String()
	switch header := func(s string) string { line, _, _ := strings.Cut(s, "\n"); return line }; {
	case update && t.Failed():
		t.Logf("the page is not updated after a failure; the table:\n%s", made)
	case !update && header(old) != header(made):
		t.Logf("the page was made with other proxies: %s", header(old))
	default:
		compareBlock(t, page, o.block, made)
	}
}
