package mapping

import (
	"google.golang.org/protobuf/types/known/anypb"

	"github.com/statusbridge/statusbridge/internal/contract"
)

// FromError reads any error as an Error. It returns nil for nil. Otherwise the HTTPStatus of the result is never a
// success:
//
//   - An [Error] anywhere in the chain is returned, with the whole chain as its cause.
//   - A gRPC status anywhere in the chain is mapped by the status table, or by its statusbridge.v1.Error detail. The
//     texts of the errors around it do not count. A status that is OK inside an error is 500.
//   - Errors of connect-go, Twirp, gax-go, google.golang.org/api/googleapi and client-go keep their status, their
//     message and their Retry-After, and so does grpc-gateway's runtime.HTTPStatusError. None of these packages is
//     imported. For the errors of other clients, see the example.
//   - An expired context, an expired deadline and a network time-out are 504. A cancelled context is 503.
//   - A connection that is refused, reset, not found by DNS or not trusted by TLS is 503. The same is true of every
//     other error of http.Client.Do, except for a URL that does not parse.
//   - Every other error is 500.
//
// Message is what a client may read: the message of a status under a 4xx, or what a service attached for clients.
// Otherwise it is the documented sentence. The error itself is the cause, for logs.
//
// The result is an *Error, so that its fields can be read. A nil *Error in a variable of type error is not nil, so
// check err before you return FromError(err).
func FromError(err error) *Error {
	if err == nil {
		return nil
	}
	carrier := contract.FindCarrier(err)
	if e, _ := foreignError(err, err, carrier != nil); e != nil {
		return e
	}
	if carried, ok := carrier.(*Error); ok && carried != nil {
		return wrapped(carried, err)
	}
	return fromReading(contract.ReadCarrier(err, carrier), err)
}

// wrapped returns an Error that was found in the chain of err.
func wrapped(carried *Error, err error) *Error {
	success := carried.HTTPStatus >= 200 && carried.HTTPStatus <= 299
	if err == error(carried) && !success { //nolint:errorlint // asks whether an error wraps it
		return carried
	}
	outer := *carried
	outer.cause, outer.base = err, carried
	if success {
		outer.HTTPStatus, outer.cause = carried.effectiveStatus(), withMistake(notAnError(carried.HTTPStatus), err)
	}
	return &outer
}

// fromReading returns the Error for a reading of a status, or of an error without one.
func fromReading(r contract.Reading, cause error) *Error {
	e := withStatus(r, r.HTTPStatus(), cause)
	e.source.status = r.Status
	return e
}

// withStatus returns the Error for a reading under another HTTP status than its own.
func withStatus(r contract.Reading, httpStatus int, cause error, others ...*anypb.Any) *Error {
	e := &Error{
		HTTPStatus: httpStatus,
		Message:    r.Message(httpStatus),
		Details:    r.Details(httpStatus),
		cause:      cause,
	}
	e.source = &source{
		code:       r.Code,
		httpStatus: e.HTTPStatus,
		message:    e.Message,
		details:    e.Details,
		own:        r.Own,
		others:     others,
	}
	return e
}
