package gateway

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"
)

// exchange is one request's way through the mux. It is the request's context, so that what grpc-gateway calls with a
// context alone finds it, and the ResponseWriter: method sets over one allocation.
//
// It stands in two places. Outermost, it holds a status back until the first byte of the body, or the end of the
// handler: up to then the call can still fail, and then the error's status counts. Innermost, it sees what
// grpc-gateway writes before a user's own middleware compresses, buffers or counts it; see innermost.go.
//
// Every success pays for its size, most of all where memory is new to the processor: what few exchanges have lies aside.
type exchange struct {
	context context.Context
	writer  http.ResponseWriter // the server's
	request *http.Request       // as the handlers have it, who may change it
	route   *route
	decoded string // see path
	aside   *aside // nil while there is nothing in it

	status    uint16 // the status to commit; 0 for 200
	committed bool   // the header has been sent
	settled   bool   // the success side has been decided
	head      bool   // the client asked for the header alone
	began     bool   // part of a body has been written
	closed    bool   // the answer is complete, whatever grpc-gateway still writes
	aborted   bool   // the connection ends here, whatever a user's middleware makes of the panic that says so
}

func (x *exchange) bridge() *bridge { return x.route.bridge }

type (
	exchangeContext exchange
	exchangeWriter  exchange
)

func (c *exchangeContext) Deadline() (time.Time, bool) { return c.context.Deadline() }
func (c *exchangeContext) Done() <-chan struct{}       { return c.context.Done() }
func (c *exchangeContext) Err() error                  { return c.context.Err() }

// Value finds the exchange itself, and whatever the request's context holds.
func (c *exchangeContext) Value(key any) any {
	if key == (markKey{}) {
		return (*exchange)(c)
	}
	return c.context.Value(key)
}

// Header is a copy behind a complete answer: grpc-gateway still sets the type of its own.
func (w *exchangeWriter) Header() http.Header {
	if w.closed && (*exchange)(w).inner() == nil {
		return w.writer.Header().Clone()
	}
	return w.writer.Header()
}

// WriteHeader notes a final status; the last one before the first byte wins. Informational statuses pass at once.
func (w *exchangeWriter) WriteHeader(httpStatus int) {
	switch {
	case w.closed && (*exchange)(w).inner() == nil, w.committed:
	case httpStatus < 100 || httpStatus > 999:
		// As net/http does, but while the panic can still be answered.
		panic(fmt.Sprintf("invalid WriteHeader code %d", httpStatus))
	case httpStatus < http.StatusOK:
		(*exchange)(w).settle() // the headers go along
		w.writer.WriteHeader(httpStatus)
		w.committed = httpStatus == http.StatusSwitchingProtocols
	default:
		w.status = uint16(httpStatus)
	}
}

func (w *exchangeWriter) Write(p []byte) (int, error) {
	if (*exchange)(w).inner() == nil {
		return (*exchange)(w).intercept((*outermost)(w), p)
	}
	return (*outermost)(w).Write(p)
}

// FlushError sends what is there, the header first, for http.ResponseController.
func (w *exchangeWriter) FlushError() error {
	(*exchange)(w).commit()
	return (*exchange)(w).flush(w.writer, (*exchange)(w).inner() == nil)
}

// Flush is http.Flusher, for code that asserts it.
func (w *exchangeWriter) Flush() {
	_ = w.FlushError()
}

// Unwrap gives http.ResponseController the rest of what the server's writer can do.
func (w *exchangeWriter) Unwrap() http.ResponseWriter {
	return w.writer
}

// outermost writes to the server.
type outermost exchange

func (w *outermost) Write(p []byte) (int, error) {
	if w.aborted {
		return len(p), nil
	}
	if w.head && !w.committed && len(p) == 0 {
		// The server counts what is written, but for a HEAD not that it is nothing.
		w.writer.Header()["Content-Length"] = []string{"0"}
	}
	(*exchange)(w).commit()
	if w.status == http.StatusNoContent {
		return len(p), nil
	}
	return w.writer.Write(p)
}

var errComplete = errors.New("gateway: the answer is complete with its header")

// flush flushes a writer. A stream whose answer has no body ends where grpc-gateway flushes it: it would go on, and
// nobody would read it.
func (x *exchange) flush(w http.ResponseWriter, mux bool) error {
	stream := mux && x.settled
	if stream && x.status == http.StatusNoContent {
		return errComplete // unflushed, so that the server can say with the header that nothing follows
	}
	err := http.NewResponseController(w).Flush()
	if mux && errors.Is(err, http.ErrNotSupported) {
		// Middleware in front has a writer that cannot: the stream comes when that passes it on. grpc-gateway would end it
		// here, with a text of its own under what looks like a success.
		err = nil
	}
	if err == nil && stream && x.head {
		return errComplete
	}
	return err
}

// commit sends the header, once. A 204 has no body, and so no headers that speak of one.
func (x *exchange) commit() {
	if x.committed {
		return
	}
	x.committed = true
	x.settle()
	if x.status == 0 {
		return
	}
	if x.status == http.StatusNoContent {
		removeBodyHeaders(x.writer.Header())
		delete(x.writer.Header(), "Content-Encoding")
	}
	x.writer.WriteHeader(int(x.status))
}
