package gateway

import (
	"context"
	"net/http"
	"strconv"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"

	"github.com/statusbridge/statusbridge/internal/contract"
	"github.com/statusbridge/statusbridge/internal/exchange"
)

// RoutingErrorHandler sends exactly 400, 404 or 405 for a request that matches no route, and serves HEAD for every
// route that is bound to GET. Register it with [runtime.WithRoutingErrorHandler].
//
// RoutingErrorHandler alone cannot know the methods of a path, so a 405 has no Allow header, although it must have one
// (RFC 9110 section 15.5.6). It does not stop grpc-gateway from routing a POST form to a GET handler either. Use
// [Bridge.NewServeMux] for both.
func RoutingErrorHandler(
	_ context.Context, mux *runtime.ServeMux, _ runtime.Marshaler, w http.ResponseWriter, r *http.Request,
	httpStatus int,
) {
	if isHeadOfGet(r, httpStatus) {
		mux.ServeHTTP(w, asGet(r))
		return
	}
	byDefault.refuse(w, r, httpStatus)
}

func (h *hooks) handleRouting(
	_ context.Context, _ *runtime.ServeMux, _ runtime.Marshaler, w http.ResponseWriter, r *http.Request,
	httpStatus int,
) {
	if p, ok := w.(*probe); ok {
		p.refused = true
		return
	}
	h.outside(w, r, func(w http.ResponseWriter, r *http.Request) {
		if isHeadOfGet(r, httpStatus) {
			exchange.From(r.Context()).ServeAsGet()
			h.mux.ServeHTTP(w, asGet(r))
			return
		}
		exchange.Canonicalize(w.Header())
		if httpStatus == http.StatusMethodNotAllowed && len(w.Header()["Allow"]) == 0 {
			w.Header()["Allow"] = []string{h.allowed(r, r.URL.Path, r.URL.RawPath, r.Method)}
		}
		h.bridge.refuse(w, r, httpStatus)
	})
}

// isHeadOfGet reports whether a request may be a HEAD of a route that is bound to GET.
func isHeadOfGet(r *http.Request, httpStatus int) bool {
	return httpStatus == http.StatusMethodNotAllowed && r.Method == http.MethodHead
}

// asGet returns the request as a GET. A response to HEAD is that of a GET without the body (RFC 9110 section 9.3.2).
func asGet(r *http.Request) *http.Request {
	get := r.WithContext(r.Context())
	get.Method = http.MethodGet
	return get
}

// refuse sends the error of a request that matches no route.
func (b *Bridge) refuse(w http.ResponseWriter, r *http.Request, httpStatus int) {
	if !contract.IsError(httpStatus) || !b.honours(httpStatus) {
		httpStatus = http.StatusInternalServerError
	}
	f := refusal(httpStatus)
	if httpStatus == http.StatusBadRequest {
		f.message = "the path of the request does not start with a slash" // the only cause in grpc-gateway
	}
	h := w.Header()
	exchange.Canonicalize(h)
	exchange.RemoveSuccess(h, exchange.Snapshot(h))
	b.send(r.Context(), w, r, &f)
	b.observe(r.Context(), r, &f, routingError(httpStatus))
}

// routingError is the error that an observer gets for a request that matches no route.
type routingError int

// Error names the status.
func (e routingError) Error() string {
	return "no route: " + strconv.Itoa(int(e)) + " " + http.StatusText(int(e))
}
