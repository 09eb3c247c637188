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

// Bridge is one configuration of the contract. All of its methods use it, so that the mux, the handlers around it and
// the middleware agree.
type Bridge struct {
	config config
	alone  *bridge
}

// New returns a Bridge with the given options. It panics if an option is nil.
func New(options ...Option) *Bridge {
	c := newConfig("New", options)
	return &Bridge{config: c, alone: &bridge{config: c}}
}

// NewServeMux returns a mux that keeps the whole contract. The order of own does not matter.
func (b *Bridge) NewServeMux(own ...runtime.ServeMuxOption) *runtime.ServeMux {
	return runtime.NewServeMux(b.ServeMuxOptions(own...)...)
}

// ServeMuxOptions returns the options of one mux that keeps the whole contract: own, between those of the bridge.
func (b *Bridge) ServeMuxOptions(own ...runtime.ServeMuxOption) []runtime.ServeMuxOption {
	m := &bridge{config: b.config, innermostAt: -1}
	options := []runtime.ServeMuxOption{func(mux *runtime.ServeMux) {
		m.mux = mux
		for _, option := range []runtime.ServeMuxOption{
			runtime.WithMiddlewares(m.middleware),
			runtime.WithForwardResponseOption(m.forwardSuccess),
			// Which handler a form reaches would depend on the order of a map (grpc-gateway issue 3266).
			runtime.WithDisablePathLengthFallback(),
		} {
			option(mux)
		}
		if len(m.deadlines) > 0 {
			m.annotates()
		}
	}}
	options = append(options, own...)
	return append(options, func(mux *runtime.ServeMux) {
		for _, option := range []runtime.ServeMuxOption{
			runtime.WithErrorHandler(m.handleError),
			runtime.WithRoutingErrorHandler(m.handleRouting),
			runtime.WithStreamErrorHandler(m.handleStreamError),
		} {
			option(mux)
		}
		mux.Handle(unreachable, runtime.Pattern{}, func(http.ResponseWriter, *http.Request, map[string]string) {})
	})
}

// Handler returns a handler that keeps the contract for everything that h serves. It panics if h is nil.
func (b *Bridge) Handler(h http.Handler) http.Handler { return newHandler(h, b.alone) }

// WriteError sends err as the documented response, outside the mux.
func (b *Bridge) WriteError(w http.ResponseWriter, r *http.Request, err error) {
	b.alone.writeError(w, r, err)
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
