package gateway

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"runtime/debug"
	"slices"
	"strings"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/grpclog"

	"github.com/statusbridge/statusbridge/internal/contract"
	"github.com/statusbridge/statusbridge/internal/exchange"
	"github.com/statusbridge/statusbridge/internal/upstream"
)

// failure is an error as a client reads it, and what an observer learns beside it.
type failure struct {
	httpStatus int
	code       codes.Code
	origin     Origin
	message    string
	details    string
	retryAfter int64 // seconds; negative for none

	reason, domain, requestID string
}

var errUnexplained = errors.New("gateway: an error handler was called without an error")

// failure decides how an error is sent.
func (c *config) failure(err error, source upstream.Source) failure {
	chosen, err := unwrapHTTPStatus(err)
	r := contract.Read(err)
	switch {
	case !contract.IsError(chosen):
		chosen = r.Claimed
	case !c.honours(chosen):
		readAs(&r, chosen)
		chosen = 0
	case r.Status == nil:
		r.Code = contract.GRPCCode(chosen)
	}
	d := upstream.Diagnose(err, &r, source, c.localReply)
	httpStatus := c.httpStatus(r.Code)
	switch {
	case chosen != 0 && c.honours(chosen):
		httpStatus = chosen
	case d.HTTPStatus != 0:
		httpStatus = d.HTTPStatus
	case r.Code == codes.Unknown && !c.serverMessages:
		r.Text = "" // grpc-go sends the text of a plain Go error with this code
	}
	f := failure{
		httpStatus: httpStatus, code: r.Code, origin: Origin(d.Origin), message: d.Message,
		details: c.details(&r, httpStatus), retryAfter: r.RetryAfter, reason: r.Reason, domain: r.Domain,
		requestID: r.RequestID,
	}
	if f.message == "" {
		f.message = c.message(err, &r, httpStatus)
	}
	return f
}

// readAs changes a reading to that of an error which chose an undocumented status. mapping.FromError reads such an
// error in the same way.
func readAs(r *contract.Reading, chosen int) {
	r.Code = contract.GRPCCode(chosen)
	switch {
	case chosen >= http.StatusInternalServerError:
	case r.Text == "":
		r.Text = contract.Meaning(chosen)
	case r.ClientText == "":
		r.ClientText = r.Text
	}
}

// unwrapHTTPStatus returns the error inside grpc-gateway's own error type, which lacks an Unwrap method, and the status
// that the type chooses. An error that has a gRPC status is not unwrapped.
func unwrapHTTPStatus(err error) (chosen int, inner error) {
	for {
		routed, ok := errors.AsType[*runtime.HTTPStatusError](err)
		if !ok || routed == nil || contract.FindCarrier(err) != nil {
			break
		}
		err = routed.Err
		if chosen == 0 {
			chosen = routed.HTTPStatus
		}
	}
	if err == nil {
		err = errUnexplained
	}
	return chosen, err
}

// message returns the text for the client. Under a 5xx it is not the backend's, unless an option says so.
func (c *config) message(err error, r *contract.Reading, httpStatus int) string {
	if malformed, ok := errors.AsType[runtime.MalformedSequenceError](err); ok && r.Status == nil {
		return malformed.Error()
	}
	if c.serverMessages && r.ClientText == "" && httpStatus >= http.StatusInternalServerError {
		if r.Text != "" {
			return r.Text
		}
		if r.Status == nil && !errors.Is(err, errUnexplained) {
			return err.Error()
		}
	}
	return r.Message(httpStatus)
}

// details returns the `details` for the client: the service's text, that of a team's own types, and that of standard
// details.
func (c *config) details(r *contract.Reading, httpStatus int) string {
	if c.detailsText == nil || r.Status == nil || !r.Detailed || httpStatus >= http.StatusInternalServerError {
		return r.Details(httpStatus)
	}
	texts := []string{r.Own.Details, c.detailsText(r.Status), r.Listed}
	return strings.Join(slices.DeleteFunc(texts, func(text string) bool { return text == "" }), "; ")
}

// refusal returns a failure with the documented sentence of a status.
func refusal(httpStatus int) failure {
	return failure{
		httpStatus: httpStatus,
		code:       contract.GRPCCode(httpStatus),
		origin:     OriginRequest,
		message:    contract.Meaning(httpStatus),
		retryAfter: -1,
	}
}

// panicked returns the response to a panic, sets its headers, and logs and observes it. Before are the headers that
// stay.
func (b *Bridge) panicked(ctx context.Context, h, before http.Header, r *http.Request, value any) exchange.Failure {
	err := fmt.Errorf("gateway: a handler panicked: %v", value)
	grpclog.Errorf("%v\n%s", err, debug.Stack())
	f := b.failure(err, upstream.OwnCode())
	exchange.RemoveSuccess(h, before)
	for _, name := range []string{"Allow", "Retry-After", "Www-Authenticate"} {
		delete(h, name) // of an error that the panic replaces
	}
	body := b.setHeaders(h, &f)
	b.observe(ctx, r, &f, err)
	return exchange.Failure{Status: f.httpStatus, Body: body}
}
