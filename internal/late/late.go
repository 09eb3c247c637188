// Package late has a context whose deadline is set after other contexts were derived from it. A gateway needs the
// context before it knows which method a request calls.
package late

import (
	"context"
	"sync"
	"time"
)

// Context is a context with a deadline that can be set late. It ends as one of [context.WithDeadline] does, and with
// its parent.
type Context struct {
	parent context.Context
	done   chan struct{}

	mu       sync.Mutex
	deadline time.Time
	timer    *time.Timer
	err      error
	onEnd    func() // set by package context, for the derived context
}

// New returns a Context, a context for handlers that is derived from it, and a function that ends both and releases
// their resources. The derived context is of package context's own type, so that deriving from it starts no goroutine.
func New(parent context.Context) (c *Context, derived context.Context, cancel func()) {
	c = &Context{parent: parent, done: make(chan struct{})}
	derived, cancelDerived := context.WithCancel(c)
	detach := context.AfterFunc(parent, func() { c.end(parent.Err()) })
	return c, derived, func() {
		detach()
		c.Limit(0)
		cancelDerived()
	}
}

// Limit sets the deadline to d from now, in place of an earlier one. Zero and less set none.
func (c *Context) Limit(d time.Duration) {
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

func (c *Context) end(err error) {
	c.mu.Lock()
	if c.err != nil {
		c.mu.Unlock()
		return
	}
	c.err = err
	close(c.done)
	onEnd := c.onEnd
	c.mu.Unlock()
	if onEnd != nil {
		onEnd()
	}
}

// AfterFunc registers f, once: package context calls it for the derived context.
func (c *Context) AfterFunc(f func()) (stop func() bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.onEnd = f
	if c.err != nil {
		go f()
	}
	return func() bool {
		c.mu.Lock()
		defer c.mu.Unlock()
		stopped := c.onEnd != nil && c.err == nil
		c.onEnd = nil
		return stopped
	}
}

// Deadline returns the earlier one of the late deadline and the parent's.
func (c *Context) Deadline() (time.Time, bool) {
	c.mu.Lock()
	own := c.deadline
	c.mu.Unlock()
	deadline, ok := c.parent.Deadline()
	if own.IsZero() || ok && deadline.Before(own) {
		return deadline, ok
	}
	return own, true
}

// Done returns a channel that is closed when the context ends.
func (c *Context) Done() <-chan struct{} { return c.done }

// Err returns why the context ended, or nil.
func (c *Context) Err() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.err
}

// Value returns a value of the parent.
func (c *Context) Value(key any) any { return c.parent.Value(key) }
