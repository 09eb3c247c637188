package readme

import (
	"strings"
	"testing"
)

// cost shows how much longer a whole request takes with a bridge, by the table Cost of BENCHMARKS.md.
func cost(t *testing.T) string {
	t.Helper()
	_, measured, _ := strings.Cut(string(source(t, "BENCHMARKS.md")), "<!-- begin Cost -->\n")
	measured, _, _ = strings.Cut(measured, "<!-- end -->")
	table := "| requests | time with a bridge | 95% confidence |\n|---|---|---|\n"
	for _, row := range []struct{ name, text string }{
		{"bridge-in-process", "in one process, without a network"},
		{"bridge-tcp, 1 callers", "over TCP, one client"},
		{"bridge-tcp, 16 callers", "over TCP, 16 clients"},
	} {
		_, line, found := strings.Cut(measured, "| "+row.name+" | ")
		if !found {
			t.Fatalf("BENCHMARKS.md has no row %q", row.name)
		}
		line, _, _ = strings.Cut(line, " |\n")
		cells := strings.Split(line, " | ")
		if len(cells) != 3 {
			t.Fatalf("the row %q has %d cells", row.name, len(cells))
		}
		table += "| " + row.text + " | ×" + cells[0] + " | " + cells[1] + " to " + cells[2] + " |\n"
	}
	return table
}
