package gateway

import (
	"context"
	"errors"
	"net/http"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/grpc/metadata"

	"github.com/statusbridge/statusbridge/internal/contract"
	"github.com/statusbridge/statusbridge/internal/upstream"
)

// ErrorHandler answers an error with the documented status, body and headers. Register it with
// [runtime.WithErrorHandler] where the table alone is wanted:
//
//	mux := runtime.NewServeMux(runtime.WithErrorHandler(gateway.ErrorHandler))
//
// It reads gRPC statuses, wrapped ones too, context errors and *runtime.HTTPStatusError; any other error is a 500.
// The status follows the table of proto/statusbridge/v1, refined by a statusbridge.v1.Error detail. The message of
// a 4xx passes; that of a 5xx passes only when the service attached it for the client. A google.rpc.RetryInfo
// becomes Retry-After, the violations of a google.rpc.BadRequest become `details`, and a 401 carries a challenge.
// The backend's header metadata is forwarded as the mux is configured to; trailers are not, since an error has a
// Content-Length. The mux's marshalers and its response rewriter have no part in an error. A nil error is answered with
// 500.
//
// Registered alone it does not see what goes around it, which takes the middleware of [Bridge]: a service's choice
// of a success status, and the metadata that carries it; streams, whose errors grpc-gateway does not give to an
// error handler; a status that a forward option wrote before something failed; and the Allow header of a 405. Give the
// mux [runtime.WithDisablePathLengthFallback] as well: without it, a POST form may say that it is a HEAD, and its client
// then waits for a body that net/http leaves out.
func ErrorHandler(ctx context.Context, mux *runtime.ServeMux, marshaler runtime.Marshaler, w http.ResponseWriter, r *http.Request, err error) {
	defaultBridge.handleError(ctx, mux, marshaler, w, r, err)
}

// WriteError answers a request with an error outside the mux: in middleware in front of it, or in a plain
// http.Handler beside it. It needs no mux and no marshaler. The error is read as [ErrorHandler] does, with the
// options of the [Bridge] that the request passes through, else those of the [Handler] around it, else the default ones.
// Outside a bridge, only the caller knows which methods there are: set Allow before a 405.
func (b *bridge) writeError(w http.ResponseWriter, r *http.Request, err error) {
	m := marksOf(r.Context())
	if isProbe(m, w, r) {
		return
	}
	before := headersBefore(w.Header(), frontHeaders[:])
	f := frontFrom(r.Context())
	if f != nil {
		b = f.bridge
		abortBegun(w)
	}
	x := m.exchange
	if x != nil {
		if x.began || x.committed {
			x.abort()
		}
		b = x.bridge()
		if x.settled {
			before = x.before()
		}
	}
	removeSuccessHeaders(w.Header(), before)
	a := b.answerTo(err, upstream.OwnCode())
	b.write(w, r, &a, m, nil)
	if x != nil && w == x.mostInner() {
		x.closed = true // a handler that forgets to return adds nothing to the answer
	}
	if f != nil && r.Method == http.MethodHead && f.refusesHead(a.httpStatus, w.Header()) {
		return // it is tried as GET, and this does not leave
	}
	b.observe(r.Context(), r, &a, err)
}

func (b *bridge) handleError(ctx context.Context, mux *runtime.ServeMux, marshaler runtime.Marshaler, w http.ResponseWriter, r *http.Request, err error) {
	m := marksOf(r.Context())
	if m.probes() {
		// The router refuses a malformed path with an error; what middleware says to a probe does not count.
		if routed, ok := asHTTPStatusError(err); ok && contract.FindCarrier(err) == nil {
			_, malformed := errors.AsType[runtime.MalformedSequenceError](routed.Err)
			m.detour.refused = m.detour.refused || malformed
		}
		return
	}
	md, _ := runtime.ServerMetadataFromContext(ctx)
	from := upstream.Unary(ctx, md)
	if m.exchange != nil && m.exchange.settled {
		from = upstream.OwnCode() // the call had succeeded
	}
	b.answerError(ctx, mux, marshaler, w, r, err, m, md, from)
}

// answerError answers an error that was made where from says.
func (b *bridge) answerError(
	ctx context.Context, mux *runtime.ServeMux, marshaler runtime.Marshaler, w http.ResponseWriter, r *http.Request, err error,
	m marks, md runtime.ServerMetadata, from upstream.Source,
) {
	x := m.exchange
	if x != nil && (x.began || x.committed) {
		// Something has written part of a success already; a clean end would make it one.
		x.abort()
	}
	a := b.answerTo(err, from)
	if a.httpStatus == http.StatusBadRequest && a.origin == OriginRequest {
		a.message = upstream.PlainRefusal(a.message)
	}
	var challenge metadata.MD
	if a.httpStatus == http.StatusUnauthorized {
		trailer := md.TrailerMD
		if len(trailer) == 0 {
			trailer = upstream.Trailer(err)
		}
		challenge = metadata.Join(md.HeaderMD, trailer)
	}
	forwardOnError(ctx, mux, marshaler, w.Header(), x, md.HeaderMD)
	if x != nil {
		x.settled = true
	}
	b.write(w, r, &a, m, challenge)
	b.observe(ctx, r, &a, err)
}

// write sends the answer. challenge is metadata that may hold the backend's own www-authenticate.
func (b *bridge) write(w http.ResponseWriter, r *http.Request, a *answer, m marks, challenge metadata.MD) {
	asGet := m.asGet()
	frontFrom(r.Context()).note(a, asGet)
	body := newBody(a)
	defer body.free()
	h := w.Header()
	removeBodyHeaders(h)
	setErrorHeaders(h, a, b.challenge, challenge, len(body.bytes))
	if a.httpStatus == http.StatusMethodNotAllowed && b.mux != nil && len(h["Allow"]) == 0 {
		h["Allow"] = []string{b.allowed(r)}
	}
	w.WriteHeader(a.httpStatus)
	if r.Method != http.MethodHead && !asGet {
		// A client that has gone is the only cause of a failure here, and nobody is left to tell.
		_, _ = w.Write(body.bytes)
	}
}
