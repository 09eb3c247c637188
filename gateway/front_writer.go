package gateway

import (
	"bufio"
	"fmt"
	"io"
	"mime"
	"net"
	"net/http"
	"strings"
)

// maxHeld bounds how much of an error is kept. A documented body is smaller by far, unless a bridge wrote it, and then
// its text is known.
const maxHeld = 64 << 10

// frontWriter is what the handlers inside Handler write to.
type frontWriter front

// hijackWriter is for a server whose connections can be hijacked: code asserts it before it upgrades one.
type hijackWriter struct{ *frontWriter }

// face is the writer with the methods that the server's has.
func (f *front) face() http.ResponseWriter {
	if _, ok := f.writer.(http.Hijacker); ok {
		return hijackWriter{(*frontWriter)(f)}
	}
	return (*frontWriter)(f)
}

func (w *frontWriter) Header() http.Header { return w.writer.Header() }

// WriteHeader decides what becomes of the answer.
func (w *frontWriter) WriteHeader(httpStatus int) {
	switch {
	case w.stage == passing:
		w.writer.WriteHeader(httpStatus) // net/http logs that it is superfluous
	case w.stage != undecided:
	case httpStatus < 100 || httpStatus > 999:
		// As net/http does, but while the panic can still be answered.
		panic(fmt.Sprintf("invalid WriteHeader code %d", httpStatus))
	case httpStatus < http.StatusOK:
		w.writer.WriteHeader(httpStatus)
		if httpStatus == http.StatusSwitchingProtocols {
			w.stage = passing
		}
	case httpStatus < http.StatusMultipleChoices:
		w.succeed(httpStatus)
	case httpStatus < http.StatusBadRequest:
		w.stage = passing
		w.writer.WriteHeader(httpStatus)
	default:
		w.stage, w.status = held, httpStatus
	}
}

// succeed sends the header of a success, under a documented status.
func (w *frontWriter) succeed(httpStatus int) {
	h := w.writer.Header()
	if !w.bridge.honours(httpStatus) {
		switch {
		case httpStatus == http.StatusPartialContent && isPart(h):
			w.stage, w.status = held, httpStatus
			return
		case httpStatus == http.StatusResetContent:
			httpStatus = http.StatusNoContent
		default:
			httpStatus = http.StatusOK
		}
	}
	w.begin()
	if httpStatus == http.StatusNoContent || httpStatus == http.StatusResetContent {
		w.stage = bodyless
		removeBodyHeaders(h)
		delete(h, "Content-Encoding")
		if httpStatus == http.StatusResetContent {
			h["Content-Length"] = []string{"0"} // RFC 9110 section 15.3.6
		}
	}
	w.writer.WriteHeader(httpStatus)
}

// begin lets a success through.
func (w *frontWriter) begin() {
	w.stage = passing
	if !w.ranges {
		delete(w.writer.Header(), "Accept-Ranges")
	}
}

// isPart reports whether a 206 has a part of a representation (RFC 9110 section 15.3.7). Some send one without, and
// mean a success.
func isPart(h http.Header) bool {
	mediaType, _, _ := mime.ParseMediaType(h.Get("Content-Type"))
	return len(h["Content-Range"]) > 0 || strings.EqualFold(mediaType, "multipart/byteranges")
}

func (w *frontWriter) Write(p []byte) (int, error) {
	if w.stage == undecided {
		w.begin()
	}
	if w.stage == passing {
		return w.writer.Write(p)
	}
	w.keep(p)
	return len(p), nil
}

// WriteString is io.StringWriter, without which each string would be copied.
func (w *frontWriter) WriteString(s string) (int, error) {
	if w.stage == undecided {
		w.begin()
	}
	if w.stage == passing {
		return io.WriteString(w.writer, s)
	}
	return w.Write([]byte(s))
}

// ReadFrom is io.ReaderFrom, by which a server sends a file without reading it.
func (w *frontWriter) ReadFrom(from io.Reader) (int64, error) {
	if w.stage == undecided {
		w.begin()
	}
	if to, ok := w.writer.(io.ReaderFrom); ok && w.stage == passing {
		return to.ReadFrom(from)
	}
	return io.Copy(struct{ io.Writer }{w}, from)
}

// keep holds what is written of an error, as far as it goes.
func (w *frontWriter) keep(p []byte) {
	if w.stage != held {
		return
	}
	room := maxHeld - len(w.body)
	if len(p) > room {
		p, w.cut = p[:room], true
	}
	w.body = append(w.body, p...)
}

// FlushError sends what is there, for http.ResponseController.
func (w *frontWriter) FlushError() error {
	switch w.stage {
	case undecided:
		w.begin()
	case held:
		if (*front)(w).unfinished() {
			return nil
		}
		(*front)(w).answer()
	}
	return http.NewResponseController(w.writer).Flush()
}

// Flush is http.Flusher, for code that asserts it.
func (w *frontWriter) Flush() {
	_ = w.FlushError()
}

// Unwrap gives http.ResponseController the rest of what the server's writer can do.
func (w *frontWriter) Unwrap() http.ResponseWriter {
	return w.writer
}

// Hijack is http.Hijacker.
func (w hijackWriter) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	connection, buffer, err := w.writer.(http.Hijacker).Hijack()
	if err == nil {
		w.stage = passing
	}
	return connection, buffer, err
}
