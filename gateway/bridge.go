package gateway

import (
	"net/http"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
)

// bridge is the configuration of one mux.
type bridge struct {
	config
	mux *runtime.ServeMux // nil when the handlers are registered alone
}

var defaultBridge = &bridge{config: newConfig(nil)}

// Bridge makes a mux keep the whole contract:
//
//   - errors are answered as [ErrorHandler] says, with the given options;
//   - requests that match no route are answered with exactly 400, 404 or 405, the last with Allow; HEAD is served
//     wherever GET is bound; a POST form is routed as any other POST, so X-HTTP-Method-Override has no effect;
//   - a success leaves under the status that the service chose with mapping.SetHTTPStatus, committed only when
//     nothing can fail any more; a 204 is empty. Binary metadata, gRPC's own and the control key do not leave.
//
// Give it before other options, so that its middleware is the outermost: then no other middleware sees the requests
// that the mux is asked which methods a path allows. Options that replace the error handler or the routing error
// handler must not follow it.
func Bridge(options ...Option) runtime.ServeMuxOption {
	c := newConfig(options)
	return func(mux *runtime.ServeMux) {
		b := &bridge{config: c, mux: mux}
		for _, option := range []runtime.ServeMuxOption{
			runtime.WithErrorHandler(b.handleError),
			runtime.WithRoutingErrorHandler(b.handleRouting),
			runtime.WithMiddlewares(b.middleware),
			runtime.WithForwardResponseOption(b.forwardSuccess),
			// Which handler a form reaches would depend on the order of a map (grpc-gateway issue 3266).
			runtime.WithDisablePathLengthFallback(),
		} {
			option(mux)
		}
	}
}

func (b *bridge) middleware(next runtime.HandlerFunc) runtime.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request, pathParams map[string]string) {
		if probeFrom(r.Context()) != nil {
			return
		}
		x := &exchange{Context: r.Context(), ResponseWriter: w, bridge: b}
		next(x, r.WithContext(x), pathParams)
		x.commit()
	}
}
