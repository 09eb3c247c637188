package soak

import (
	"errors"
	"fmt"
	"runtime"
	"slices"
	"time"
)

// Sample is the memory and the goroutines of the process between requests.
type Sample struct {
	Requests   int64
	Heap       uint64 // bytes that are reachable
	Goroutines int
}

func (s Sample) String() string {
	return fmt.Sprintf("after %8d requests: %6.2f MiB of heap, %4d goroutines",
		s.Requests, float64(s.Heap)/(1<<20), s.Goroutines)
}

// Goroutines of closed connections end a little later. Therefore sample waits until their number has been constant for
// settling, but not longer than patient.
const (
	settling = 300 * time.Millisecond
	patient  = 10 * time.Second
)

func (s *site) sample() Sample {
	s.transport.CloseIdleConnections()
	s.chain.closeIdle()
	fewest, since, deadline := runtime.NumGoroutine(), time.Now(), time.Now().Add(patient)
	for time.Since(since) < settling && time.Now().Before(deadline) {
		time.Sleep(settling / 20)
		if n := runtime.NumGoroutine(); n != fewest {
			fewest, since = n, time.Now()
		}
	}
	var memory runtime.MemStats
	for range 3 { // an object in a sync.Pool survives two collections
		runtime.GC()
	}
	runtime.ReadMemStats(&memory)
	return Sample{s.tally.requests.Load(), memory.HeapAlloc, fewest}
}

// The tolerated growth from the second quarter of a run to the last one. The first quarter is left out, because it
// allocates objects that live as long as the process.
const (
	heapTolerance      = 512 << 10 // and a tenth of the heap
	goroutineTolerance = 8
)

// flat returns an error if memory or goroutines grow.
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
	return fmt.Errorf("soak: %d %s have become %d, and the tolerance is %d", early, what, late, tolerance)
}

func median(samples []Sample, of func(Sample) uint64) uint64 {
	values := make([]uint64, len(samples))
	for i, s := range samples {
		values[i] = of(s)
	}
	slices.Sort(values)
	return values[len(values)/2]
}
