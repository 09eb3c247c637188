package mapping

import (
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/anypb"

	"github.com/statusbridge/statusbridge/internal/contract"
)

// Error is an error with the HTTP status that the client receives, and the texts of the documented error body. A gRPC
// handler can return it: [Error.GRPCStatus] makes it a gRPC status.
type Error struct {
	// HTTPStatus is the status, 400..599. Any other status is a mistake. The client then receives 500, never a success.
	HTTPStatus int
	// Message is the text for the client. If it is empty, the client reads the documented sentence of the status.
	Message string
	// Details is more text for the client: which fields, which limits, what to do. It may be empty.
	Details string

	cause       error
	hidesCause  bool         // the cause is not part of Message
	grpcMessage string       // the message for gRPC callers, if it differs from Message
	attached    []*anypb.Any // the details of WithDetails
	base        *Error       // the error that WithDetails was called on
	source      *source
}

// source is what an Error was read from. If its fields were not changed, the Error returns the same status.
type source struct {
	status     *status.Status
	code       codes.Code
	httpStatus int
	message    string
	details    string
	own        contract.ErrorDetail // its Details do not contain the text of other details
	others     []*anypb.Any         // the details of other types, if status is nil
}

// Error describes the error and its cause for a log. Clients read Message and Details instead.
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

// Unwrap returns the cause: the error that [Errorf] wrapped, or that [FromError] read. It is never sent to a client.
func (e *Error) Unwrap() error {
	if e == nil {
		return nil
	}
	return e.cause
}

// Is reports whether target is the Error that [Error.WithDetails] was called on. A service can therefore compare an
// error with its own variable after it attached details.
func (e *Error) Is(target error) bool {
	if e == nil {
		return false
	}
	for base := e.base; base != nil; base = base.base {
		if error(base) == target {
			return true
		}
	}
	return false
}

// LogValue returns the status, the texts and the cause as a group (see [slog.LogValuer]).
func (e *Error) LogValue() slog.Value {
	if e == nil {
		return slog.StringValue("<nil>")
	}
	attrs := []slog.Attr{slog.Int("status", e.HTTPStatus), slog.String("message", e.Message)}
	if e.Details != "" {
		attrs = append(attrs, slog.String("details", e.Details))
	}
	if e.cause != nil {
		attrs = append(attrs, slog.String("cause", e.cause.Error()))
	}
	return slog.GroupValue(attrs...)
}

// WithDetails returns a copy of the error with more status details. It does not change the error itself, so it works
// on errors that a service keeps in variables:
//
//	return nil, errInvalid.WithDetails(&errdetails.BadRequest{FieldViolations: violations})
//
// Under a 4xx, clients read BadRequest, buf.validate.Violations, PreconditionFailure, QuotaFailure, ResourceInfo and
// Help in `details`, after the text of Details. A LocalizedMessage replaces the message, and a RetryInfo becomes
// Retry-After. Other types are for gRPC callers. A message that cannot be marshalled is not attached, and the cause
// names it.
func (e *Error) WithDetails(details ...proto.Message) *Error {
	if e == nil {
		return nil
	}
	out := *e
	out.base = e
	out.attached = slices.Clone(e.attached)
	for _, detail := range details {
		if detail == nil {
			continue
		}
		encoded, err := anypb.New(detail)
		if err != nil {
			mistake := fmt.Errorf("mapping: a detail of type %T is not attached: %w", detail, err)
			out.cause = withMistake(mistake, out.cause)
			continue
		}
		out.attached = append(out.attached, encoded)
	}
	return &out
}

// GRPCStatus returns the gRPC status of the error, which grpc-go sends if a handler returns the error. It has the code
// of the status table, and the message. It also has a statusbridge.v1.Error detail if code and message alone would lose
// something. The code is never OK. The result is nil only for a nil Error.
//
// An Error that [FromError] read from a status returns that status, unless its fields were changed.
//
// The status takes at most 4 KiB of trailers, because clients may drop a call with larger ones. If it is too large,
// the text for clients is made of its details first. Then the largest details of other types are dropped, and then
// the longest texts are cut. A text that was cut ends in an ellipsis. At least 2,600 characters of ASCII arrive, or
// 880 of Chinese, Japanese or Korean, in Message and Details together.
func (e *Error) GRPCStatus() *status.Status {
	if e == nil {
		return nil
	}
	if e.unchanged() && len(e.attached) == 0 {
		if fits(e.source.status) {
			return e.source.status
		}
		return decode(e.source.status).fit()
	}
	return e.encode().fit()
}

// unchanged reports whether the fields are still those of the status that the error was read from.
func (e *Error) unchanged() bool {
	return e.keepsMessage() && e.keepsDetails() && e.source.status != nil
}

// effectiveStatus returns the status that the client receives. An error never becomes a success.
func (e *Error) effectiveStatus() int {
	if contract.IsError(e.HTTPStatus) {
		return e.HTTPStatus
	}
	return http.StatusInternalServerError
}

// code returns the gRPC code of the error. It is the code that the error was read with, unless the HTTP status was
// changed. It is never OK.
func (e *Error) code() codes.Code {
	if e.source != nil && e.source.httpStatus == e.HTTPStatus {
		return e.source.code
	}
	if code := contract.GRPCCode(e.HTTPStatus); code != codes.OK {
		return code
	}
	return codes.Internal
}

// withMistake returns a cause that names a mistake of the program, and wraps the former cause.
func withMistake(mistake, cause error) error {
	if cause == nil {
		return mistake
	}
	return fmt.Errorf("%w: %w", mistake, cause)
}
