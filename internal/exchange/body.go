package exchange

import (
	"io"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
)

// drainLimit is how much of an unread request body is read before the connection closes: what net/http reads on
// connections that stay open.
const drainLimit = 256 << 10

// expectedBody is the body of a request that expects 100-continue. It notes whether a read has made the server send it.
type expectedBody struct {
	io.ReadCloser
	begun atomic.Bool
}

func (b *expectedBody) Read(p []byte) (int, error) {
	b.begun.Store(true)
	return b.ReadCloser.Read(p)
}

func (x *Exchange) drain() {
	if x.body == nil {
		Drain(x.writer, x.request)
	} else if x.body.begun.Load() {
		drain(x.writer, x.request)
	}
}

// Drain sends an error response and reads the rest of the request body, up to a bound, if the connection is about to
// close. A server that closes a connection with unread data resets it, and the client may lose the response. The client
// of a request that expects 100-continue has not sent a body yet.
func Drain(w http.ResponseWriter, r *http.Request) {
	if r.Header["Expect"] == nil {
		drain(w, r)
	}
}

func drain(w http.ResponseWriter, r *http.Request) {
	if r.Body == nil || r.Body == http.NoBody || r.ProtoMajor != 1 || r.Header["Upgrade"] != nil || !closes(w, r) {
		return
	}
	_ = http.NewResponseController(w).Flush()
	// At the limit, the reader makes net/http wait for the client before it closes the connection.
	_, _ = io.Copy(io.Discard, http.MaxBytesReader(w, r.Body, drainLimit))
}

// closes reports whether the server closes the connection after the response.
func closes(w http.ResponseWriter, r *http.Request) bool {
	return r.Close || slices.ContainsFunc(w.Header()["Connection"], func(value string) bool {
		return strings.Contains(strings.ToLower(value), "close")
	})
}
