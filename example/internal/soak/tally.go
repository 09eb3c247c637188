package soak

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
)

// tally counts requests, statuses and events, and keeps the first failures.
type tally struct {
	requests, marks atomic.Int64
	events          [len(eventNames)]atomic.Int64
	statuses        [1000]atomic.Int64
	broken          atomic.Bool

	mu       sync.Mutex
	failures []error
}

// maxFailures is the number of failures that are reported.
const maxFailures = 10

func (t *tally) count(e event) { t.events[e].Add(1) }

func (t *tally) fail(format string, args ...any) {
	t.broken.Store(true)
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.failures) < maxFailures {
		t.failures = append(t.failures, fmt.Errorf("soak: "+format, args...))
	}
}

func (t *tally) failed() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	return errors.Join(t.failures...)
}

func (t *tally) fill(r *Report) {
	r.Requests = t.requests.Load()
	r.Statuses = map[int]int64{}
	for httpStatus := range t.statuses {
		if n := t.statuses[httpStatus].Load(); n > 0 {
			r.Statuses[httpStatus] = n
		}
	}
	r.Events = r.Events[:0]
	for e, name := range eventNames {
		r.Events = append(r.Events, Event{name, t.events[e].Load()})
	}
}

func sortedKeys(m map[int]int64) []int { return slices.Sorted(maps.Keys(m)) }
