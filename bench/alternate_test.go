package bench_test

import (
	"runtime"
	"slices"
	"testing"
	"time"
)

// alternate runs each function once in each round and returns how long it took in each round. Other work on the machine
// then disturbs all functions alike. Every other round goes backwards, so that no function always follows the same one.
func alternate(rounds int, runs ...func()) [][]time.Duration {
	times := make([][]time.Duration, len(runs))
	for round := range rounds {
		for turn := range runs {
			i := turn
			if round%2 == 1 {
				i = len(runs) - 1 - turn
			}
			runtime.GC() // no function pays for the garbage of another
			start := time.Now()
			runs[i]()
			times[i] = append(times[i], time.Since(start))
		}
	}
	return times
}

// ratio compares two runs round by round. It returns the median of how many times as long the second one took.
func ratio(first, second []time.Duration) float64 {
	each := make([]float64, len(first))
	for i := range first {
		each[i] = float64(second[i]) / float64(first[i])
	}
	return median(each)
}

func median[T float64 | time.Duration](values []T) T {
	return slices.Sorted(slices.Values(values))[len(values)/2]
}

// The number of rounds and of responses in a round for compareInTurns.
const (
	turnRounds = 60
	turnBatch  = 100
)

// compareInTurns measures the contenders in batches that alternate. It shows smaller differences than compare.
// Everything was measured when the leaves run, so they only report, and their iterations mean nothing.
func compareInTurns(b *testing.B, contenders []contender) {
	var runs []func()
	for _, c := range contenders {
		if w := c.once(); w.status != c.status {
			b.Fatalf("%s sent %d, want %d", c.impl, w.status, c.status)
		}
		runs = append(runs, func() {
			for range turnBatch {
				c.once()
			}
		})
	}
	times := alternate(turnRounds, runs...)
	for i, c := range contenders {
		b.Run("impl="+c.impl, func(b *testing.B) {
			b.ReportAllocs()
			b.ReportMetric(float64(median(times[i]))/turnBatch, "ns/op")
			b.ReportMetric(ratio(times[0], times[i]), "ratio")
			b.ReportMetric(testing.AllocsPerRun(turnBatch, func() { c.once() }), "allocs/op")
		})
	}
}
