package gateway

import (
	"fmt"
	"net/http"
	"runtime/debug"

	"google.golang.org/grpc/grpclog"
)

// end is deferred around a handler. It sends a header that is still held back; after a panic, a 500 while nothing has
// been sent, so that one broken call does not look like a broken network.
func (x *exchange) end() {
	v := recover()
	switch {
	case x.aborted:
		panic(http.ErrAbortHandler)
	case v == nil && (x.aside == nil || x.aside.chunk == nil):
		x.commit()
	case v == nil:
		x.abort() // the error of a stream was not written, and a clean end would hide it
	case v == http.ErrAbortHandler || x.committed: //nolint:errorlint // net/http compares as well
		panic(v)
	default:
		err := fmt.Errorf("gateway: a handler panicked: %v", v)
		grpclog.Errorf("%v\n%s", err, debug.Stack())
		b := x.bridge()
		b.removeForwarded(x.context, x.writer.Header())
		if a := x.aside; a != nil && a.encodes {
			// The answer does not go through the middleware inside, which would have encoded it.
			delete(x.writer.Header(), "Content-Encoding")
			delete(a.before, "Content-Encoding")
		}
		b.handleError(x.context, b.mux, nil, (*exchangeWriter)(x), x.request, err)
		x.commit()
	}
}

// abort ends the connection, so that what has been sent does not look like all there is.
func (x *exchange) abort() {
	x.aborted = true
	frontOf(x.writer).abort()
	panic(http.ErrAbortHandler)
}
