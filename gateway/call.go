package gateway

import (
	"context"
	"net/http"
	"time"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"

	"github.com/statusbridge/statusbridge/internal/exchange"
	"github.com/statusbridge/statusbridge/internal/late"
)

// call is one request on its way through a mux. It is the context of the request's handlers, so that grpc-gateway's
// hooks find it: most of them get a context and nothing else.
type call struct {
	context.Context
	hooks    *hooks
	route    *route
	exchange *exchange.Exchange
	own      exchange.Exchange // if no Handler has opened one

	path    string // as the request was routed
	rawPath string

	// Set by the innermost middleware.
	request *http.Request // nil before it
	before  http.Header   // see exchange.Snapshot
	inner   exchange.Inner

	// Set by the forward option.
	settled  bool // the call has succeeded, or its stream has begun
	stream   bool
	messages bool // the stream has had a message
	download bool // the message was a google.api.HttpBody
	direct   bool // grpc-gateway writes to inner, and not to the writer of middleware that was added late

	contentType string // with which the body began

	late  *late.Context // nil without deadlines
	asked time.Duration // by Grpc-Timeout; 0 for none
}

type callKey struct{}

// callFrom returns the innermost call of a context, or nil.
func callFrom(ctx context.Context) *call {
	c, _ := ctx.Value(callKey{}).(*call)
	return c
}

// callOf finds the call by the context, or else by the writer: code that was generated with request_context=false does
// not pass the request's context on.
func callOf(ctx context.Context, w http.ResponseWriter) *call {
	if c := callFrom(ctx); c != nil {
		return c
	}
	c, _ := exchange.ObserverOf(w).(*call)
	return c
}

// Value returns the call or its exchange for their keys, and a value of the request's context otherwise.
func (c *call) Value(key any) any {
	switch key {
	case callKey{}:
		return c
	case exchange.Key{}:
		return c.exchange
	}
	return c.Context.Value(key)
}

// begun reports whether part of a success was written.
func (c *call) begun() bool { return c.inner.Begun() || c.exchange.Started() }

// BeforeHeader is called before the header of a response is sent through inner.
func (c *call) BeforeHeader(h http.Header, status int) {
	if c.stream && !c.messages && status != http.StatusNoContent && len(h["Content-Type"]) == 0 {
		_, marshaler := runtime.MarshalerForRequest(c.hooks.mux, c.request)
		h.Set("Content-Type", streamContentType(marshaler, nil))
	}
	values := h["Content-Type"]
	if len(values) == 0 {
		return
	}
	if c.contentType = values[0]; !validFieldValue(c.contentType) {
		c.contentType = "application/octet-stream"
		h["Content-Type"] = []string{c.contentType}
	}
}
