package upstream

import (
	"errors"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/statusbridge/statusbridge/internal/contract"
)

// callError is the error of a call with its evidence.
type callError struct {
	err             error
	seen            evidence
	header, trailer metadata.MD
}

func (e *callError) Error() string { return e.err.Error() }
func (e *callError) Unwrap() error { return e.err }

// GRPCStatus returns the status with which the call ended, as the status package reads it.
func (e *callError) GRPCStatus() *status.Status {
	st, _ := status.FromError(e.err)
	return st
}

// Trailer returns the trailer metadata of the failed call in the chain of err, and nil without evidence.
func Trailer(err error) metadata.MD {
	if e, ok := errors.AsType[*callError](err); ok {
		return e.trailer
	}
	return nil
}

// failed adds the evidence to an error of the call. An error without a status is an interceptor's, and needs none.
func (c *call) failed(err error) error {
	carrier := contract.FindCarrier(err)
	if carrier == nil {
		return err
	}
	if _, ok := carrier.(*callError); ok {
		return err // the options were given twice
	}
	e := &callError{err: err}
	if c.streaming {
		e.seen = streaming
	}
	a := c.last.Load()
	if a == nil {
		if isOverdue(c, time.Now()) {
			e.seen |= overdue
		}
		return e
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	at := a.endedTime
	if at.IsZero() {
		at = time.Now()
	}
	if isOverdue(a, at) {
		e.seen |= overdue
	}
	st := e.GRPCStatus()
	switch code := st.Code(); code {
	case codes.Canceled, codes.DeadlineExceeded:
		if a.code != code {
			e.seen |= begun // the context of the call ended between two attempts
			return e
		}
	case codes.ResourceExhausted:
		if a.names(st.Message()) {
			e.seen |= oversized
		}
	}
	e.seen |= a.seen
	e.header, e.trailer = a.header, a.trailer
	return e
}

// intercepted marks an error that an interceptor of the user's made, or translated.
func intercepted(err error) error {
	carrier := contract.FindCarrier(err)
	if carrier == nil {
		return err
	}
	if _, ok := carrier.(*callError); ok {
		return err
	}
	return &callError{err: err, seen: interrupted, trailer: Trailer(err)}
}
