package bench_test

import (
	"math"
	"runtime"
	"slices"
	"testing"
	"time"
)

// skipShort skips benchmarks that take seconds. They alternate inside a run, so they need fewer runs.
func skipShort(b *testing.B) {
	if testing.Short() {
		b.Skip("it takes seconds")
	}
}

// alternate calls each of the functions once in every round, and returns the durations by function and round. Other
// load of the machine then affects all functions alike. Every other round is in reverse order, so that no function
// always follows the same one.
func alternate(rounds int, runs ...func()) [][]time.Duration {
	times := make([][]time.Duration, len(runs))
	for round := range rounds {
		for turn := range runs {
			i := turn
			if round%2 == 1 {
				i = len(runs) - 1 - turn
			}
			runtime.GC() // one does not clean up after another
			start := time.Now()
			runs[i]()
			times[i] = append(times[i], time.Since(start))
		}
	}
	return times
}

// ratios returns the median of the ratios of the second duration to the first, and its 95% confidence interval. The
// interval is valid for every distribution (order statistics of the binomial, by its normal approximation).
func ratios(first, second []time.Duration) (low, median, high float64) {
	each := make([]float64, len(first))
	for i := range first {
		each[i] = float64(second[i]) / float64(first[i])
	}
	slices.Sort(each)
	n := float64(len(each))
	half := 1.96 * math.Sqrt(n) / 2
	at := func(rank float64) float64 { return each[int(min(max(rank, 0), n-1))] }
	return at(math.Floor(n/2 - half)), at(n / 2), at(math.Ceil(n/2 + half))
}

// quantile returns the duration that a share q of the sorted durations does not exceed.
func quantile(sorted []time.Duration, q float64) float64 {
	return float64(sorted[min(len(sorted)-1, int(q*float64(len(sorted))))])
}
