package exchange

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
)

// maxBuffered is how much of a handler's error response is buffered. A documented body is much smaller.
const maxBuffered = 64 << 10

// writer is the ResponseWriter of an exchange.
type writer struct{ x *Exchange }

// hijacker is the ResponseWriter of an exchange whose connection can be hijacked. Code that upgrades a connection asks
// for the interface.
type hijacker struct{ writer }

// Writer returns the ResponseWriter of the exchange.
func (x *Exchange) Writer() http.ResponseWriter {
	if canHijack(x.writer) {
		return hijacker{writer{x}}
	}
	return writer{x}
}

// Header returns the headers of the response. After a complete response it returns a copy, so that late changes do not
// become trailers.
func (w writer) Header() http.Header {
	if w.x.state == done {
		return w.x.Header().Clone()
	}
	return w.x.Header()
}

// WriteHeader notes the status. The last status before the header is sent counts, and an error is buffered at once.
// Informational statuses are sent at once. Before the header is decided, it panics for a status outside 100..999, as
// net/http does.
func (w writer) WriteHeader(status int) {
	x := w.x
	if x.state != open {
		return // net/http ignores it too
	}
	checkStatus(status)
	if status < http.StatusOK {
		if status == http.StatusSwitchingProtocols && x.request.ProtoMajor == 1 { // RFC 9113 section 8.6
			x.state = hijacked
		}
		x.writer.WriteHeader(status)
		return
	}
	x.status = status
	if status < http.StatusBadRequest {
		return
	}
	if x.translator != nil {
		x.state = buffered
	} else if x.failure.Load() != nil {
		x.commit(false) // the first error counts
	}
}

// checkStatus panics for a status outside 100..999, as net/http does.
func checkStatus(status int) {
	if status < 100 || status > 999 {
		panic(fmt.Sprintf("invalid WriteHeader code %d", status))
	}
}

// Write sends the header, unless it was sent, and then the bytes, as the state of the response allows.
func (w writer) Write(p []byte) (int, error) {
	x := w.x
	if x.state == open {
		x.beginBody()
	}
	switch x.state {
	case sent, hijacked:
		return x.writer.Write(p)
	case bounded:
		return x.writeBounded(p)
	case counting:
		x.counted.add(p)
	case buffered:
		x.buffer(p)
	}
	return len(p), nil
}

// beginBody fixes the header, and sends it unless the body is counted.
func (x *Exchange) beginBody() {
	if x.head && !bodyless(x.status) {
		x.counted = &countedBody{header: x.Header().Clone()}
		x.state = counting
		return
	}
	x.commit(false)
}

// writeBounded writes what fits the Content-Length of an error of this library. More bytes, of a handler that forgets
// to return, would break a stream of HTTP/2.
func (x *Exchange) writeBounded(p []byte) (int, error) {
	n, err := x.writer.Write(p[:min(int64(len(p)), x.rest)])
	if x.rest -= int64(n); x.rest == 0 {
		x.state = done
	}
	if err != nil {
		return n, err
	}
	return len(p), nil
}

// buffer keeps bytes of an error response, up to the limit.
func (x *Exchange) buffer(p []byte) {
	if x.error == nil {
		x.error = &bufferedError{}
	}
	if room := maxBuffered - len(x.error.body); len(p) > room {
		p, x.error.truncated = p[:room], true
	}
	x.error.body = append(x.error.body, p...)
}

// sniffed is how many bytes of a body net/http reads to find a Content-Type.
const sniffed = 512

// ReadFrom copies a reader. If the first read fails, nothing has been sent. As soon as a success has begun, the server
// copies the rest, and may use sendfile.
func (w writer) ReadFrom(from io.Reader) (int64, error) {
	n := int64(0)
	if w.x.state == open {
		var err error
		n, err = io.Copy(onlyWriter{w}, io.LimitReader(from, sniffed))
		if err != nil || n < sniffed {
			return n, err
		}
	}
	rest, err := w.readRest(from)
	return n + rest, err
}

// onlyWriter hides ReadFrom.
type onlyWriter struct{ io.Writer }

func (w writer) readRest(from io.Reader) (int64, error) {
	if to, ok := w.x.writer.(io.ReaderFrom); ok && w.x.state == sent {
		return to.ReadFrom(from)
	}
	return io.Copy(onlyWriter{w}, from)
}

// FlushError sends the written bytes, for http.ResponseController. It does nothing if the writer of the server cannot
// flush, and before a buffered error response is complete.
func (w writer) FlushError() error {
	x := w.x
	if !canFlush(x.writer) {
		return http.ErrNotSupported
	}
	if s := x.state; s == open || s == counting {
		x.commit(false)
	}
	switch x.state {
	case aborted:
		return nil
	case buffered:
		if !x.complete() {
			return nil
		}
		x.finish()
	}
	return http.NewResponseController(x.writer).Flush()
}

// complete reports whether a buffered error is complete. It asks the translator only after the body has doubled. The
// cost therefore stays linear if a handler flushes each byte.
func (x *Exchange) complete() bool {
	if x.refusedHead() || x.error == nil || len(x.error.body) == 0 || len(x.error.body) < 2*x.error.checked {
		return false
	}
	x.error.checked = len(x.error.body)
	Canonicalize(x.Header())
	return x.translator.Complete(x, x.asWritten())
}

// Flush is FlushError for code that asks for an http.Flusher.
func (w writer) Flush() { _ = w.FlushError() }

// Unwrap returns the server's writer, for http.ResponseController.
func (w writer) Unwrap() http.ResponseWriter { return w.x.writer }

// Hijack takes the connection over from the server.
func (w hijacker) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	connection, buffer, err := http.NewResponseController(w.x.writer).Hijack()
	if err == nil {
		w.x.state = hijacked
	}
	return connection, buffer, err
}

func canHijack(w http.ResponseWriter) bool {
	if _, ok := w.(writer); ok {
		return false // else it would be a hijacker
	}
	return has(w, func(w http.ResponseWriter) bool { _, ok := w.(http.Hijacker); return ok })
}

func canFlush(w http.ResponseWriter) bool {
	return has(w, func(w http.ResponseWriter) bool {
		switch w.(type) {
		case http.Flusher, interface{ FlushError() error }:
			return true
		}
		return false
	})
}

// has reports whether a writer, or one that it wraps, satisfies is. http.ResponseController looks in the same way.
func has(w http.ResponseWriter, is func(http.ResponseWriter) bool) bool {
	for {
		if is(w) {
			return true
		}
		wrapper, ok := w.(interface{ Unwrap() http.ResponseWriter })
		if !ok {
			return false
		}
		w = wrapper.Unwrap()
	}
}
