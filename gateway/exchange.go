package gateway

import (
	"context"
	"net/http"
)

// exchange is one request's way through the mux. It stands in for the ResponseWriter, and as the request's context
// it can be found by what grpc-gateway calls with a context alone; being both costs one allocation.
//
// It holds a status back until the first byte of the body, or the end of the handler: up to then the call can still
// fail, and then the error's status counts.
type exchange struct {
	context.Context
	http.ResponseWriter

	bridge    *bridge
	status    int  // the status to commit; 0 for 200
	committed bool // the header has been sent
}

type exchangeKey struct{}

func exchangeFrom(ctx context.Context) *exchange {
	x, _ := ctx.Value(exchangeKey{}).(*exchange)
	return x
}

// Value finds the exchange itself, and whatever the request's context holds.
func (x *exchange) Value(key any) any {
	if key == (exchangeKey{}) {
		return x
	}
	return x.Context.Value(key)
}

// WriteHeader notes a final status; the last one before the first byte wins. Informational statuses pass at once.
func (x *exchange) WriteHeader(httpStatus int) {
	if httpStatus < http.StatusOK {
		x.ResponseWriter.WriteHeader(httpStatus)
		x.committed = x.committed || httpStatus == http.StatusSwitchingProtocols
		return
	}
	if !x.committed {
		x.status = httpStatus
	}
}

func (x *exchange) Write(p []byte) (int, error) {
	x.commit()
	if x.status == http.StatusNoContent {
		return len(p), nil
	}
	return x.ResponseWriter.Write(p)
}

// FlushError sends what is there, the header first, for http.ResponseController.
func (x *exchange) FlushError() error {
	x.commit()
	return http.NewResponseController(x.ResponseWriter).Flush()
}

// Flush is http.Flusher, for middleware that asserts it.
func (x *exchange) Flush() {
	_ = x.FlushError()
}

// Unwrap gives http.ResponseController the rest of what the server's writer can do.
func (x *exchange) Unwrap() http.ResponseWriter {
	return x.ResponseWriter
}

// commit sends the header, once. A 204 has no representation, so it has no headers that speak of one.
func (x *exchange) commit() {
	if x.committed {
		return
	}
	x.committed = true
	if x.status == 0 {
		return
	}
	if x.status == http.StatusNoContent {
		h := x.Header()
		for _, name := range [...]string{"Content-Type", "Content-Length", "Content-Encoding", "Transfer-Encoding", "Trailer"} {
			delete(h, name)
		}
	}
	x.ResponseWriter.WriteHeader(x.status)
}
