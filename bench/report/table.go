package main

import (
	"fmt"
	"slices"
	"strings"

	"golang.org/x/perf/benchunit"
)

// machine describes where the figures come from.
func machine(r *results) string {
	config := map[string]string{}
	for _, c := range r.config {
		config[c.Key] = string(c.Value)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s, %s cores, %s/%s, %s; %d runs.\n",
		config["cpu"], r.procs, config["goos"], config["goarch"], config["go"], r.runs)
	for _, c := range r.config {
		if strings.Contains(c.Key, "/") {
			fmt.Fprintf(&b, "%s %s;\n", c.Key, c.Value)
		}
	}
	text := strings.TrimSuffix(b.String(), ";\n")
	return strings.TrimSuffix(text, "\n") + ".\n"
}

// table writes the measurements of one benchmark.
func table(name string, of []*measurement) string {
	if name == "Startup" {
		return addedTable(of)
	}
	return timeTable(of)
}

// timeTable has a row for each case and a column for each library. A cell has the time and its spread, its ratio to the
// first column, the allocations, and the 99th percentile, as far as they were measured.
func timeTable(of []*measurement) string {
	impls := distinct(of, func(m *measurement) string { return m.impl })
	rows := [][]string{append([]string{""}, impls...)}
	for _, keys := range distinct(of, func(m *measurement) string { return m.keys }) {
		row := []string{keys}
		first := find(of, keys, impls[0])
		for _, impl := range impls {
			row = append(row, timeCell(find(of, keys, impl), first))
		}
		rows = append(rows, row)
	}
	return markdown(rows)
}

func timeCell(m, first *measurement) string {
	if m == nil {
		return ""
	}
	s, _ := m.summary(timeUnit)
	cell := strings.TrimSpace(scaled(s.Center, timeUnit) + " " + spread(s.PctRangeString()))
	if m != first && first != nil {
		cell += ", **" + times(m.ratio(first)) + "**"
	}
	if p99, ok := m.summary("p99-sec"); ok {
		cell += ", p99 " + scaled(p99.Center, timeUnit)
	}
	if allocs, ok := m.summary("allocs/op"); ok {
		cell += fmt.Sprintf(", %.0f allocs", allocs.Center)
	}
	return strings.Replace(cell, " 1 allocs", " 1 alloc", 1)
}

// addedTable has a row for each case and unit. It shows what the second library adds to the first one.
func addedTable(of []*measurement) string {
	impls := distinct(of, func(m *measurement) string { return m.impl })
	rows := [][]string{{"", "", "without", "with", "added"}}
	for _, keys := range distinct(of, func(m *measurement) string { return m.keys }) {
		for _, unit := range unitsOf(of) {
			first, last := find(of, keys, impls[0]), find(of, keys, impls[len(impls)-1])
			row := []string{keys, unit}
			for _, m := range []*measurement{first, last} {
				cell := ""
				if s, ok := m.summary(unit); ok {
					cell = scaled(s.Center, unit)
				}
				row = append(row, cell)
			}
			rows = append(rows, append(row, scaled(last.median(unit)-first.median(unit), unit)))
		}
	}
	return markdown(rows)
}

func unitsOf(of []*measurement) []string {
	var units []string
	for _, m := range of {
		for unit := range m.samples {
			if unit != timeUnit && !slices.Contains(units, unit) {
				units = append(units, unit)
			}
		}
	}
	slices.Sort(units)
	return units
}

// scaled writes a value with three or four significant digits and its unit, without "per operation".
func scaled(value float64, unit string) string {
	quantity, _, _ := strings.Cut(unit, "/")
	if i := strings.LastIndexByte(quantity, '-'); i >= 0 {
		quantity = quantity[i+1:]
	}
	switch quantity {
	case "sec":
		return benchunit.Scale(value, benchunit.Decimal) + "s"
	case "B":
		return benchunit.Scale(value, benchunit.Binary) + "B"
	}
	return fmt.Sprintf("%.0f", value)
}

// times writes a ratio with two or three significant digits.
func times(ratio float64) string {
	switch {
	case ratio >= 10:
		return fmt.Sprintf("×%.0f", ratio)
	case ratio >= 0.0995:
		return fmt.Sprintf("×%.2f", ratio)
	default:
		return fmt.Sprintf("×%.2g", ratio)
	}
}

// spread is empty if there are too few runs for it.
func spread(percent string) string {
	if percent == "∞" {
		return ""
	}
	return "± " + percent
}

func markdown(rows [][]string) string {
	var b strings.Builder
	for i, row := range rows {
		b.WriteString("| " + strings.Join(row, " | ") + " |\n")
		if i == 0 {
			b.WriteString("|" + strings.Repeat("---|", len(row)) + "\n")
		}
	}
	return b.String()
}
