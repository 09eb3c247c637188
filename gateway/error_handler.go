package gateway

import (
	"context"
	"net/http"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"

	"github.com/statusbridge/statusbridge/internal/exchange"
	"github.com/statusbridge/statusbridge/internal/upstream"
)

// ErrorHandler sends an error with the documented status, body and headers. Register it with [runtime.WithErrorHandler]
// to use the status table alone:
//
//	mux := runtime.NewServeMux(runtime.WithErrorHandler(gateway.ErrorHandler))
//
// It reads gRPC statuses, wrapped ones too, context errors and *runtime.HTTPStatusError. Any other error, and a nil
// error, is a 500. The status table decides the status, unless the error has a statusbridge.v1.Error detail. Clients
// read the message of a 4xx. Under a 5xx they read the documented sentence, unless the service attached a message for
// them. Standard google.rpc details become `details` and Retry-After, and a 401 has a challenge.
//
// The backend's header metadata is forwarded as the mux is configured to. Trailers are not, because the response has a
// Content-Length. The mux's marshalers and its response rewriter do not affect errors.
//
// ErrorHandler alone does not affect success statuses, streams and routing, and it cannot know the methods for Allow.
// Use [Bridge.NewServeMux] for these. Give the mux [runtime.WithDisablePathLengthFallback] as well: otherwise a POST
// form may declare itself a HEAD, and its client waits for a body that net/http does not send.
func ErrorHandler(
	ctx context.Context, mux *runtime.ServeMux, _ runtime.Marshaler, w http.ResponseWriter, r *http.Request,
	err error,
) {
	md, _ := runtime.ServerMetadataFromContext(ctx)
	byDefault.respond(ctx, mux, w, r, err, md, upstream.Unary(ctx, md))
}

func (h *hooks) handleError(
	ctx context.Context, mux *runtime.ServeMux, _ runtime.Marshaler, w http.ResponseWriter, r *http.Request,
	err error,
) {
	if p, ok := w.(*probe); ok {
		p.refused = true // a malformed path: nothing else is called for a probe
		return
	}
	c := callOf(ctx, w)
	if c == nil {
		c = callFrom(r.Context())
	}
	md, _ := runtime.ServerMetadataFromContext(ctx)
	source := upstream.Unary(ctx, md)
	if c != nil {
		if alreadyFailed(c, c.exchange) {
			return
		}
		abortIfStarted(c, c.exchange)
		if c.settled {
			source = upstream.OwnCode() // the call had succeeded
		}
		h.bridge.respond(ctx, h.mux, w, r, err, md, source)
		return
	}
	h.outside(w, r, func(w http.ResponseWriter, r *http.Request) {
		h.bridge.respond(ctx, mux, w, r, err, md, source)
	})
}

// outside calls send inside an exchange, and opens one if w does not belong to one. Middleware does not run for a
// request that matches no route.
func (h *hooks) outside(w http.ResponseWriter, r *http.Request, send func(http.ResponseWriter, *http.Request)) {
	if exchange.Of(r.Context(), w) != nil {
		send(w, r)
		return
	}
	x := &exchange.Exchange{}
	w = x.Open(w, r, muxPolicy{h})
	defer x.End()
	send(w, x.Pass(r))
}

// respond sends an error that grpc-gateway has handed over, with the metadata of the call.
func (b *Bridge) respond(
	ctx context.Context, mux *runtime.ServeMux, w http.ResponseWriter, r *http.Request, err error,
	md runtime.ServerMetadata, source upstream.Source,
) {
	f := b.failure(err, source)
	if f.httpStatus < http.StatusInternalServerError && f.origin == OriginRequest {
		f.message = upstream.PlainRefusal(f.message)
	}
	trailer := md.TrailerMD
	if len(trailer) == 0 {
		trailer = upstream.Trailer(err)
	}
	c := callOf(ctx, w)
	forward(ctx, mux, c, w.Header(), md.HeaderMD, f.httpStatus)
	b.setFromMetadata(w.Header(), f.httpStatus, md.HeaderMD, trailer)
	if c != nil {
		c.settled = true
	}
	if callFrom(ctx) == nil {
		ctx = r.Context()
	}
	b.send(ctx, w, r, &f)
	b.observe(ctx, r, &f, err)
}
