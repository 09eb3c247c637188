package gateway

import (
	"context"
	"net/http"
	"strconv"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"

	"github.com/statusbridge/statusbridge/internal/contract"
)

// RoutingErrorHandler answers a request that the mux has no handler for with exactly 400, 404 or 405, and serves
// HEAD wherever GET is bound. Register it with [runtime.WithRoutingErrorHandler].
//
// Registered alone it cannot say which methods a path allows, and so leaves out the Allow header that a 405 must
// carry (RFC 9110 section 15.5.6), and it does not stop grpc-gateway from routing a POST form to a GET handler:
// both take [Bridge].
func RoutingErrorHandler(ctx context.Context, mux *runtime.ServeMux, marshaler runtime.Marshaler, w http.ResponseWriter, r *http.Request, httpStatus int) {
	defaultBridge.handleRouting(ctx, mux, marshaler, w, r, httpStatus)
}

func (b *bridge) handleRouting(ctx context.Context, mux *runtime.ServeMux, _ runtime.Marshaler, w http.ResponseWriter, r *http.Request, httpStatus int) {
	m := marksOf(r.Context())
	if m.probes() {
		m.detour.refused = true
		return
	}
	if httpStatus == http.StatusMethodNotAllowed && r.Method == http.MethodHead {
		// The server leaves out the body of an answer to HEAD, so a GET gives what HEAD shall (RFC 9110 section 9.3.2).
		get := r.WithContext(&detour{Context: r.Context(), head: true})
		get.Method = http.MethodGet
		mux.ServeHTTP(w, get)
		return
	}
	if !contract.IsError(httpStatus) || !b.honours(httpStatus) {
		httpStatus = http.StatusInternalServerError
	}
	a := refusal(httpStatus)
	if httpStatus == http.StatusBadRequest {
		a.message = "the path of the request does not start with a slash" // the one cause that the mux has
	}
	b.write(w, r, &a, m, nil)
	b.observe(ctx, r, &a, routingError(httpStatus))
}

// routingError is what an observer learns of a request that no handler was found for.
type routingError int

func (e routingError) Error() string {
	return "no route: " + strconv.Itoa(int(e)) + " " + http.StatusText(int(e))
}
