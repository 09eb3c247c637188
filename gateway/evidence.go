package gateway

import (
	"context"
	"sync/atomic"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/stats"
	"google.golang.org/grpc/status"

	"github.com/statusbridge/statusbridge/internal/contract"
)

// evidence is how far a call came.
type evidence uint32

const (
	streaming   evidence = 1 << iota // the reply may have any number of messages, or none
	begun                            // no interceptor ended it before
	headerSent                       // on a connection that was ready
	headerSeen                       // the reply's
	messageSeen                      // received and decoded
	trailerSeen                      // with a status, or without one
	statusSeen                       // it had something, and no metadata: a status
)

func (e evidence) has(bits evidence) bool { return e&bits == bits }

// upstreamCall is one call's context, in which its evidence is gathered. The transport does so concurrently.
type upstreamCall struct {
	context.Context
	evidence atomic.Uint32
	ended    atomic.Uint32 // the code with which the last attempt failed; 0: it did not, or none was made
}

type upstreamCallKey struct{}

// Value finds the call itself, and whatever its context holds.
func (c *upstreamCall) Value(key any) any {
	if key == (upstreamCallKey{}) {
		return c
	}
	return c.Context.Value(key)
}

// failed adds the evidence to an error of the call. One without a status is an interceptor's, and says all it can.
func (c *upstreamCall) failed(err error, trailer metadata.MD) error {
	carrier := contract.FindCarrier(err)
	if carrier == nil {
		return err
	}
	seen := evidence(c.evidence.Load())
	switch code := carrier.GRPCStatus().Code(); code {
	case codes.Canceled, codes.DeadlineExceeded:
		if c.ended.Load() != uint32(code) {
			seen &= streaming | begun // the call's context ended between two attempts
		}
	}
	return &callError{err: err, evidence: seen, trailer: trailer}
}

// callError is the error of a call with its evidence.
type callError struct {
	err      error
	evidence evidence
	trailer  metadata.MD // of a stream, for which grpc-gateway does not ask
}

func (e *callError) Error() string { return e.err.Error() }
func (e *callError) Unwrap() error { return e.err }

// GRPCStatus is the status as the call ended with it, as the status package reads it.
func (e *callError) GRPCStatus() *status.Status {
	st, _ := status.FromError(e.err)
	return st
}

// evidenceCollector is the stats handler that writes the evidence down.
type evidenceCollector struct{}

// TagRPC is called for each attempt: what an earlier one saw no longer counts.
func (evidenceCollector) TagRPC(ctx context.Context, _ *stats.RPCTagInfo) context.Context {
	if c, ok := ctx.Value(upstreamCallKey{}).(*upstreamCall); ok {
		c.evidence.Store(c.evidence.Load()&uint32(streaming) | uint32(begun))
		c.ended.Store(0)
	}
	return ctx
}

func (evidenceCollector) HandleRPC(ctx context.Context, event stats.RPCStats) {
	var seen evidence
	switch event := event.(type) {
	case *stats.OutHeader:
		seen = headerSent
	case *stats.InHeader:
		seen = headerSeen
	case *stats.InPayload:
		seen = messageSeen
	case *stats.InTrailer:
		seen = trailerSeen
		if event.WireLength > 0 && len(event.Trailer) == 0 {
			seen |= statusSeen
		}
	case *stats.End:
		if c, ok := ctx.Value(upstreamCallKey{}).(*upstreamCall); ok {
			c.ended.Store(uint32(status.Code(event.Error)))
		}
		return
	default:
		return
	}
	if c, ok := ctx.Value(upstreamCallKey{}).(*upstreamCall); ok {
		c.evidence.Or(uint32(seen))
	}
}

func (evidenceCollector) TagConn(ctx context.Context, _ *stats.ConnTagInfo) context.Context {
	return ctx
}
func (evidenceCollector) HandleConn(context.Context, stats.ConnStats) {}
