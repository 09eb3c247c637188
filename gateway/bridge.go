package gateway

import (
	"net/http"
	"sync"
	"sync/atomic"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
)

// bridge is the configuration of one mux.
type bridge struct {
	config
	mux   *runtime.ServeMux // nil when the handlers are registered alone
	table atomic.Pointer[routeTable]

	controlOnce sync.Once
	control     []string // see controlHeaders
	innermostAt int      // see stayInnermost

	annotateOnce sync.Once
	annotated    bool // see annotates
}

var defaultBridge = &bridge{config: newConfig("", nil)}

// Bridge makes a mux keep the whole contract:
//
//   - errors are answered as [ErrorHandler] says, with the given options;
//   - requests that match no route are answered with exactly 400, 404 or 405, the last with Allow; HEAD is served
//     wherever GET is bound; a POST form is routed as any other POST, so X-HTTP-Method-Override has no effect;
//   - a success leaves under the status that the service chose with mapping.SetHTTPStatus, or that the method's
//     proto declares with the statusbridge.v1.success option, committed only when nothing can fail any more; a 204 is
//     empty. Binary metadata, gRPC's own and the control key do not leave;
//   - a stream that fails before its first message is answered as a unary call. One that fails later ends in the chunk
//     {"error":{"code":409,"message":"…"}}, with the HTTP status it would have had, in the framing of the mux's
//     marshaler. A download (google.api.HttpBody) is aborted instead, since text would be taken for data. A
//     challenge that a backend sends in a stream's trailers takes [DialOptions], since grpc-gateway does not read them;
//   - a Grpc-Timeout that is not gRPC's is answered with 400, and none lengthens a deadline that is set here, by
//     [WithDeadline] or by runtime.DefaultContextTimeout;
//   - a panic in a handler is answered with 500, and aborts the connection when part of an answer has been sent.
//
// Give it before other options, so that its middleware is the outermost. Which methods a path allows is read from the
// routes of the mux; where they do not say, the mux is asked with requests that no other middleware then sees. Options
// that replace one of the mux's three error handlers must not follow it.
func Bridge(options ...Option) runtime.ServeMuxOption {
	c := newConfig("Bridge", options)
	return func(mux *runtime.ServeMux) {
		b := &bridge{config: c, mux: mux, innermostAt: -1}
		for _, option := range []runtime.ServeMuxOption{
			runtime.WithErrorHandler(b.handleError),
			runtime.WithRoutingErrorHandler(b.handleRouting),
			runtime.WithStreamErrorHandler(b.handleStreamError),
			runtime.WithMiddlewares(b.middleware),
			runtime.WithForwardResponseOption(b.forwardSuccess),
			// Which handler a form reaches would depend on the order of a map (grpc-gateway issue 3266).
			runtime.WithDisablePathLengthFallback(),
		} {
			option(mux)
		}
		if len(b.deadlines) > 0 {
			b.annotates()
		}
		mux.Handle(unreachable, runtime.Pattern{}, func(http.ResponseWriter, *http.Request, map[string]string) {})
	}
}

func (b *bridge) middleware(next runtime.HandlerFunc) runtime.HandlerFunc {
	b.table.Store(nil) // a handler is being registered
	alone := !b.stayInnermost()
	next = b.limited(next)
	route := &route{bridge: b}
	return func(w http.ResponseWriter, r *http.Request, pathParams map[string]string) {
		m := marksOf(r.Context())
		if isProbe(m, w, r) {
			return
		}
		b.annotates()
		x := newExchange(!alone)
		x.context, x.writer, x.request, x.route = r.Context(), w, r, route
		x.decoded, x.head = r.URL.Path, m.asGet()
		if r.URL.RawPath != "" {
			x.put().escaped = r.URL.RawPath
		}
		x.keepBefore(w.Header())
		// The mux made this copy of the request, to add the pattern to its context; one more would cost as much again.
		*r = *r.WithContext((*exchangeContext)(x))
		defer x.end()
		next((*exchangeWriter)(x), r, pathParams)
	}
}
