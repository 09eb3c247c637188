package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"golang.org/x/perf/benchfmt"
	"golang.org/x/perf/benchmath"
)

// results contains the measurements in their order.
type results struct {
	config       []benchfmt.Config // of the file
	procs        string
	runs         int
	measurements []*measurement
}

// measurement is one leaf of one benchmark.
type measurement struct {
	benchmark string // without "Benchmark"
	keys      string // as in "plain" or "success, 16 callers"; empty for a benchmark without cases
	impl      string // empty where nobody is compared
	samples   map[string][]float64
}

func read(from io.Reader, name string) (*results, error) {
	r := &results{}
	reader := benchfmt.NewReader(from, name)
	for reader.Scan() {
		switch record := reader.Result().(type) {
		case *benchfmt.SyntaxError:
			return nil, record
		case *benchfmt.Result:
			r.add(record)
		}
	}
	if err := reader.Err(); err != nil {
		return nil, err
	}
	if len(r.measurements) == 0 {
		return nil, fmt.Errorf("%s holds no benchmark", name)
	}
	return r, nil
}

func (r *results) add(record *benchfmt.Result) {
	r.config = slices.Clone(record.Config)
	base, parts := record.Name.Parts()
	m := &measurement{benchmark: string(base), samples: map[string][]float64{}}
	var keys []string
	for _, part := range parts {
		text := string(part)
		key, value, _ := strings.Cut(strings.TrimPrefix(text, "/"), "=")
		switch {
		case strings.HasPrefix(text, "-"):
			r.procs = text[1:]
		case key == "impl":
			m.impl = value
		case key == "case":
			keys = append(keys, value)
		default:
			keys = append(keys, value+" "+key)
		}
	}
	m.keys = strings.Join(keys, ", ")
	known := slices.IndexFunc(r.measurements, func(k *measurement) bool {
		return k.benchmark == m.benchmark && k.keys == m.keys && k.impl == m.impl
	})
	if known < 0 {
		r.measurements = append(r.measurements, m)
	} else {
		m = r.measurements[known]
	}
	for _, v := range record.Values {
		m.samples[v.Unit] = append(m.samples[v.Unit], v.Value)
		r.runs = max(r.runs, len(m.samples[v.Unit]))
	}
}

// of are the measurements of one benchmark.
func (r *results) of(benchmark string) []*measurement {
	var of []*measurement
	for _, m := range r.measurements {
		if m.benchmark == benchmark {
			of = append(of, m)
		}
	}
	return of
}

func (r *results) benchmarks() []string {
	return distinct(r.measurements, func(m *measurement) string { return m.benchmark })
}

// distinct are the different values of something, in the order in which they come.
func distinct(of []*measurement, value func(*measurement) string) []string {
	var values []string
	for _, m := range of {
		if v := value(m); !slices.Contains(values, v) {
			values = append(values, v)
		}
	}
	return values
}

// find is the measurement of a case, nil without one.
func find(of []*measurement, keys, impl string) *measurement {
	for _, m := range of {
		if m.keys == keys && m.impl == impl {
			return m
		}
	}
	return nil
}

// summary is the median of a unit and the interval that holds the true one with 95% confidence.
func (m *measurement) summary(unit string) (benchmath.Summary, bool) {
	samples, ok := m.samples[unit]
	if !ok {
		return benchmath.Summary{}, false
	}
	sample := benchmath.NewSample(slices.Clone(samples), &benchmath.DefaultThresholds)
	return benchmath.AssumeNothing.Summary(sample, 0.95), true
}

func (m *measurement) median(unit string) float64 {
	s, _ := m.summary(unit)
	return s.Center
}

const timeUnit = "sec/op"

// ratio returns the time divided by that of base, or 0 without a base.
func (m *measurement) ratio(base *measurement) float64 {
	if base == nil || base.median(timeUnit) == 0 {
		return 0
	}
	return m.median(timeUnit) / base.median(timeUnit)
}
