package late_test

import (
	"context"
	"errors"
	"runtime"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/statusbridge/statusbridge/internal/late"
)

type key struct{}

// TestLimit ends both contexts at a deadline that was set after the second was derived from the first.
func TestLimit(t *testing.T) {
	t.Parallel()
	c, derived, cancel := late.New(context.WithValue(context.Background(), key{}, "value"))
	defer cancel()
	child, cancelChild := context.WithCancel(derived)
	defer cancelChild()
	if _, ok := derived.Deadline(); ok || c.Err() != nil || derived.Err() != nil {
		t.Errorf("before Limit: %v, %v", c.Err(), derived.Err())
	}
	if got := child.Value(key{}); got != "value" {
		t.Errorf("the value of the parent is %v", got)
	}
	begin := time.Now()
	c.Limit(time.Millisecond)
	deadline, ok := derived.Deadline()
	if !ok || deadline.Before(begin) || deadline.After(time.Now().Add(time.Millisecond)) {
		t.Errorf("the deadline is %v, %t", deadline, ok)
	}
	<-child.Done()
	<-c.Done()
	for _, ctx := range []context.Context{c, derived, child} {
		if !errors.Is(ctx.Err(), context.DeadlineExceeded) || !errors.Is(context.Cause(ctx), context.DeadlineExceeded) {
			t.Errorf("%T ended with %v, because of %v", ctx, ctx.Err(), context.Cause(ctx))
		}
	}
}

// TestLimitAgain replaces a deadline by a later one, and by none.
func TestLimitAgain(t *testing.T) {
	t.Parallel()
	for _, d := range []time.Duration{time.Hour, 0, -1} {
		c, derived, cancel := late.New(context.Background())
		c.Limit(time.Minute)
		c.Limit(d)
		deadline, ok := derived.Deadline()
		if ok != (d > 0) || ok && time.Until(deadline) < time.Minute || derived.Err() != nil {
			t.Errorf("Limit(%v): the deadline is %v, %t", d, deadline, ok)
		}
		cancel()
	}
}

// TestDeadlineOfParent returns the earlier one of two deadlines.
func TestDeadlineOfParent(t *testing.T) {
	t.Parallel()
	parent, cancelParent := context.WithTimeout(context.Background(), time.Minute)
	defer cancelParent()
	parents, _ := parent.Deadline()
	c, derived, cancel := late.New(parent)
	defer cancel()
	for d, early := range map[time.Duration]bool{0: false, time.Hour: false, time.Second: true} {
		c.Limit(d)
		if got, ok := derived.Deadline(); !ok || got.Before(parents) != early || !early && !got.Equal(parents) {
			t.Errorf("Limit(%v): the deadline is %v, %t", d, got, ok)
		}
	}
}

// TestEndOfParent ends with the parent and with its error, also if the parent ended first or a deadline was set.
func TestEndOfParent(t *testing.T) {
	t.Parallel()
	for _, first := range []bool{true, false} {
		parent, cancelParent := context.WithCancel(context.Background())
		if first {
			cancelParent()
		}
		c, derived, cancel := late.New(parent)
		c.Limit(time.Hour)
		cancelParent()
		<-derived.Done()
		c.Limit(time.Nanosecond) // too late
		if !errors.Is(c.Err(), context.Canceled) || !errors.Is(derived.Err(), context.Canceled) {
			t.Errorf("ended with %v and %v", c.Err(), derived.Err())
		}
		cancel()
	}
}

// TestCancel ends the derived context, stops the timer, and may be called twice.
func TestCancel(t *testing.T) {
	t.Parallel()
	c, derived, cancel := late.New(context.Background())
	c.Limit(time.Hour)
	cancel()
	cancel()
	if !errors.Is(derived.Err(), context.Canceled) {
		t.Errorf("ended with %v", derived.Err())
	}
	if _, ok := c.Deadline(); ok {
		t.Error("the deadline stays")
	}
}

// TestGoroutines derives contexts, which starts no goroutine, and none stays after cancel.
func TestGoroutines(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	parent, cancelParent := context.WithCancel(context.Background())
	defer cancelParent()
	c, derived, cancel := late.New(parent)
	defer cancel()
	c.Limit(time.Hour)
	before := runtime.NumGoroutine()
	for range 100 {
		child, cancelChild := context.WithCancel(derived)
		defer cancelChild()
		context.AfterFunc(child, func() {})
	}
	if after := runtime.NumGoroutine(); after >= before+100 {
		t.Errorf("%d goroutines became %d", before, after)
	}
}

// TestAfterFunc calls the function of the derived context if the context has ended before, and not after stop.
func TestAfterFunc(t *testing.T) {
	t.Parallel()
	c, _, cancel := late.New(context.Background())
	defer cancel()
	if stop := c.AfterFunc(func() { t.Error("called after stop") }); !stop() || stop() {
		t.Error("stop reports the wrong end")
	}
	c.Limit(time.Nanosecond)
	<-c.Done()
	called := make(chan struct{})
	stop := c.AfterFunc(func() { close(called) })
	<-called
	if stop() {
		t.Error("stop reports that it prevented the call")
	}
}
