package soak

import (
	"errors"
	"fmt"
	"runtime"
	"slices"
	"time"
)

// Sample is what the process holds while no request is under way.
type Sample struct {
	Requests   int64
	Heap       uint64 // bytes that are reachable
	Goroutines int
}

func (s Sample) String() string {
	return fmt.Sprintf("after %8d requests: %6.2f MiB of heap, %4d goroutines", s.Requests, float64(s.Heap)/(1<<20), s.Goroutines)
}

// settling is how long the count of goroutines has to stay the same: some are about to end, such as those of connections
// that were closed a moment ago, and nothing tells of their end.
const (
	settling = 300 * time.Millisecond
	patient  = 10 * time.Second
)

func (s *site) sample() Sample {
	s.transport.CloseIdleConnections()
	fewest, since, deadline := runtime.NumGoroutine(), time.Now(), time.Now().Add(patient)
	for time.Since(since) < settling && time.Now().Before(deadline) {
		time.Sleep(settling / 20)
		if n := runtime.NumGoroutine(); n != fewest {
			fewest, since = n, time.Now()
		}
	}
	var memory runtime.MemStats
	for range 3 { // what a pool holds lives for two collections
		runtime.GC()
	}
	runtime.ReadMemStats(&memory)
	return Sample{s.tally.requests.Load(), memory.HeapAlloc, fewest}
}

// What the last quarter of a run may hold more than the second: the first is for what is made once.
const (
	heapTolerance      = 512 << 10 // and a tenth
	goroutineTolerance = 8
)

// flat fails when memory or goroutines grow.
func flat(samples []Sample) error {
	quarter := len(samples) / 4
	early, late := samples[quarter:2*quarter], samples[len(samples)-quarter:]
	heap := func(s Sample) uint64 { return s.Heap }
	goroutines := func(s Sample) uint64 { return uint64(s.Goroutines) }
	return errors.Join(
		grown("bytes of heap", median(early, heap), median(late, heap), median(early, heap)/10+heapTolerance),
		grown("goroutines", median(early, goroutines), median(late, goroutines), goroutineTolerance),
	)
}

func grown(what string, early, late, tolerance uint64) error {
	if late <= early+tolerance {
		return nil
	}
	return fmt.Errorf("soak: %d %s have become %d, which is more than %d more", early, what, late, tolerance)
}

func median(samples []Sample, of func(Sample) uint64) uint64 {
	values := make([]uint64, len(samples))
	for i, s := range samples {
		values[i] = of(s)
	}
	slices.Sort(values)
	return values[len(values)/2]
}
