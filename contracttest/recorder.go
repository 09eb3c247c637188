package contracttest

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"sync/atomic"
)

// bodyLimit is the size in bytes up to which a body is kept.
const bodyLimit = 1 << 20

// A recorder passes a response on and keeps a copy of it as the handler wrote it.
type recorder struct {
	http.ResponseWriter
	status   int
	explicit bool // the handler called WriteHeader itself
	header   http.Header
	body     []byte
	cut      bool // the body is longer than bodyLimit
	hijacked bool
}

// WriteHeader implements http.ResponseWriter.
func (r *recorder) WriteHeader(status int) {
	if r.status == 0 && (status >= 200 || status == http.StatusSwitchingProtocols) {
		r.explicit = true
		r.begin(status)
	}
	r.ResponseWriter.WriteHeader(status)
}

func (r *recorder) begin(status int) {
	if r.status == 0 {
		r.status, r.header = status, r.Header().Clone()
	}
}

// Write implements http.ResponseWriter.
func (r *recorder) Write(data []byte) (int, error) {
	r.begin(http.StatusOK)
	if room := bodyLimit - len(r.body); room >= len(data) {
		r.body = append(r.body, data...)
	} else {
		r.body, r.cut = append(r.body, data[:room]...), true
	}
	return r.ResponseWriter.Write(data)
}

// Flush implements http.Flusher for handlers that do not use http.ResponseController.
func (r *recorder) Flush() { _ = r.FlushError() }

// FlushError is used by http.ResponseController.
func (r *recorder) FlushError() error {
	r.begin(http.StatusOK)
	return http.NewResponseController(r.ResponseWriter).Flush()
}

// Hijack implements http.Hijacker. It ends the recording.
func (r *recorder) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	connection, buffered, err := http.NewResponseController(r.ResponseWriter).Hijack()
	r.hijacked = r.hijacked || err == nil
	return connection, buffered, err
}

// Unwrap is used by http.ResponseController.
func (r *recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }

// exchange returns the recorded exchange. If the handler was aborted, the body is not whole.
func (r *recorder) exchange(c *config, request *http.Request, aborted bool) *exchange {
	r.begin(http.StatusOK)
	return &exchange{
		config: c, request: request, status: r.status, header: canonical(r.header), body: r.body,
		whole: !r.cut && !aborted, proto: request.Proto,
	}
}

// watchedBody records whether a request body was read until its end or an error. Its flag is atomic, because the
// gateway reads a bidirectional stream in a goroutine that may outlive the handler.
type watchedBody struct {
	io.ReadCloser
	end atomic.Bool
}

func (b *watchedBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if err != nil {
		b.end.Store(true)
	}
	return n, err
}
