package mapping

import (
	"net/http"
	"strconv"
	"strings"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/anypb"

	"github.com/statusbridge/statusbridge/internal/contract"
)

// Error is an error with the HTTP status that it shall reach the client under, and the documented error body.
// A gRPC handler can return it as it is: it carries a gRPC status, see [Error.GRPCStatus].
type Error struct {
	// HTTPStatus is the status, 400..599. Anything else is a mistake and leaves as 500, never as a success.
	HTTPStatus int
	// Message is the text for the client. Empty means the page's sentence for the status.
	Message string
	// Details is more for the client: which fields, which limits, what to do. Empty means none.
	Details string

	cause    error
	explicit bool // the cause's text was kept out of the message
	origin   *origin
}

// origin is the status that an Error was read from, so that passing it on loses nothing.
type origin struct {
	status     *status.Status
	code       codes.Code
	httpStatus int
	message    string
	details    string
	carried    []*anypb.Any // details that came otherwise than in a status
}

// Error describes the error for a log, its cause included. It is not what the client reads.
func (e *Error) Error() string {
	if e == nil {
		return "<nil>"
	}
	var b strings.Builder
	b.WriteString(strconv.Itoa(e.HTTPStatus))
	if text := http.StatusText(e.HTTPStatus); text != "" {
		b.WriteString(" " + text)
	}
	if e.Message != "" {
		b.WriteString(": " + e.Message)
	}
	if e.Details != "" {
		b.WriteString(" (" + e.Details + ")")
	}
	if e.cause != nil {
		b.WriteString(": " + e.cause.Error())
	}
	return b.String()
}

// Unwrap returns the cause, which is never sent to a client: what [Errorf] wrapped, or what [FromError] read.
func (e *Error) Unwrap() error {
	if e == nil {
		return nil
	}
	return e.cause
}

// GRPCStatus returns the status that leaves the service: the code of the table for the HTTP status, the message,
// and a statusbridge.v1.Error detail where the two alone would lose something (a status that no code leaves as,
// Details, or a message that is meant for the client under a 5xx). It is what grpc-go sends for a handler that
// returns the error, and it is never OK; it is nil only for a nil Error.
//
// An Error that [FromError] read from a status gives that status back, with all its details, unless its fields
// were changed since.
//
// The status costs at most 4 KiB of trailers, because a client may drop a call whose trailers pass its limit. What is
// too much is given up in this order: details of other types, then the ends of the texts, of which the longest is cut
// first; a text that was cut ends in an ellipsis.
func (e *Error) GRPCStatus() *status.Status {
	if e == nil {
		return nil
	}
	if o := e.origin; o != nil && o.status != nil &&
		o.httpStatus == e.HTTPStatus && o.message == e.Message && o.details == e.Details {
		if fits(o.status) {
			return o.status
		}
		return decode(o.status).fit()
	}
	return e.encode().fit()
}

// effectiveStatus is the status that the error leaves under: an error never becomes a success.
func (e *Error) effectiveStatus() int {
	if contract.IsError(e.HTTPStatus) {
		return e.HTTPStatus
	}
	return http.StatusInternalServerError
}

// code is the gRPC code of the error: the one it was read with, as long as it still means the same status. It is never
// OK.
func (e *Error) code() codes.Code {
	if e.origin != nil && e.origin.httpStatus == e.HTTPStatus {
		return e.origin.code
	}
	if code := contract.GRPCCode(e.HTTPStatus); code != codes.OK {
		return code
	}
	return codes.Internal
}
