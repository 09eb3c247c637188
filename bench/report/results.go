package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"golang.org/x/perf/benchfmt"
	"golang.org/x/perf/benchmath"
)

// results has the measurements in their order.
type results struct {
	config       []benchfmt.Config // of the file
	procs        string
	runs         int
	measurements []*measurement
}

// measurement is one leaf of one benchmark.
type measurement struct {
	benchmark string // without "Benchmark"
	keys      string // such as "plain" or "200, 16 callers"; empty for a benchmark without cases
	name      string // of the case
	callers   string // such as "16 callers"
	impl      string
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
			m.name = strings.ReplaceAll(value, "_", " ")
			keys = append(keys, m.name)
		case key == "callers":
			m.callers = strings.Replace(value+" callers", "1 callers", "1 caller", 1)
			keys = append(keys, m.callers)
		default:
			keys = append(keys, grouped(value)+" "+key)
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

// of returns the measurements of one benchmark.
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

// distinct returns the different values of something, in their order.
func distinct(of []*measurement, value func(*measurement) string) []string {
	var values []string
	for _, m := range of {
		if v := value(m); !slices.Contains(values, v) {
			values = append(values, v)
		}
	}
	return values
}

// find returns the measurement of a case, or nil.
func find(of []*measurement, keys, impl string) *measurement {
	for _, m := range of {
		if m.keys == keys && m.impl == impl {
			return m
		}
	}
	return nil
}

// grouped writes a number of five digits and more with a comma: 40,000.
func grouped(digits string) string {
	if len(digits) < 5 {
		return digits
	}
	return digits[:len(digits)-3] + "," + digits[len(digits)-3:]
}

// The units of benchfmt for a time, and the unit of a ratio that was measured round by round.
const (
	timeUnit  = "sec/op"
	ratioUnit = "ratio"
)

// summary returns the median of a unit and the interval that contains the true median with 95% confidence.
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

// ratio returns how many times as long m takes as another measurement. It prefers the ratio that was measured round by
// round.
func (m *measurement) ratio(other *measurement) float64 {
	if s, ok := m.summary(ratioUnit); ok {
		return s.Center
	}
	if other.median(timeUnit) == 0 {
		return 0
	}
	return m.median(timeUnit) / other.median(timeUnit)
}
