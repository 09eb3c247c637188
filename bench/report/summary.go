package main

import "fmt"

// The benchmarks of whole requests, and the library whose cost they show.
const (
	inProcess = "InProcess"
	overTCP   = "OverTCP"
	subject   = "statusbridge"
	full      = subject + "-full" // with everything that the README recommends
)

// summary has a row for each whole request: how many times as long it takes with a library as with grpc-gateway, in one
// process and over TCP.
func summary(r *results, impl string) string {
	local := r.of(inProcess)
	rows := requestRows(r, impl, ratioUnit)
	rows[0] = append([]string{rows[0][0], "in process"}, rows[0][1:]...)
	for i, row := range rows[1:] {
		rows[i+1] = append([]string{row[0], interval(find(local, row[0], impl), ratioUnit)}, row[1:]...)
	}
	return markdown(rows)
}

// p99 has a row for each whole request: how the 99th percentile of its time over TCP, with everything that the README
// recommends, compares with grpc-gateway's.
func p99(r *results) string {
	return markdown(requestRows(r, full, "p99-ratio"))
}

// requestRows has a row for each whole request over TCP, and a column for each number of callers.
func requestRows(r *results, impl, unit string) [][]string {
	of := r.of(overTCP)
	head := []string{"request"}
	callers := distinct(of, func(m *measurement) string { return m.callers })
	for _, c := range callers {
		head = append(head, "over TCP, "+c)
	}
	rows := [][]string{head}
	for _, name := range distinct(of, func(m *measurement) string { return m.name }) {
		row := []string{name}
		for _, c := range callers {
			row = append(row, interval(find(of, name+", "+c, impl), unit))
		}
		rows = append(rows, row)
	}
	return rows
}

// interval writes a ratio and the interval that contains the true one with 95% confidence.
func interval(m *measurement, unit string) string {
	if m == nil {
		return ""
	}
	s, ok := m.summary(unit)
	switch {
	case !ok:
		return ""
	case spread(s.PctRangeString()) == "":
		return fmt.Sprintf("**%.2f**", s.Center)
	}
	return fmt.Sprintf("**%.2f** (%.2f to %.2f)", s.Center, s.Lo, s.Hi)
}
