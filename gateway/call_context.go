package gateway

import (
	"context"
	"sync"
	"time"
)

// callContext is a context whose deadline is set after others have been derived from it: which method a request calls is
// known only when grpc-gateway has done so, and whether it is a stream must be known before. Package context has none of
// the kind. It ends as one of context.WithDeadline does, and with its parent.
//
// What is derived is derived from inner, which package context knows to pass its end on without a goroutine for each; for
// callContext itself, which is none of its own, it asks AfterFunc.
type callContext struct {
	context.Context // the request's
	inner           context.Context

	limits deadlines
	route  *route
	asked  *time.Duration // by the client

	done   chan struct{}
	cancel func() // ends everything, when the request has been answered

	mu       sync.Mutex
	deadline time.Time
	timer    *time.Timer
	err      error
	ended    func() // ends inner
}

type callKey struct{}

func newCallContext(parent context.Context) *callContext {
	c := &callContext{Context: parent, done: make(chan struct{})}
	inner, cancel := context.WithCancel(c)
	detach := context.AfterFunc(parent, func() { c.end(parent.Err()) })
	c.inner = inner
	c.cancel = func() {
		detach()
		c.limit(0)
		cancel()
	}
	return c
}

// limit sets the deadline anew, from now on; 0 is none.
func (c *callContext) limit(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.timer != nil {
		c.timer.Stop()
		c.timer, c.deadline = nil, time.Time{}
	}
	if d > 0 {
		c.deadline = time.Now().Add(d)
		c.timer = time.AfterFunc(d, func() { c.end(context.DeadlineExceeded) })
	}
}

func (c *callContext) end(err error) {
	c.mu.Lock()
	if c.err != nil {
		c.mu.Unlock()
		return
	}
	c.err = err
	close(c.done)
	ended := c.ended
	c.mu.Unlock()
	if ended != nil {
		ended()
	}
}

// AfterFunc is called by package context, once, for inner.
func (c *callContext) AfterFunc(f func()) func() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ended = f
	if c.err != nil {
		go f()
	}
	return func() bool {
		c.mu.Lock()
		defer c.mu.Unlock()
		stopped := c.ended != nil && c.err == nil
		c.ended = nil
		return stopped
	}
}

// Deadline is the earlier of the call's and the parent's.
func (c *callContext) Deadline() (time.Time, bool) {
	c.mu.Lock()
	own := c.deadline
	c.mu.Unlock()
	deadline, ok := c.Context.Deadline()
	if own.IsZero() || ok && deadline.Before(own) {
		return deadline, ok
	}
	return own, true
}

func (c *callContext) Done() <-chan struct{} { return c.done }

func (c *callContext) Err() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.err
}

// Value finds the context itself, and whatever the request's holds.
func (c *callContext) Value(key any) any {
	if key == (callKey{}) {
		return c
	}
	return c.Context.Value(key)
}
