package main

import (
	"fmt"
	"slices"
	"strings"

	"golang.org/x/perf/benchunit"
)

// machine says where the figures come from.
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

// table returns the table of one benchmark. Times have a row for each case and a column for each library. Startup has a
// row for each unit. Any other benchmark has a column for each unit.
func table(name string, of []*measurement) string {
	units := unitsOf(of)
	switch {
	case name == "Startup":
		return addedTable(of, units)
	case !slices.ContainsFunc(units, isExtra):
		return timeTable(of)
	default:
		return unitTable(of, units)
	}
}

func isExtra(unit string) bool {
	return unit != timeUnit && unit != "B/op" && unit != "allocs/op"
}

func unitsOf(of []*measurement) []string {
	var units []string
	for _, m := range of {
		for unit := range m.samples {
			if !slices.Contains(units, unit) {
				units = append(units, unit)
			}
		}
	}
	slices.Sort(units)
	if i := slices.Index(units, timeUnit); i > 0 {
		units = slices.Insert(slices.Delete(units, i, i+1), 0, timeUnit)
	}
	return units
}

// timeTable has in each cell the time with its spread, its ratio to the first column's, and the allocations.
func timeTable(of []*measurement) string {
	impls := distinct(of, func(m *measurement) string { return m.impl })
	rows := [][]string{append([]string{""}, impls...)}
	for _, keys := range distinct(of, func(m *measurement) string { return m.keys }) {
		row := []string{keys}
		base := find(of, keys, impls[0])
		for _, impl := range impls {
			row = append(row, timeCell(find(of, keys, impl), base))
		}
		rows = append(rows, row)
	}
	return markdown(rows)
}

func timeCell(m, base *measurement) string {
	if m == nil {
		return ""
	}
	s, _ := m.summary(timeUnit)
	cell := scaled(s.Center, timeUnit) + " " + spread(s.PctRangeString())
	if m != base && base != nil {
		cell += ", **" + times(m.ratio(base)) + "**"
	}
	if allocs, ok := m.summary("allocs/op"); ok {
		cell += fmt.Sprintf(", %.0f allocs", allocs.Center)
	}
	return strings.Replace(cell, " 1 allocs", " 1 alloc", 1)
}

// unitTable has a row for each case and each of the compared.
func unitTable(of []*measurement, units []string) string {
	units = slices.DeleteFunc(slices.Clone(units), func(unit string) bool { return !isExtra(unit) && unit != timeUnit })
	named := slices.ContainsFunc(of, func(m *measurement) bool { return m.impl != "" })
	head := []string{""}
	if named {
		head = append(head, "")
	}
	rows := [][]string{append(head, units...)}
	for _, m := range of {
		row := []string{m.keys}
		if named {
			row = append(row, m.impl)
		}
		for _, unit := range units {
			s, ok := m.summary(unit)
			switch {
			case !ok:
				row = append(row, "")
			case strings.HasPrefix(unit, "ratio"): // has its own
				row = append(row, scaled(s.Center, unit))
			default:
				row = append(row, scaled(s.Center, unit)+" "+spread(s.PctRangeString()))
			}
		}
		rows = append(rows, row)
	}
	return markdown(rows)
}

// addedTable has what the second of the compared adds to the first.
func addedTable(of []*measurement, units []string) string {
	impls := distinct(of, func(m *measurement) string { return m.impl })
	if len(impls) != 2 {
		return unitTable(of, units)
	}
	rows := [][]string{{"", "", "without", "with", "added"}}
	for _, keys := range distinct(of, func(m *measurement) string { return m.keys }) {
		for _, unit := range units {
			without, with := find(of, keys, impls[0]), find(of, keys, impls[1])
			row := []string{keys, unit}
			for _, m := range []*measurement{without, with} {
				if s, ok := m.summary(unit); ok {
					row = append(row, scaled(s.Center, unit))
				} else {
					row = append(row, "")
				}
			}
			rows = append(rows, append(row, scaled(with.median(unit)-without.median(unit), unit)))
		}
	}
	return markdown(rows)
}

// scaled is a value with three or four digits that count and its unit, but for "per operation".
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
	case "req", "allocs":
		return fmt.Sprintf("%.0f", value)
	}
	return fmt.Sprintf("%.3f", value)
}

// times is a ratio with two or three digits that count.
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

// spread is empty where there were too few runs for one.
func spread(percent string) string {
	if percent == "∞" {
		return ""
	}
	return "± " + percent
}

func markdown(rows [][]string) string {
	var b strings.Builder
	for i, row := range rows {
		for j := range row {
			row[j] = strings.Join(strings.Fields(strings.ReplaceAll(row[j], " ,", ",")), " ")
		}
		b.WriteString("| " + strings.Join(row, " | ") + " |\n")
		if i == 0 {
			b.WriteString("|" + strings.Repeat("---|", len(row)) + "\n")
		}
	}
	return b.String()
}
