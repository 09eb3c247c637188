package readme

import (
	"strings"
	"testing"
)

// cost shows how much longer a whole request takes with a bridge, from the first table of BENCHMARKS.md.
func cost(t *testing.T) string {
	t.Helper()
	_, measured, _ := strings.Cut(string(source(t, "BENCHMARKS.md")), "<!-- begin summary -->\n")
	measured, _, _ = strings.Cut(measured, "<!-- end -->")
	head, _, _ := strings.Cut(measured, "\n")
	columns := strings.Count(head, "|") - 1
	table := head + "\n" + strings.Repeat("|---", columns) + "|\n"
	for _, row := range []struct{ name, text string }{{"200", "a success"}, {"error", "an error"}} {
		_, line, found := strings.Cut(measured, "| "+row.name+" |")
		line, _, _ = strings.Cut(line, "\n")
		if !found || strings.Count(line, "|") != columns-1 {
			t.Fatalf("BENCHMARKS.md has no row %q", row.name)
		}
		table += "| " + row.text + " |" + line + "\n"
	}
	return table
}
