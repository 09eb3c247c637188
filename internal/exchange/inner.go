package exchange

import (
	"bufio"
	"errors"
	"net"
	"net/http"
)

// Inner is the writer that a mux gives its handlers, inside of all middleware. It sends the status of a success with
// the first byte, so that a failure before it can still have another status. After a complete response it drops the
// bytes that the handler writes.
type Inner struct {
	writer   http.ResponseWriter // that of the middleware
	observer HeaderObserver
	status   int
	state    state
}

// HeaderObserver is called once, before the header of a response is sent through an Inner.
type HeaderObserver interface {
	BeforeHeader(h http.Header, status int)
}

// Start makes i the writer of one call, and returns it with the optional interfaces of w.
func (i *Inner) Start(w http.ResponseWriter, observer HeaderObserver) http.ResponseWriter {
	*i = Inner{writer: w, observer: observer}
	if canHijack(w) {
		return innerHijacker{i}
	}
	return i
}

// Choose sets the status of a success. A later WriteHeader wins.
func (i *Inner) Choose(status int) {
	if i.state == open {
		i.status = status
	}
}

// Status returns the status that was chosen or written, and 0 for none.
func (i *Inner) Status() int { return i.status }

// Begun reports whether the header was sent.
func (i *Inner) Begun() bool { return i.state == sent || i.state == empty || i.state == hijacked }

// Failed reports whether the response is complete, or part of an error was sent.
func (i *Inner) Failed() bool {
	return i.state == done || i.Begun() && i.status >= http.StatusBadRequest
}

// Complete sends the header, unless it was sent, and ends the response: what the handler writes from now on is dropped.
func (i *Inner) Complete() {
	i.Finish()
	i.state = done
}

// Discard drops everything that the handler writes, because middleware has sent a response already.
func (i *Inner) Discard() { i.state = done }

// Finish sends the header if the handler has returned without a body.
func (i *Inner) Finish() {
	if i.state == open {
		i.commit()
	}
}

// ObserverOf returns the observer of an Inner, and nil for any other writer.
func ObserverOf(w http.ResponseWriter) HeaderObserver {
	switch w := w.(type) {
	case *Inner:
		return w.observer
	case innerHijacker:
		return w.observer
	}
	return nil
}

// Header returns the headers of the response, and a copy of them after a complete response.
func (i *Inner) Header() http.Header {
	if i.state == done {
		return i.writer.Header().Clone()
	}
	return i.writer.Header()
}

// WriteHeader notes the status. The last one before the first byte counts. It panics for a status outside 100..999, as
// net/http does.
func (i *Inner) WriteHeader(status int) {
	if i.state != open {
		return
	}
	checkStatus(status)
	if status < http.StatusOK {
		i.writer.WriteHeader(status)
		return
	}
	i.status = status
}

// Write sends the header, unless it was sent, and the bytes.
func (i *Inner) Write(p []byte) (int, error) {
	if i.state == open {
		i.commit()
		if i.state == empty {
			return len(p), i.sendHeader()
		}
	}
	if i.state == sent || i.state == hijacked {
		return i.writer.Write(p)
	}
	return len(p), nil
}

// sendHeader sends the header of a response without a body, as the first byte of a body would.
func (i *Inner) sendHeader() error {
	_, err := i.writer.Write(nil)
	return err
}

func (i *Inner) commit() {
	i.status = max(i.status, http.StatusOK)
	i.state = sent
	if bodyless(i.status) {
		i.state = empty
	}
	i.observer.BeforeHeader(i.writer.Header(), i.status)
	i.writer.WriteHeader(i.status)
}

// FlushError sends the written bytes, for http.ResponseController. If some middleware cannot flush, it does nothing and
// returns nil: the stream reaches the client later, and grpc-gateway would end it with its own text.
func (i *Inner) FlushError() error {
	if !canFlush(i.writer) {
		return nil
	}
	if i.state == open {
		i.commit()
	}
	if i.state != sent && i.state != empty {
		return nil
	}
	if err := http.NewResponseController(i.writer).Flush(); !errors.Is(err, http.ErrNotSupported) {
		return err
	}
	return nil
}

// Flush is FlushError for code that asks for an http.Flusher.
func (i *Inner) Flush() { _ = i.FlushError() }

// Unwrap returns the writer of the middleware, for http.ResponseController.
func (i *Inner) Unwrap() http.ResponseWriter { return i.writer }

// innerHijacker is an Inner whose connection can be hijacked.
type innerHijacker struct{ *Inner }

// Hijack takes the connection over from the server.
func (i innerHijacker) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	connection, buffer, err := http.NewResponseController(i.writer).Hijack()
	if err == nil {
		i.state = hijacked
	}
	return connection, buffer, err
}
