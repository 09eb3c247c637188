// Package exchange is one HTTP response as a state machine.
//
// An [Exchange] belongs to one request. Handlers find it through the request's context, and they write to its
// ResponseWriter. It sends a header only with the first byte of the body, when the handler flushes, or when the handler
// returns. Up to that moment an error can still replace a success.
//
//	state     header sent  a write                      the handler returns
//	open      no           sends the header, then sent  the header is sent
//	counting  no           is counted (HEAD)            the header is sent, with a Content-Length
//	buffered  no           is buffered                  the policy's response is sent
//	sent      yes          passes                       nothing
//	bounded   yes          passes up to the length      nothing
//	empty     yes          is dropped (204, 304)        nothing
//	done      yes          is dropped                   nothing
//	aborted   -            is dropped                   the connection breaks
//	hijacked  -            passes                       nothing
//
// A complete error response is sent from the states open and buffered. The state bounded is for such an error that
// middleware forwards unbuffered: what a handler writes after it is dropped. A HEAD is counted to learn the
// Content-Length that a GET would have. Otherwise it is handled like a GET: its header is fixed by the first byte of
// the body.
package exchange

import (
	"context"
	"io"
	"net/http"
	"reflect"
	"sync/atomic"
	"time"
)

// state is how far a response has come.
type state uint8

const (
	open state = iota
	counting
	buffered
	sent
	bounded
	empty
	done
	aborted
	hijacked
)

// Exchange is one request and its response. It is also the context that the handlers get.
type Exchange struct {
	parent     context.Context
	policy     Policy
	translator Translator          // the policy, or nil
	writer     http.ResponseWriter // the server's
	request    *http.Request       // the server's
	body       *expectedBody       // of a request that expects 100-continue, else nil
	byServe    bool                // Serve opened the exchange, and may call the handler again
	head       bool                // the client asked for the header only
	header     http.Header         // the writer's, see Of
	before     http.Header
	start      time.Time

	state   state
	status  int
	chosen  int
	counted *countedBody   // in state counting
	error   *bufferedError // in state buffered
	rest    int64          // of the body, in state bounded

	// Exchanges inside this one set the fields below too. They may outlive it, see Of.
	failure atomic.Pointer[Failure] // see Note
	asGet   atomic.Bool             // see ServeAsGet
}

// Failure is a complete error response. Its headers are already set.
type Failure struct {
	Status int
	Body   []byte
}

// Policy decides which responses may be sent.
type Policy interface {
	// Timed reports whether the start of the exchange is wanted.
	Timed() bool
	// Success returns the status to send in place of a 2xx. It may change the headers. Chosen is the status that the
	// service chose through the contract, or 0.
	Success(status, chosen int, h http.Header) int
	// Panicked sets the headers and returns the response to send for a panic.
	Panicked(x *Exchange, value any) Failure
}

// Translator is a policy that replaces errors of handlers, so each error is buffered. It also replaces a success for
// which Success returns 0.
type Translator interface {
	Policy
	// Complete reports whether an error response that a handler flushes may be given to Replace already.
	Complete(x *Exchange, written Written) bool
	// Replace sets the headers and returns the response to send in place of one that a handler wrote.
	Replace(x *Exchange, written Written) Failure
}

// Written is an error response of a handler.
type Written struct {
	Status int
	Body   []byte
	// Truncated reports that the body was longer than the buffer.
	Truncated bool
	// Failure is the last failure that was noted, or nil. The handler may have written another response.
	Failure *Failure
}

func (x *Exchange) asWritten() Written {
	w := Written{Status: x.status, Failure: x.failure.Load()}
	if x.error != nil {
		w.Body, w.Truncated = x.error.body, x.error.truncated
	}
	return w
}

// bufferedError is the body of an error response of a handler.
type bufferedError struct {
	body      []byte
	truncated bool
	checked   int // the length of the body when complete last asked the translator
}

// Key is the key of an exchange among the values of a context. A context that is derived from an exchange may return
// the exchange for it.
type Key struct{}

