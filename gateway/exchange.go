package gateway

import (
	"context"
	"errors"
	"net/http"
	"time"
)

// exchange is one request's way through the mux. It is the request's context, so that what grpc-gateway calls with a
// context alone finds it, and the ResponseWriter: two method sets over one allocation.
//
// It holds a status back until the first byte of the body, or the end of the handler: up to then the call can still
// fail, and then the error's status counts.
type exchange struct {
	context context.Context
	writer  http.ResponseWriter
	request *http.Request
	bridge  *bridge
	route   *route
	before  http.Header // see headersBefore

	status    int    // the status to commit; 0 for 200
	committed bool   // the header has been sent
	settled   bool   // the success side has been decided
	download  bool   // the messages are raw bytes
	head      bool   // the client asked for the header alone
	flushed   bool   // part of the body has been sent
	closed    bool   // the answer is complete, whatever is still written
	chunk     []byte // what the next write sends in place of what it is given
}

type (
	exchangeContext exchange
	exchangeWriter  exchange
)

type exchangeKey struct{}

func exchangeFrom(ctx context.Context) *exchange {
	x, _ := ctx.Value(exchangeKey{}).(*exchange)
	return x
}

func (c *exchangeContext) Deadline() (time.Time, bool) { return c.context.Deadline() }
func (c *exchangeContext) Done() <-chan struct{}       { return c.context.Done() }
func (c *exchangeContext) Err() error                  { return c.context.Err() }

// Value finds the exchange itself, and whatever the request's context holds.
func (c *exchangeContext) Value(key any) any {
	if key == (exchangeKey{}) {
		return (*exchange)(c)
	}
	return c.context.Value(key)
}

func (w *exchangeWriter) Header() http.Header { return w.writer.Header() }

// WriteHeader notes a final status; the last one before the first byte wins. Informational statuses pass at once.
func (w *exchangeWriter) WriteHeader(httpStatus int) {
	switch {
	case httpStatus < http.StatusOK:
		w.writer.WriteHeader(httpStatus)
		w.committed = w.committed || httpStatus == http.StatusSwitchingProtocols
	case !w.committed:
		w.status = httpStatus
	}
}

// errHeader ends a stream whose client asked for its header alone.
var errHeader = errors.New("gateway: the request is a HEAD, and its answer is complete")

func (w *exchangeWriter) Write(p []byte) (int, error) {
	if w.closed {
		return len(p), nil
	}
	if w.head && w.flushed {
		return 0, errHeader
	}
	if w.head && !w.committed && len(p) == 0 {
		// The server counts what is written, but for a HEAD not that it is nothing.
		w.writer.Header()["Content-Length"] = []string{"0"}
	}
	x := (*exchange)(w)
	x.commit()
	if w.status == http.StatusNoContent {
		return len(p), nil
	}
	if w.chunk == nil {
		return w.writer.Write(p)
	}
	chunk := w.chunk
	w.chunk = nil
	if _, err := w.writer.Write(chunk); err != nil {
		return 0, err
	}
	return len(p), nil
}

// FlushError sends what is there, the header first, for http.ResponseController.
func (w *exchangeWriter) FlushError() error {
	(*exchange)(w).commit()
	w.flushed = true
	return http.NewResponseController(w.writer).Flush()
}

// Flush is http.Flusher, for code that asserts it.
func (w *exchangeWriter) Flush() {
	_ = w.FlushError()
}

// Unwrap gives http.ResponseController the rest of what the server's writer can do.
func (w *exchangeWriter) Unwrap() http.ResponseWriter {
	return w.writer
}

// commit sends the header, once. A 204 has no body, and so no headers that speak of one.
func (x *exchange) commit() {
	if x.committed {
		return
	}
	x.committed = true
	if x.status == 0 {
		return
	}
	if x.status == http.StatusNoContent {
		removeBodyHeaders(x.writer.Header())
	}
	x.writer.WriteHeader(x.status)
}
