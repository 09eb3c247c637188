package mapping

import (
	"google.golang.org/protobuf/types/known/anypb"

	"github.com/statusbridge/statusbridge/internal/contract"
)

// FromError reads any error as one of the contract. It returns nil for nil, and otherwise an Error whose
// HTTPStatus is never a success:
//
//   - an [Error] anywhere in the chain is what it says, unless another status comes first;
//   - a gRPC status anywhere in the chain leaves by the table, refined by its statusbridge.v1.Error detail; its own
//     message counts, not the text of the errors around it. A status that is OK inside an error is 500;
//   - a context that ended, an os deadline or a network time-out is 504, a cancelled context 503; a cause that was given
//     to context.WithCancelCause and the like stands for itself;
//   - a connection that is refused, reset, not found by DNS or not trusted by TLS is 503, and so is whatever else
//     http.Client.Do returns, a request that could not be sent among it;
//   - grpc-gateway's runtime.HTTPStatusError has its status, and the message of the status inside it;
//   - every other error is 500.
//
// Message is only what a client may read: the message of a status under a 4xx, or what a service attached for the
// client; otherwise it is the page's sentence. The error itself stays the cause, for logs.
//
// The result is an *Error and not an error, so that its fields can be read. Mind that a nil *Error in an error
// interface is not nil: check err before you return FromError(err).
func FromError(err error) *Error {
	if err == nil {
		return nil
	}
	if carried, ok := contract.FindCarrier(err).(*Error); ok && carried != nil {
		if carried.HTTPStatus >= 200 && carried.HTTPStatus <= 299 {
			failed := *carried
			failed.HTTPStatus, failed.cause = carried.effectiveStatus(), err
			return &failed
		}
		if err == error(carried) { //nolint:errorlint // the question is whether anything is around it
			return carried
		}
		outer := *carried
		outer.cause = err
		return &outer
	}
	r := contract.Read(err)
	httpStatus := r.HTTPStatus()
	var carried []*anypb.Any
	if r.Status == nil {
		if chosen, inner, ok := gatewayError(err); ok {
			r = contract.Read(inner)
			httpStatus = r.HTTPStatus()
			if contract.IsError(chosen) {
				carried = decode(r.Status).carried
				r.Status, r.Code, httpStatus = nil, contract.GRPCCode(chosen), chosen
			}
		}
	}
	e := &Error{
		HTTPStatus: httpStatus,
		Message:    r.Message(httpStatus),
		Details:    r.Details(httpStatus),
		cause:      err,
	}
	e.origin = &origin{
		status:     r.Status,
		code:       r.Code,
		httpStatus: e.HTTPStatus,
		message:    e.Message,
		details:    e.Details,
		carried:    carried,
	}
	return e
}
