package bench_test

import (
	"math"
	"runtime"
	"slices"
	"testing"
	"time"
)

// skipShort is for benchmarks that take seconds and alternate by themselves, so that they need fewer runs.
func skipShort(b *testing.B) {
	if testing.Short() {
		b.Skip("it takes seconds")
	}
}

// alternate runs each of the runs as many times as there are rounds, in turns, and returns how long each took in each
// round: whatever else the machine does meets all alike. Every other round goes backwards, so that none always follows
// the same neighbour.
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

// ratios says how long the second took for what the first did, round by round: the median, and the interval that holds
// the true median with 95% confidence, whatever the distribution (order statistics of the binomial, by its normal
// approximation).
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

// quantile is the duration below which the share q of the sorted durations lies.
func quantile(sorted []time.Duration, q float64) float64 {
	return float64(sorted[min(len(sorted)-1, int(q*float64(len(sorted))))])
}
