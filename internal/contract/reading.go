package contract

import (
	"errors"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// Carrier is an error with a gRPC status: the errors of grpc-go's status package, mapping.Error, and the errors of
// other libraries with the same method.
type Carrier interface {
	error
	GRPCStatus() *status.Status
}

// Reading contains everything that an error says. How much of it a client may read depends on the HTTP status.
type Reading struct {
	// Status is the gRPC status of the error, or nil.
	Status *status.Status
	// Code is the code of the status. Without a status it is the meaning of the error. It is never OK.
	Code codes.Code
	// Claimed is the HTTP status of a statusbridge.v1.Error detail, if it is 400..599. Otherwise it is 0. The caller
	// decides whether the status may be sent.
	Claimed int
	// Text is the message of the status. It is meant for the client only under a 4xx.
	Text string
	// ClientText is the message that a service attached for the client, in a LocalizedMessage or in a
	// statusbridge.v1.Error.
	ClientText string
	// Own is the statusbridge.v1.Error detail.
	Own ErrorDetail
	// Listed is the text of the detail types that clients read under a 4xx.
	Listed string
	// Detailed reports whether the status has details of any type.
	Detailed bool
	// RetryAfter is the delay of a RetryInfo in whole seconds, rounded up. It is negative without a RetryInfo.
	RetryAfter int64
	// Reason and Domain are those of an ErrorInfo. They are for observers.
	Reason, Domain string
	// RequestID is that of a RequestInfo. It is for observers.
	RequestID string
}

// Read reads a non-nil error. The outermost status of the chain comes first, at any depth. Without a status, context
// errors come before time-outs, and time-outs before broken connections. The text of an error without a status is a
// cause and not a message, so it is not read.
func Read(err error) Reading {
	return ReadCarrier(err, FindCarrier(err))
}

// ReadCarrier is Read for callers that have already found the carrier of the error.
func ReadCarrier(err error, carrier Carrier) Reading {
	r := Reading{RetryAfter: -1}
	if carrier == nil {
		r.Code = meaningOf(err)
		return r
	}
	st := carrier.GRPCStatus()
	if st.Code() == codes.OK {
		// A status that is missing or OK inside an error is a mistake of the program that made it.
		r.Code = codes.Internal
		return r
	}
	r.Status, r.Code, r.Text = st, st.Code(), st.Message()
	r.readDetails(st)
	return r
}

// FindCarrier returns the outermost error of the chain that has a gRPC status, or nil.
func FindCarrier(err error) Carrier {
	if carrier, ok := err.(Carrier); ok {
		return carrier
	}
	carrier, _ := errors.AsType[Carrier](err)
	return carrier
}

// HTTPStatus returns the HTTP status of the error for a reader that accepts every claimed status.
func (r *Reading) HTTPStatus() int {
	if r.Claimed != 0 {
		return r.Claimed
	}
	return HTTPStatus(r.Code)
}

// Message returns the message for a client that receives the given status: the attached message, the status's own
// message under a 4xx, or the documented sentence.
func (r *Reading) Message(httpStatus int) string {
	if r.ClientText != "" {
		return r.ClientText
	}
	if httpStatus < 500 && r.Text != "" {
		return r.Text
	}
	return Meaning(httpStatus)
}

// Details returns the details for a client that receives the given status. The service's own text comes first. Under
// a 4xx, the text of the other details follows in their order.
func (r *Reading) Details(httpStatus int) string {
	if httpStatus >= 500 || r.Listed == "" {
		return r.Own.Details
	}
	if r.Own.Details == "" {
		return r.Listed
	}
	return r.Own.Details + "; " + r.Listed
}
