package main

import (
	"encoding/xml"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestReport renders a fixed measurement. UPDATE_GOLDEN=1 replaces the expected files.
func TestReport(t *testing.T) {
	directory := t.TempDir()
	doc, svg := filepath.Join(directory, "doc.md"), filepath.Join(directory, "chart.svg")
	write(t, doc, readFile(t, "testdata/doc.md"))
	if err := report("testdata/bench.txt", doc, svg); err != nil {
		t.Fatal(err)
	}
	for golden, path := range map[string]string{"testdata/doc.golden.md": doc, "testdata/chart.golden.svg": svg} {
		got := readFile(t, path)
		if os.Getenv("UPDATE_GOLDEN") != "" {
			write(t, golden, got)
		}
		if want := readFile(t, golden); got != want {
			t.Errorf("%s differs from what is rendered:\n%s", golden, got)
		}
	}
	// The written document can be written again.
	again := readFile(t, doc)
	if err := report("testdata/bench.txt", doc, svg); err != nil {
		t.Fatal(err)
	}
	if readFile(t, doc) != again {
		t.Error("a second rendering differs")
	}
	wellFormed(t, readFile(t, svg))
}

func wellFormed(t *testing.T, document string) {
	t.Helper()
	for decoder := xml.NewDecoder(strings.NewReader(document)); ; {
		if _, err := decoder.Token(); errors.Is(err, io.EOF) {
			return
		} else if err != nil {
			t.Fatal(err)
		}
	}
}

// TestDocumented checks that BENCHMARKS.md has a block for every benchmark of the module, and no other.
func TestDocumented(t *testing.T) {
	sources, err := filepath.Glob("../*_test.go")
	if err != nil || len(sources) == 0 {
		t.Fatal(sources, err)
	}
	documented := map[string]bool{}
	for _, match := range block.FindAllStringSubmatch(readFile(t, "../../BENCHMARKS.md"), -1) {
		documented[match[1]] = true
	}
	for _, source := range sources {
		for line := range strings.Lines(readFile(t, source)) {
			if name, ok := strings.CutPrefix(line, "func Benchmark"); ok {
				name, _, _ = strings.Cut(name, "(")
				if !documented[name] {
					t.Errorf("BENCHMARKS.md has no block for Benchmark%s", name)
				}
				delete(documented, name)
			}
		}
	}
	for _, name := range []string{"machine", "summary", "summary-full", "p99"} {
		delete(documented, name)
	}
	for name := range documented {
		t.Errorf("BENCHMARKS.md has a block for Benchmark%s, which is not there", name)
	}
}

func TestReportRefuses(t *testing.T) {
	for _, test := range []struct{ name, bench, doc, want string }{
		{"nothing measured", "goos: linux\n", "", "holds no benchmark"},
		{"not the format", "BenchmarkA 1 x ns/op\n", "", "measurement"},
		{"a benchmark without a block", "BenchmarkA 1 2 ns/op\n", "", "no block for A"},
		{"a block without a benchmark", "BenchmarkA 1 2 ns/op\n", "<!-- begin A -->\n<!-- end -->" +
			"<!-- begin B -->\n<!-- end -->", "measured for B"},
	} {
		directory := t.TempDir()
		bench, doc := filepath.Join(directory, "bench.txt"), filepath.Join(directory, "doc.md")
		write(t, bench, test.bench)
		write(t, doc, test.doc)
		err := report(bench, doc, filepath.Join(directory, "chart.svg"))
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v, want an error with %q", test.name, err, test.want)
		}
		if readFile(t, doc) != test.doc {
			t.Errorf("%s: the document was written", test.name)
		}
	}
}

func readFile(t *testing.T, path string) string {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

func write(t *testing.T, path, content string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}