// Of returns the exchange of a request if w writes its response, and nil otherwise. A handler may serve parts of a
// request with other writers, such as a recorder or the writer of http.TimeoutHandler. Those have other headers, and
// may outlive the exchange.
func Of(ctx context.Context, w http.ResponseWriter) *Exchange {
	x := From(ctx)
	if x == nil {
		return nil
	}
	wraps := has(w, func(w http.ResponseWriter) bool {
		switch w := w.(type) {
		case writer:
			return w.x == x
		case hijacker:
			return w.x == x
		}
		return false
	})
	if wraps || reflect.ValueOf(w.Header()).Pointer() == reflect.ValueOf(x.header).Pointer() {
		return x
	}
	return nil
}

// From returns the exchange of a request's context, or nil.
func From(ctx context.Context) *Exchange {
	x, _ := ctx.Value(Key{}).(*Exchange)
	return x
}

// Open starts the exchange of a request and returns its writer. A mux calls it for a request that did not pass a
// Handler. The caller must defer [Exchange.End].
func (x *Exchange) Open(w http.ResponseWriter, r *http.Request, p Policy) http.ResponseWriter {
	x.begin(w, r, p)
	return x.Writer()
}

func (x *Exchange) begin(w http.ResponseWriter, r *http.Request, p Policy) {
	x.parent, x.writer, x.request = r.Context(), w, r
	x.follow(p)
	x.head = r.Method == http.MethodHead
	if p.Timed() {
		x.start = time.Now()
	}
	x.header = w.Header()
	x.before = Snapshot(x.header)
	if r.Body != nil && r.Header["Expect"] != nil {
		x.body = &expectedBody{ReadCloser: r.Body}
	}
}

func (x *Exchange) follow(p Policy) {
	x.policy = p
	x.translator, _ = p.(Translator)
}

// Pass returns the request for the handlers.
func (x *Exchange) Pass(r *http.Request) *http.Request {
	r = r.WithContext(x)
	r.Body = x.Body()
	return r
}

// Body returns the body of the request for the handlers.
func (x *Exchange) Body() io.ReadCloser {
	if x.body != nil {
		return x.body
	}
	return x.request.Body
}

// Deadline returns the deadline of the request's context.
func (x *Exchange) Deadline() (time.Time, bool) { return x.parent.Deadline() }

// Done returns the channel of the request's context.
func (x *Exchange) Done() <-chan struct{} { return x.parent.Done() }

// Err returns the error of the request's context.
func (x *Exchange) Err() error { return x.parent.Err() }

// Value returns the exchange itself for the key of the package, and a value of the request's context otherwise.
func (x *Exchange) Value(k any) any {
	if k == (Key{}) {
		return x
	}
	return x.parent.Value(k)
}

// Request returns the request as the server passed it.
func (x *Exchange) Request() *http.Request { return x.request }

// Header returns the headers of the response.
func (x *Exchange) Header() http.Header { return x.writer.Header() }

// Before returns the headers about a representation that were set before the exchange was opened. See [Snapshot].
func (x *Exchange) Before() http.Header { return x.before }

// ServeAsGet notes that a HEAD is served as GET. A second attempt would serve it twice.
func (x *Exchange) ServeAsGet() {
	for ; x != nil; x = From(x.parent) {
		x.asGet.Store(true)
	}
}

// Head reports whether the client asked for the header only. The request that handlers get may be a GET.
func (x *Exchange) Head() bool { return x.head }

// Start returns when the exchange was opened, if its policy wants to know.
func (x *Exchange) Start() time.Time { return x.start }

// Choose notes the status that a service chose through the contract, so that the policy accepts it.
func (x *Exchange) Choose(status int) { x.chosen = status }

// Started reports whether part of a success was sent, or would have been sent for a GET.
func (x *Exchange) Started() bool {
	switch x.state {
	case counting, sent, empty:
		return x.status < http.StatusBadRequest
	case aborted, hijacked:
		return true
	}
	return false
}

// Note keeps the failure that is about to be written. Middleware may encode its body, and the policy can then send it
// unchanged. Exchanges around this one keep it as well.
func (x *Exchange) Note(f Failure) {
	for ; x != nil; x = From(x.parent) {
		x.failure.Store(&f)
	}
}

// Buffers reports whether the body of an error is buffered. Such a body is not sent to a HEAD.
func (x *Exchange) Buffers() bool { return x.state == buffered }

// Failed reports whether the response is an error already, sent or buffered.
func (x *Exchange) Failed() bool {
	return x.state == done || x.state != open && x.status >= http.StatusBadRequest
}
