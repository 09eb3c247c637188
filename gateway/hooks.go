package gateway

import (
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

// outermost is the first middleware of the mux. It answers probes, and opens the exchange if no Handler has done so.
func (h *hooks) outermost(next runtime.HandlerFunc) runtime.HandlerFunc {
	route := &route{}
	return func(w http.ResponseWriter, r *http.Request, pathParams map[string]string) {
		ctx := r.Context()
		if p := probeFrom(ctx); p != nil {
			p.found(ctx)
			return
		}
		h.checkDeadlineRoutes()
		c := &call{Context: ctx, hooks: h, route: route, path: r.URL.Path, rawPath: r.URL.RawPath}
		c.exchange = exchange.From(ctx)
		if c.exchange == nil {
			c.exchange = &c.own
			c.Context = c.exchange
			w = c.exchange.Open(w, r, muxPolicy{h})
			defer c.exchange.End()
		}
		next(w, c.exchange.Pass(c, r), pathParams)
	}
}

// innermost is the last middleware of the mux. It gives grpc-gateway's handler a writer that sends the status of a
// success late, and the handler's calls their deadline.
func (h *hooks) innermost(next runtime.HandlerFunc) runtime.HandlerFunc {
	next = h.limited(next)
	return func(w http.ResponseWriter, r *http.Request, pathParams map[string]string) {
		c := callFrom(r.Context())
		if c == nil || c.hooks != h {
			next(w, r, pathParams) // middleware has replaced the context
			return
		}
		c.request, c.inside = r, true
		c.before = exchange.Snapshot(w.Header())
		next(c.inner.Start(w, c), r, pathParams)
		c.inner.Finish()
	}
}

// muxPolicy is the policy of an exchange without a Handler: only grpc-gateway's own responses are changed.
type muxPolicy struct{ *hooks }

func (muxPolicy) Success(status, _ int, _ http.Header) int { return status }

func (muxPolicy) Buffers(int) bool { return false }

func (muxPolicy) Replace(_ *exchange.Exchange, written exchange.Written) exchange.Failure {
	return exchange.Failure{Status: written.Status, Body: written.Body}
}

func (p muxPolicy) Panicked(x *exchange.Exchange, value any) exchange.Failure {
	p.removeForwarded(x, x.Header())
	return p.bridge.panicked(x, value)
}
