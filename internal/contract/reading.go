package contract

import (
	"context"
	"errors"
	"os"
	"slices"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// Carrier is an error that knows its gRPC status: what grpc-go's status package returns, mapping.Error, and the
// error types of other libraries that followed them.
type Carrier interface {
	error
	GRPCStatus() *status.Status
}

// Reading is what an error says, before anyone decides how much of it a client may read.
type Reading struct {
	// Status is the gRPC status that the error carries, nil when it carries none.
	Status *status.Status
	// Code is the status's code, or what the error means without one. It is never OK.
	Code codes.Code
	// Claimed is the HTTP status that a statusbridge.v1.Error detail claims, 0 without a claim of 400..599. Whether
	// the claim is honoured is for the reader to decide.
	Claimed int
	// Text is the status's message. It is meant for the client only under a 4xx.
	Text string
	// ClientText is the message that a service attached for the client.
	ClientText string
	// Detailed reports whether the status has details, of whatever type.
	Detailed bool
	// RetryAfter is the delay of a google.rpc.RetryInfo detail in whole seconds, rounded up; negative without one.
	RetryAfter int64

	details    string
	violations string
}

// Read reads a non-nil error. A status that somebody attached on purpose, at any depth, comes before what the
// chain's other errors mean; context errors come before time-outs, time-outs before broken connections. The text
// of an error without a status is not read at all: it is a cause, not a message.
func Read(err error) (r Reading) {
	r.Read(err, FindCarrier(err))
	return r
}

// Read is Read into an empty reading, which is no small thing to copy, for who knows what FindCarrier says of the error.
func (r *Reading) Read(err error, carrier Carrier) {
	r.RetryAfter = -1
	if carrier != nil {
		r.readStatus(carrier.GRPCStatus())
		return
	}
	r.Code = meaningOf(err)
}

// FindCarrier returns the outermost error of the chain that carries a gRPC status, or nil.
func FindCarrier(err error) Carrier {
	if carrier, ok := err.(Carrier); ok {
		return carrier
	}
	carrier, _ := errors.AsType[Carrier](err)
	return carrier
}

// A status that is missing, or that claims OK inside an error, is a defect of whoever made it.
func (r *Reading) readStatus(st *status.Status) {
	r.Code = st.Code()
	if r.Code == codes.OK {
		r.Code = codes.Internal
		return
	}
	r.Status, r.Text = st, st.Message()
	r.readDetails(st)
}

func meaningOf(err error) codes.Code {
	if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, os.ErrDeadlineExceeded) {
		return codes.DeadlineExceeded
	}
	if errors.Is(err, context.Canceled) {
		return codes.Canceled
	}
	if timedOut(err) {
		return codes.DeadlineExceeded
	}
	if isUnreachable(err) {
		return codes.Unavailable
	}
	return codes.Unknown
}

// timedOut reports whether any error of the chain says that it is a time-out; one around it may not pass that on.
func timedOut(err error) bool {
	for err != nil {
		if timeout, ok := err.(interface{ Timeout() bool }); ok && timeout.Timeout() {
			return true
		}
		switch wrapper := err.(type) {
		case interface{ Unwrap() error }:
			err = wrapper.Unwrap()
		case interface{ Unwrap() []error }:
			return slices.ContainsFunc(wrapper.Unwrap(), timedOut)
		default:
			return false
		}
	}
	return false
}

// HTTPStatus is the status of the error for a reader that honours every claim.
func (r *Reading) HTTPStatus() int {
	if r.Claimed != 0 {
		return r.Claimed
	}
	return HTTPStatus(r.Code)
}

// Message is what a client may read when the error leaves under the given status: what was attached for it, the
// status's own message under a 4xx, and the page's sentence otherwise.
func (r *Reading) Message(httpStatus int) string {
	switch {
	case r.ClientText != "":
		return r.ClientText
	case httpStatus < 500 && r.Text != "":
		return r.Text
	default:
		return Meaning(httpStatus)
	}
}

// Details is the `details` text for a client under the given status. Under a 4xx, where the service attached none,
// the violations of google.rpc.BadRequest details read as `field: what; field: what`.
func (r *Reading) Details(httpStatus int) string {
	if r.details != "" || httpStatus >= 500 {
		return r.details
	}
	return Cut(r.violations, violationsLimit)
}
