package gateway

import (
	"errors"
	"net/http"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/grpc/codes"

	"github.com/statusbridge/statusbridge/internal/contract"
	"github.com/statusbridge/statusbridge/internal/upstream"
)

// answer is what leaves for an error.
type answer struct {
	httpStatus int
	code       codes.Code
	origin     Origin
	message    string
	details    string
	retryAfter int64 // seconds; negative: none
}

var errUnexplained = errors.New("gateway: an error handler was called without an error")

// answerTo decides what a client reads of an error.
func (c *config) answerTo(err error, from upstream.Source) answer {
	carrier, claimed := contract.FindCarrier(err), 0
	for carrier == nil {
		routed, ok := asHTTPStatusError(err)
		if !ok {
			break
		}
		err = routed.Err
		carrier = contract.FindCarrier(err)
		if claimed == 0 {
			claimed = routed.HTTPStatus
		}
	}
	if err == nil {
		err = errUnexplained
	}
	var r contract.Reading
	r.Read(err, carrier)
	if !contract.IsError(claimed) || !c.honours(claimed) {
		claimed = r.Claimed
	} else if r.Status == nil {
		r.Code = contract.GRPCCode(claimed)
	}
	d := upstream.Diagnose(err, &r, from, c.localReply)
	httpStatus := c.httpStatus(r.Code)
	switch {
	case claimed != 0 && c.honours(claimed):
		httpStatus = claimed
	case d.HTTPStatus != 0:
		httpStatus = d.HTTPStatus
	}
	message := d.Message
	if message == "" {
		message = c.message(err, &r, httpStatus)
	}
	return answer{
		httpStatus: httpStatus,
		code:       r.Code,
		origin:     Origin(d.Origin),
		message:    message,
		details:    r.Details(httpStatus),
		retryAfter: r.RetryAfter,
	}
}

// message is what the client reads, which under a 5xx is not what the backend wrote unless the options say so.
func (c *config) message(err error, r *contract.Reading, httpStatus int) string {
	if r.Status == nil {
		if malformed, ok := errors.AsType[runtime.MalformedSequenceError](err); ok {
			return malformed.Error()
		}
	}
	if c.serverMessages && r.ClientText == "" && httpStatus >= http.StatusInternalServerError {
		switch {
		case r.Text != "":
			return r.Text
		case r.Status == nil && !errors.Is(err, errUnexplained):
			return err.Error()
		}
	}
	return r.Message(httpStatus)
}

// refusal is the answer of routing, which has nothing to say but its status.
func refusal(httpStatus int) answer {
	return answer{
		httpStatus: httpStatus,
		code:       contract.GRPCCode(httpStatus),
		origin:     OriginRequest,
		message:    contract.Meaning(httpStatus),
		retryAfter: -1,
	}
}

// asHTTPStatusError finds grpc-gateway's own error type, which its router raises for malformed paths and which
// handlers in the gateway's process may return. It has no Unwrap. An error that carries a gRPC status is none.
func asHTTPStatusError(err error) (*runtime.HTTPStatusError, bool) {
	routed, ok := errors.AsType[*runtime.HTTPStatusError](err)
	return routed, ok && routed != nil
}
