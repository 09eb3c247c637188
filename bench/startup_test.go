package bench_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// programs are pairs of the same program without and with this library.
var programs = []struct {
	name          string
	without, with string // directories in startup
}{
	{"gateway", "gateway", "bridge"},
	{"service", "service", "mapping"},
}

const starts = 15

// BenchmarkStartup starts small programs without this library (impl=none) and with it. It reads the initialisation of
// their packages from GODEBUG=inittrace=1 (package runtime, "Environment Variables"), and `own-init-ns` is the share of
// this library. The time of the first error includes lazy initialisation. The binaries are built with and without
// symbols. The leaves only report, as in BenchmarkOverTCP.
func BenchmarkStartup(b *testing.B) {
	skipShort(b)
	for _, pair := range programs {
		b.Run("case="+pair.name, func(b *testing.B) {
			directories := []string{pair.without, pair.with}
			samples := make([]map[string][]float64, len(directories))
			var paths []string
			for i, directory := range directories {
				samples[i] = map[string][]float64{}
				paths = append(paths, build(b, directory))
				samples[i]["binary-B"] = []float64{size(b, paths[i])}
				samples[i]["stripped-B"] = []float64{size(b, build(b, directory, "-ldflags=-s"))}
			}
			for range starts {
				for i, path := range paths {
					for unit, value := range start(b, path) {
						samples[i][unit] = append(samples[i][unit], value)
					}
				}
			}
			for i, impl := range []string{"none", statusbridge} {
				b.Run("impl="+impl, func(b *testing.B) {
					b.ReportMetric(0, "ns/op") // removes it
					for unit, values := range samples[i] {
						slices.Sort(values)
						b.ReportMetric(values[len(values)/2], unit)
					}
				})
			}
		})
	}
}

// build builds a program below .tmp, where the next run finds it.
func build(tb testing.TB, directory string, flags ...string) string {
	path := filepath.Join("..", ".tmp", "startup", directory+strings.Join(flags, ""))
	arguments := append([]string{"build", "-o", path}, flags...)
	if out, err := exec.Command("go", append(arguments, "./startup/"+directory)...).CombinedOutput(); err != nil {
		tb.Fatalf("%v\n%s", err, out)
	}
	return path
}

func size(tb testing.TB, path string) float64 {
	info, err := os.Stat(path)
	if err != nil {
		tb.Fatal(err)
	}
	return float64(info.Size())
}

var initTrace = regexp.MustCompile(`(?m)^init (\S+) @\S+ ms, (\S+) ms clock, (\d+) bytes, (\d+) allocs$`)

// start runs a program once.
func start(tb testing.TB, path string) map[string]float64 {
	command := exec.Command(path)
	command.Env = append(os.Environ(), "GODEBUG=inittrace=1")
	var trace strings.Builder
	command.Stderr = &trace
	out, err := command.Output()
	if err != nil {
		tb.Fatalf("%v\n%s", err, trace.String())
	}
	first, err := strconv.ParseFloat(strings.TrimSpace(string(out)), 64)
	if err != nil {
		tb.Fatal(err)
	}
	result := map[string]float64{"first-error-ns": first, "init-ns": 0, "init-B": 0, "init-allocs": 0}
	for _, line := range initTrace.FindAllStringSubmatch(trace.String(), -1) {
		var numbers [3]float64
		for i, text := range line[2:] {
			if _, err := fmt.Sscan(text, &numbers[i]); err != nil {
				tb.Fatal(err)
			}
		}
		result["init-ns"] += numbers[0] * 1e6
		result["init-B"] += numbers[1]
		result["init-allocs"] += numbers[2]
		if strings.HasPrefix(line[1], "github.com/statusbridge/") {
			result["own-init-ns"] += numbers[0] * 1e6
		}
	}
	if result["init-ns"] == 0 {
		tb.Fatal("the runtime traced no initialisation")
	}
	return result
}
