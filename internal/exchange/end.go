package exchange

import (
	"crypto/tls"
	"maps"
	"net"
	"net/http"
	"strconv"
)

// End completes the response after the handler has returned. It must be deferred. It recovers a panic, for which the
// policy makes a response. If part of a success was sent, End breaks the connection instead. A complete error stays.
func (x *Exchange) End() {
	value := recover()
	if x.state == aborted || value == http.ErrAbortHandler { //nolint:errorlint // net/http compares as well
		x.breakConnection()
	}
	if value != nil {
		x.endPanic(value)
		return
	}
	if x.state != hijacked {
		x.finish()
	}
}

// endPanic ends the response after the handler has panicked.
func (x *Exchange) endPanic(value any) {
	if x.state == hijacked {
		panic(value)
	}
	failure := x.policy.Panicked(x, value)
	if x.state == open || x.state == buffered {
		x.send(failure)
		return
	}
	if x.state == done || !x.Started() && x.failure.Load() != nil {
		x.drain()
		return
	}
	x.breakConnection()
}

// finish ends the response after the handler has returned.
func (x *Exchange) finish() {
	if s := x.state; s == open || s == counting {
		x.commit(true)
	}
	if x.state == buffered {
		x.send(x.translator.Replace(x, x.asWritten()))
		return
	}
	if x.status >= http.StatusBadRequest {
		x.drain()
	}
}

// commit sends the header of a success, a redirect, or an error that is not buffered. If the policy does not accept a
// success, the response becomes buffered instead. Complete reports that nothing is left to be written.
func (x *Exchange) commit(complete bool) {
	h := x.Header()
	if x.state == counting {
		clear(h)
		maps.Copy(h, x.counted.header)
	}
	Canonicalize(h)
	status := max(x.status, http.StatusOK)
	if status < http.StatusMultipleChoices {
		allowed := x.policy.Success(status, x.chosen, h)
		if allowed == 0 {
			x.status = status
			x.state = buffered
			return
		}
		status = allowed
	}
	delete(h, "Transfer-Encoding") // the server chooses it
	next := sent
	switch {
	case bodyless(status):
		removeBody(h, status)
		next = empty
	case x.head:
		if x.state == counting {
			x.counted.describe(h, complete)
		}
		next = empty
	}
	x.status = status
	if failure := x.failure.Load(); next == sent && failure != nil && failure.Status == status &&
		h.Get("Content-Length") == strconv.Itoa(len(failure.Body)) {
		next, x.rest = bounded, int64(len(failure.Body))
	}
	x.state = next
	x.writer.WriteHeader(status)
}

// send sends a complete error response, in place of what the handler wrote.
func (x *Exchange) send(f Failure) {
	x.state = done
	x.error = nil
	h := x.Header()
	removeUnannounced(h)
	delete(h, "Transfer-Encoding")
	x.restoreEncoding(h)
	x.writer.WriteHeader(f.Status)
	if !x.head {
		_, _ = x.writer.Write(f.Body) // a client that has gone reads nothing
	}
	x.drain()
}

// restoreEncoding removes the Content-Encoding of a handler, whose bytes are not sent. The Content-Encoding of
// middleware around the exchange stays.
func (x *Exchange) restoreEncoding(h http.Header) {
	delete(h, "Content-Encoding")
	if encoding, ok := x.before["Content-Encoding"]; ok {
		h["Content-Encoding"] = encoding
		delete(h, "Content-Length") // of other bytes
	}
}

// Abort ends the handler with a panic and breaks the connection, so that the part of a success that was sent does not
// look complete. Middleware that recovers cannot prevent it. It does not break the response if that is an error.
func (x *Exchange) Abort() {
	if x.state != buffered && x.state != hijacked && !x.Failed() {
		x.state = aborted
	}
	panic(http.ErrAbortHandler)
}

// breakConnection ends the response so that the client notices. The end of an HTTP/1.0 connection is the end of the
// body, so such a connection is hijacked and reset. A hijack sends the buffered header, which would complete a response
// without a body. The panic alone drops that header.
func (x *Exchange) breakConnection() {
	if !x.request.ProtoAtLeast(1, 1) && !x.head && !bodyless(x.status) {
		if connection, _, err := http.NewResponseController(x.writer).Hijack(); err == nil {
			reset(connection)
		}
	}
	panic(http.ErrAbortHandler)
}

// reset closes a connection so that the other side gets an error instead of an end.
func reset(connection net.Conn) {
	raw := connection
	if encrypted, ok := connection.(*tls.Conn); ok {
		raw = encrypted.NetConn()
	}
	if tcp, ok := raw.(interface{ SetLinger(seconds int) error }); ok {
		_ = tcp.SetLinger(0)
	}
	_ = raw.Close()
}
