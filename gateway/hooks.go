package gateway

import (
	"context"
	"net/http"
	"sync"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"

	"github.com/statusbridge/statusbridge/internal/exchange"
)

// hooks are the functions that a bridge registers with one mux.
type hooks struct {
	bridge *Bridge
	mux    *runtime.ServeMux

	routesOnce sync.Once // see checkDeadlineRoutes

	controlOnce sync.Once
	control     []string // see controlHeaders
}

// first is applied before the caller's own options, so that the middleware is the outermost one and the forward option
// sees the backend's metadata before any other.
func (h *hooks) first(mux *runtime.ServeMux) {
	if h.mux != nil {
		panic("gateway: the result of ServeMuxOptions was used for two muxes; call it once for each")
	}
	h.mux = mux
	runtime.WithMiddlewares(h.outermost)(mux)
	runtime.WithForwardResponseOption(h.forwardSuccess)(mux)
	if len(h.bridge.deadlines) > 0 {
		runtime.WithMetadata(h.annotate)(mux)
	}
}

// last is applied after the caller's own options, so that the error handlers count and the middleware is the innermost.
func (h *hooks) last(mux *runtime.ServeMux) {
	runtime.WithErrorHandler(h.handleError)(mux)
	runtime.WithRoutingErrorHandler(h.handleRouting)(mux)
	runtime.WithStreamErrorHandler(h.handleStreamError)(mux)
	// The handler that a form reaches would depend on its Content-Type, and a form could replace the method.
	runtime.WithDisablePathLengthFallback()(mux)
	runtime.WithMiddlewares(h.innermost)(mux)
}

// outermost is the first middleware of the mux. It answers probes, opens the exchange if no Handler has done so, and
// sets the deadline of calls, which middleware may make too.
func (h *hooks) outermost(next runtime.HandlerFunc) runtime.HandlerFunc {
	next = h.limited(next)
	route := &route{}
	return func(w http.ResponseWriter, r *http.Request, pathParams map[string]string) {
		if p, ok := w.(*probe); ok {
			p.found(r)
			return
		}
		h.checkDeadlineRoutes()
		ctx := r.Context()
		c := &call{Context: ctx, hooks: h, route: route, path: r.URL.Path, rawPath: r.URL.RawPath}
		c.exchange = exchange.Of(ctx, w)
		if c.exchange == nil {
			c.exchange = &c.own
			w = c.exchange.Open(w, r, muxPolicy{h})
			defer c.exchange.End()
			r.Body = c.exchange.Body()
		}
		setContext(r, c)
		next(w, r, pathParams)
	}
}

// setContext replaces the context of a request in place. The mux has made this copy of the request to add the route,
// and another copy would cost as much again.
func setContext(r *http.Request, ctx context.Context) { *r = *r.WithContext(ctx) }

// innermost is the last middleware of the mux. It gives grpc-gateway's handler a writer that sends the status of a
// success late.
func (h *hooks) innermost(next runtime.HandlerFunc) runtime.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request, pathParams map[string]string) {
		c := callFrom(r.Context())
		if c == nil || c.hooks != h {
			next(w, r, pathParams) // middleware has replaced the context
			return
		}
		c.request = r
		c.before = exchange.Snapshot(w.Header())
		c.direct = true
		w = c.inner.Start(w, c)
		if c.exchange.Failed() {
			c.inner.Discard() // middleware has sent an error, and calls the handler nevertheless
		}
		defer h.finish(c, w, r)
		if hasInvalidUTF8(r, pathParams) {
			h.handleError(r.Context(), h.mux, nil, w, r, errInvalidUTF8)
			return
		}
		next(w, r, pathParams)
	}
}

// finish ends the response of a handler. It is deferred, and makes a 500 of a panic while nothing has been sent:
// middleware that closes its writer on the way would start a success.
func (h *hooks) finish(c *call, w http.ResponseWriter, r *http.Request) {
	value := recover()
	switch {
	case value == nil:
		c.inner.Finish()
	case value == http.ErrAbortHandler || c.begun() || alreadyFailed(c, c.exchange): //nolint:errorlint // as net/http
		panic(value)
	default:
		h.removeForwarded(c, w.Header())
		write(c, c.exchange, w, r, h.bridge.panicked(c, w.Header(), c.before, r, value))
	}
}

// muxPolicy is the policy of an exchange without a Handler: only grpc-gateway's own responses are changed.
type muxPolicy struct{ *hooks }

func (muxPolicy) Success(status, _ int, _ http.Header) int { return status }

func (p muxPolicy) Timed() bool { return p.bridge.observers != nil }

func (p muxPolicy) Panicked(x *exchange.Exchange, value any) exchange.Failure {
	p.removeForwarded(x, x.Header())
	return p.bridge.panicked(x, x.Header(), x.Before(), x.Request(), value)
}
