package mapping

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/anypb"
	"google.golang.org/protobuf/types/known/durationpb"

	"github.com/statusbridge/statusbridge/internal/contract"
)

// FromResponse reads a response of the REST API. It returns nil for a 2xx, and otherwise an [*Error] with exactly the
// status of the response:
//
//	if err := mapping.FromResponse(response); err != nil {
//		return nil, err
//	}
//
// It reads at most 64 KiB of the body, until the context of the request ends. The caller closes the body. See
// [FromHTTP] for how the body is read, and for clients that have read it already.
func FromResponse(response *http.Response) error {
	if response == nil {
		return FromError(errors.New("mapping: there is no response"))
	}
	if response.StatusCode >= 200 && response.StatusCode <= 299 {
		return nil
	}
	body, err := readBody(response)
	// net/http exports no error for this, and HTTP/2 has another text.
	if err != nil && len(body) == 0 && strings.Contains(err.Error(), "closed") {
		err = fmt.Errorf("the body was closed before it was read, so pass it to FromHTTP: %w", err)
	}
	return fromHTTP(response.StatusCode, response.Status, response.Header, body, err)
}

// FromHTTP reads a response of the REST API whose body has been read, as generated clients do. It returns nil for a
// 2xx, and otherwise an [*Error] with exactly that status.
//
// Message and Details come from the documented error body, or from google.rpc.Status, as grpc-gateway, Google APIs,
// Connect and Twirp write it. A Status of Kubernetes, problem details (RFC 9457), and a member `message`, `error` or
// `detail` are read as well. The exact gRPC code and status details are kept. Under a 5xx, only the documented body,
// and the texts that a service attached for clients, become Message and Details. Any other body is the cause, for
// logs.
//
// A Retry-After becomes a google.rpc.RetryInfo of the status (RFC 9110 section 10.2.3). Without one, the RetryInfo of
// the body counts.
//
// A body of more than 64 KiB is not read, and its beginning is the cause.
//
// Pass 0 as the status to read the last message of a stream, `{"error":{…}}`, whose status is in the body.
func FromHTTP(httpStatus int, header http.Header, body []byte) error {
	if httpStatus >= 200 && httpStatus <= 299 {
		return nil
	}
	header = canonical(header)
	decoded, err := decodeBody(header, body)
	line := strconv.Itoa(httpStatus) + " " + http.StatusText(httpStatus)
	return fromHTTP(httpStatus, line, header, decoded, err)
}

// canonical returns the headers with canonical names. Clients other than net/http may keep the names of the server.
func canonical(header http.Header) http.Header {
	h := make(http.Header, len(header))
	for name, values := range header {
		name = http.CanonicalHeaderKey(name)
		h[name] = append(slices.Clip(h[name]), values...)
	}
	return h
}

// fromHTTP reads the response of an error. The error says why the body is not complete.
func fromHTTP(httpStatus int, line string, header http.Header, body []byte, err error) error {
	var read contract.Body
	ok := false
	if err == nil {
		read, ok = contract.ReadBody(httpStatus, header, body)
	}
	e := &Error{HTTPStatus: httpStatus}
	if !ok {
		e.cause = newResponseError(line, body, err)
		return e.fromBody(read, retryInfo(retryAfter(header)))
	}
	if read.HTTPStatus != 0 {
		e.HTTPStatus = read.HTTPStatus
	}
	delay := retryAfter(header)
	if read.Status != nil {
		return fromStatus(read, e.HTTPStatus, delay)
	}
	if read.Text != read.Message || read.Partial {
		e.cause = newResponseError(line, body, nil)
	}
	if delay == nil && read.RetryAfter >= 0 {
		delay = secondsOf(read.RetryAfter)
	}
	return e.fromBody(read, retryInfo(delay))
}

// fromBody completes an Error with the texts of a body that contains no gRPC status.
func (e *Error) fromBody(read contract.Body, others []*anypb.Any) *Error {
	code := e.code()
	if read.Code != codes.OK {
		code = read.Code
	}
	e.Message, e.Details = read.Message, read.Details
	if e.Message == "" {
		e.Message = contract.Meaning(e.effectiveStatus())
	}
	e.source = &source{
		code: code, httpStatus: e.HTTPStatus, message: e.Message, details: e.Details,
		own: contract.ErrorDetail{Details: e.Details}, others: others,
	}
	return e
}

// fromStatus returns the Error of a body that contains a gRPC status. A delay of the header replaces that of the body.
func fromStatus(read contract.Body, httpStatus int, delay *durationpb.Duration) *Error {
	p := read.Status.Proto()
	if delay != nil {
		details := p.GetDetails()
		p.Details = nil
		for _, detail := range details {
			if !detail.MessageIs(&errdetails.RetryInfo{}) {
				p.Details = append(p.Details, detail)
			}
		}
		p.Details = append(p.Details, retryInfo(delay)...)
	}
	st := status.FromProto(p)
	r := contract.Read(st.Err())
	var cause error
	if r.Message(httpStatus) != r.Text {
		cause = st.Err() // the message is for gRPC callers only
	}
	if r.HTTPStatus() == httpStatus {
		return fromReading(r, cause)
	}
	return withStatus(r, httpStatus, cause, decode(st).others...)
}

// responseError is a response whose body, or a part of it, is for logs only.
type responseError struct {
	line string
	body string
	err  error
}

// shownLimit bounds the text of a body, or of a status line, in a log.
const shownLimit = 2 << 10

func newResponseError(line string, body []byte, err error) *responseError {
	// One byte more than the limit, so that Cut marks the end. The error must not keep the whole body in memory.
	text := contract.ValidUTF8(string(body[:min(len(body), shownLimit+1)]))
	return &responseError{
		line: contract.Cut(contract.ValidUTF8(line), shownLimit),
		body: contract.Cut(text, shownLimit),
		err:  err,
	}
}

func (e *responseError) Error() string {
	text := fmt.Sprintf("the response is %q", e.line)
	if e.body != "" {
		text += fmt.Sprintf(" with %q", e.body)
	}
	if e.err != nil {
		text += ": " + e.err.Error()
	}
	return text
}

func (e *responseError) Unwrap() error { return e.err }

// retryAfter returns the delay of a Retry-After: seconds, or the time until a date. If the server sent a Date, its
// clock counts. The result is nil without a valid delay.
func retryAfter(header http.Header) *durationpb.Duration {
	value := header.Get("Retry-After")
	if seconds, err := strconv.ParseUint(value, 10, 63); err == nil {
		return secondsOf(int64(seconds))
	}
	date, err := http.ParseTime(value)
	if err != nil {
		return nil
	}
	now := time.Now()
	if sent, err := http.ParseTime(header.Get("Date")); err == nil {
		now = sent
	}
	return durationpb.New(max(0, date.Sub(now)))
}

// secondsOf returns a delay, or nil if it is longer than google/protobuf/duration.proto allows.
func secondsOf(seconds int64) *durationpb.Duration {
	if delay := (&durationpb.Duration{Seconds: seconds}); delay.IsValid() {
		return delay
	}
	return nil
}

// retryInfo returns a status detail with the delay. The result is empty if the delay is nil.
func retryInfo(delay *durationpb.Duration) []*anypb.Any {
	if delay == nil {
		return nil
	}
	detail, err := anypb.New(&errdetails.RetryInfo{RetryDelay: delay})
	if err != nil {
		return nil
	}
	return []*anypb.Any{detail}
}
