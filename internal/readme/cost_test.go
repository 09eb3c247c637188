package readme

import (
	"strings"
	"testing"
)

// cost shows what a whole request takes, by the rows of BENCHMARKS.md for calls in one process.
func cost(t *testing.T) string {
	t.Helper()
	_, measured, _ := strings.Cut(string(source(t, "BENCHMARKS.md")), "<!-- begin Unary -->\n")
	measured, _, _ = strings.Cut(measured, "<!-- end -->")
	table := "| request | grpc-gateway | with statusbridge |\n|---|---|---|\n"
	rows := 0
	for line := range strings.Lines(measured) {
		cells := strings.Split(line, "|")
		request := map[string]string{"200": "a success", "error": "an error"}[strings.TrimSpace(cells[1])]
		if request == "" {
			continue
		}
		rows++
		table += "| " + request + " | " + duration(cells[2]) + " | " + duration(cells[3]) + " |\n"
	}
	if rows != 2 {
		t.Fatalf("BENCHMARKS.md has %d of the rows", rows)
	}
	return table
}

// duration returns the time in a cell such as "11.35µs ± 41%, 89 allocs".
func duration(cell string) string {
	measured, _, _ := strings.Cut(strings.TrimSpace(cell), " ")
	return strings.Replace(measured, "µs", " µs", 1)
}
