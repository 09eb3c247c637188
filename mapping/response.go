package mapping

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/types/known/anypb"
	"google.golang.org/protobuf/types/known/durationpb"

	"github.com/statusbridge/statusbridge/internal/contract"
)

// FromResponse reads an answer of the REST API. It returns nil for a 2xx, and for any other status an [*Error] with
// exactly that status:
//
//	if err := mapping.FromResponse(response); err != nil {
//		return nil, err
//	}
//
// The message and the details come from the documented error body, or from what else an API in its place answers
// with: application/problem+json (RFC 9457), and the google.rpc.Status that grpc-gateway writes by itself, whose code
// is kept, and which under a 5xx is read as [FromError] reads a status: its message goes on to gRPC callers, not to
// clients of a gateway. Any other body, one of another charset, and one that is not whole leaves the page's sentence as
// the message.
// A Retry-After becomes a google.rpc.RetryInfo of the status (RFC 9110 section 10.2.3), as does without one the RetryInfo
// of a google.rpc.Status.
//
// At most 64 KiB of the body are read, and the read ends with the context of the response's request; closing the body
// is left to the caller. What was read of a body whose message is not kept is the cause, for logs.
func FromResponse(response *http.Response) error {
	if response == nil {
		return FromError(errors.New("mapping: there is no response"))
	}
	if response.StatusCode >= 200 && response.StatusCode <= 299 {
		return nil
	}
	e := &Error{HTTPStatus: response.StatusCode}
	code := e.code()
	body, err := readBody(response)
	answer, ok := parseBody(response.Header, body)
	ok = ok && err == nil
	if delay := retryAfter(response.Header); delay.IsValid() {
		answer.retry = &errdetails.RetryInfo{RetryDelay: delay}
	}
	switch {
	case !ok:
		e.cause = newResponseError(response, body, err)
	case answer.code != codes.OK && response.StatusCode >= http.StatusInternalServerError:
		// What a grpc-gateway by itself passes on under a 5xx is what a backend says of its inside.
		if rpcStatus[answer.code] == response.StatusCode {
			return FromError(answer.status())
		}
		e.cause = newResponseError(response, body, nil)
	default:
		e.Message, e.Details = answer.message, answer.details
		if answer.code != codes.OK && rpcStatus[answer.code] == response.StatusCode {
			code = answer.code
		}
	}
	if e.Message == "" {
		e.Message = contract.Meaning(e.effectiveStatus())
	}
	e.origin = &origin{
		code:       code,
		httpStatus: e.HTTPStatus,
		message:    e.Message,
		details:    e.Details,
		carried:    carry(answer.retry),
	}
	return e
}

// rpcStatus is the HTTP status that google/rpc/code.proto gives each code, and that grpc-gateway answers with by
// itself. A body whose code belongs to another status is not believed about the code.
var rpcStatus = map[codes.Code]int{
	codes.Canceled:           499,
	codes.Unknown:            500,
	codes.InvalidArgument:    400,
	codes.DeadlineExceeded:   504,
	codes.NotFound:           404,
	codes.AlreadyExists:      409,
	codes.PermissionDenied:   403,
	codes.ResourceExhausted:  429,
	codes.FailedPrecondition: 400,
	codes.Aborted:            409,
	codes.OutOfRange:         400,
	codes.Unimplemented:      501,
	codes.Internal:           500,
	codes.Unavailable:        503,
	codes.DataLoss:           500,
	codes.Unauthenticated:    401,
}

// responseError is an answer that says nothing in a form that is known.
type responseError struct {
	status string
	body   string
	err    error
}

// shownLimit is how much of a body, or of a status line, goes to a log.
const shownLimit = 2 << 10

func newResponseError(response *http.Response, body []byte, err error) *responseError {
	// A byte more than the limit, so that the cut is marked, and not the whole, which would be held with the error.
	text := contract.ValidUTF8(string(body[:min(len(body), shownLimit+1)]))
	return &responseError{
		status: contract.Cut(contract.ValidUTF8(response.Status), shownLimit),
		body:   contract.Cut(text, shownLimit),
		err:    err,
	}
}

func (e *responseError) Error() string {
	text := fmt.Sprintf("answered %q", e.status)
	if e.body != "" {
		text += fmt.Sprintf(" with %q", e.body)
	}
	if e.err != nil {
		text += ": " + e.err.Error()
	}
	return text
}

func (e *responseError) Unwrap() error { return e.err }

// retryAfter is what a Retry-After asks for: seconds, or the time until a date, counted by the server's clock where it
// told it. Without one it is nil.
func retryAfter(header http.Header) *durationpb.Duration {
	value := header.Get("Retry-After")
	if seconds, err := strconv.ParseUint(value, 10, 63); err == nil {
		return &durationpb.Duration{Seconds: int64(seconds)}
	}
	date, err := http.ParseTime(value)
	if err != nil {
		return nil
	}
	now := time.Now()
	if told, err := http.ParseTime(header.Get("Date")); err == nil {
		now = told
	}
	return durationpb.New(max(0, date.Sub(now)))
}

// carry makes a status detail of what there is.
func carry(retry *errdetails.RetryInfo) []*anypb.Any {
	if retry == nil {
		return nil
	}
	detail, err := anypb.New(retry)
	if err != nil {
		return nil
	}
	return []*anypb.Any{detail}
}

// contextOf is the context that the response's request was made with.
func contextOf(response *http.Response) context.Context {
	if response.Request == nil {
		return context.Background()
	}
	return response.Request.Context()
}
