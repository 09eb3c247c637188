package upstream

import (
	"context"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/stats"
	"google.golang.org/grpc/status"
)

// evidence says how far a call came.
type evidence uint16

const (
	streaming   evidence = 1 << iota // the reply may have any number of messages
	interrupted                      // an interceptor of the user's made the error
	begun                            // an attempt was made
	headerSent                       // on a connection that was ready
	headerSeen                       // the reply's header arrived
	trailerSeen                      // the reply's trailer ended the call
	statusAlone                      // that trailer contained a status and no metadata
	overdue                          // the deadline had passed when the call failed
	oversized                        // the status names the size of a message that was sent
)

func (e evidence) has(bits evidence) bool { return e&bits == bits }

// deadlineSlack is how long before its deadline a call may fail because of it. A proxy that knows the deadline resets
// the call when its own timer fires. The reset can arrive before the timer of this process fires, since timers and the
// grpc-timeout header have a resolution of about a millisecond.
const deadlineSlack = 5 * time.Millisecond

// isOverdue reports whether the deadline of a context explains a failure at the given time.
func isOverdue(ctx context.Context, at time.Time) bool {
	deadline, ok := ctx.Deadline()
	return ok && !at.Add(deadlineSlack).Before(deadline)
}

// attempt is the context of one attempt at a call, and gathers its evidence. grpc-go reports events from several
// goroutines, also after the end of the attempt.
type attempt struct {
	context.Context

	mu        sync.Mutex
	ended     bool
	seen      evidence
	header    metadata.MD
	trailer   metadata.MD // as the call ended with it
	largest   int         // message that was sent
	packed    int         // the same, as the largest was compressed
	trailers  int         // frames
	bare      bool        // the first of them is without metadata
	code      codes.Code
	endedTime time.Time
}

type attemptKey struct{}

// Value returns the attempt itself, or what its context holds.
func (a *attempt) Value(key any) any {
	if key == (attemptKey{}) {
		return a
	}
	return a.Context.Value(key)
}

// note records an event. Events after the end of the attempt do not count: grpc-go reports a frame that the same
// segment contained after the one that ended the call.
func (a *attempt) note(event stats.RPCStats) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.ended {
		return
	}
	switch event := event.(type) {
	case *stats.OutHeader:
		a.seen |= headerSent
	case *stats.OutPayload:
		a.largest, a.packed = max(a.largest, event.Length), max(a.packed, event.CompressedLength)
	case *stats.InHeader:
		a.seen |= headerSeen
		a.header = event.Header
	case *stats.InTrailer:
		a.trailers++
		if a.trailers == 1 && len(event.Trailer) == 0 {
			a.bare = true
			if event.WireLength > 0 {
				a.seen |= statusAlone
			}
		}
	case *stats.End:
		a.ended, a.trailer, a.code, a.endedTime = true, event.Trailer, status.Code(event.Error), event.EndTime
		a.seen |= a.endedByTrailer()
	}
}

// endedByTrailer returns trailerSeen if the trailer ended the call. The End event has that trailer. A reset, an HTTP
// page or a deadline ends a call without a trailer, although one may be reported just after it. The End event does not
// show a trailer without metadata. Such a trailer is sent only after a header, since the trailer of a reply without a
// header has a content-type.
func (a *attempt) endedByTrailer() evidence {
	if len(a.trailer) > 0 || a.bare && a.seen.has(headerSeen) {
		return trailerSeen
	}
	return 0
}

// names reports whether a text names the size of a message that was sent, or a limit below that size. A server that
// refuses a message for its size does so.
func (a *attempt) names(text string) bool {
	if limit, ok := strings.CutPrefix(text, "grpc: received message after decompression larger than max "); ok {
		n, err := strconv.Atoi(limit)
		return err == nil && n < a.largest
	}
	for _, word := range strings.FieldsFunc(text, func(r rune) bool { return r < '0' || r > '9' }) {
		if n, err := strconv.Atoi(word); err == nil && n > 0 && (n == a.largest || n == a.packed) {
			return true
		}
	}
	return false
}

// collector is the stats handler that gathers the evidence.
type collector struct{}

// TagRPC is called for each attempt. Evidence of an earlier attempt does not count.
func (collector) TagRPC(ctx context.Context, _ *stats.RPCTagInfo) context.Context {
	c, ok := ctx.Value(callKey{}).(*call)
	if !ok {
		return ctx
	}
	a := &attempt{Context: ctx, seen: begun}
	c.last.Store(a)
	return a
}

func (collector) HandleRPC(ctx context.Context, event stats.RPCStats) {
	if a, ok := ctx.Value(attemptKey{}).(*attempt); ok {
		a.note(event)
	}
}

func (collector) TagConn(ctx context.Context, _ *stats.ConnTagInfo) context.Context { return ctx }
func (collector) HandleConn(context.Context, stats.ConnStats)                       {}

// call is the context of a call, which knows its last attempt.
type call struct {
	context.Context
	streaming bool
	last      atomic.Pointer[attempt]
}

type callKey struct{}

// Value returns the call itself, or what its context holds.
func (c *call) Value(key any) any {
	if key == (callKey{}) {
		return c
	}
	return c.Context.Value(key)
}
