package gateway

import (
	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
)

// Bridge is one configuration of the contract. All of its methods use the configuration, so that a mux, the handlers
// around it and the middleware between them agree.
//
//	bridge := gateway.New(gateway.WithObserver(gateway.LogObserver(logger)))
//	mux := bridge.NewServeMux(ownOptions...)
//	server := &http.Server{Handler: bridge.Handler(mux)}
//
// A Bridge may serve any number of muxes and handlers, and may be used by several goroutines.
type Bridge struct {
	config
}

// New returns a Bridge with the given options. Without options it keeps the documented contract. It panics if an option
// is nil.
func New(options ...Option) *Bridge {
	return &Bridge{config: newConfig(options)}
}

// byDefault is the bridge of the handlers that are registered by hand.
var byDefault = New()

// NewServeMux returns a mux that keeps the whole contract, with own options of the caller. Their order does not matter:
//
//   - [ErrorHandler] describes how errors are sent.
//   - A request that matches no route gets exactly 400, 404 or 405, and a 405 has an Allow header. HEAD is served for
//     every route that is bound to GET. A POST form is routed like any other POST, and X-HTTP-Method-Override has no
//     effect.
//   - A success is sent with the status that the service chose by mapping.SetHTTPStatus, or that the method declares
//     with the statusbridge.v1.success option. The status is sent with the first byte of the body. A 204 has no body.
//     The metadata key of that status, binary metadata and gRPC's own metadata are never sent.
//   - A stream that fails before its first message is sent like the error of a unary call. A stream that fails later
//     ends in the chunk {"error":{"code":409,"message":"…"}}, in the framing of the mux's marshaler. A download
//     (google.api.HttpBody) is aborted instead, because the client would take the chunk for data.
//   - An invalid Grpc-Timeout is a 400. A valid one can shorten the deadline of [WithDeadline] and of
//     runtime.DefaultContextTimeout, and never lengthen it.
//   - A panic in a handler is a 500. If part of a success was sent, the connection is aborted.
//
// Error handlers among own options are replaced. Middleware among own options sees the final status of each response.
// It must pass on the context of the request.
func (b *Bridge) NewServeMux(own ...runtime.ServeMuxOption) *runtime.ServeMux {
	return runtime.NewServeMux(b.ServeMuxOptions(own...)...)
}

// ServeMuxOptions returns the options for one call of runtime.NewServeMux: those of the bridge and those in own. Use it
// if a framework makes the mux. The mux is then like one of [Bridge.NewServeMux]. A second mux with the same options
// panics, so call ServeMuxOptions for each mux.
func (b *Bridge) ServeMuxOptions(own ...runtime.ServeMuxOption) []runtime.ServeMuxOption {
	h := &hooks{bridge: b}
	options := make([]runtime.ServeMuxOption, 0, len(own)+2)
	options = append(options, h.first)
	options = append(options, own...)
	return append(options, h.last)
}
