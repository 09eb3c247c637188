package gateway

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"github.com/statusbridge/statusbridge/internal/contract"
	"github.com/statusbridge/statusbridge/internal/exchange"
	"github.com/statusbridge/statusbridge/internal/upstream"
)

// WriteError sends err as the documented response. Call it in middleware, in a plain http.Handler, in a handler that
// was registered with HandlePath, or use it as the ErrorHandler of a httputil.ReverseProxy. It reads the error as
// [ErrorHandler] does. If it is called twice for a response, the first error is sent. If part of a success was sent,
// the connection is aborted.
//
// Outside of a mux, WriteError does not know the methods of a path. Set the Allow header before you send a 405.
func (b *Bridge) WriteError(w http.ResponseWriter, r *http.Request, err error) {
	ctx := r.Context()
	c, x := callFrom(ctx), exchange.Of(ctx, w)
	if x == nil {
		c = nil // w is a writer of the caller's own
	}
	if alreadyFailed(c, x) {
		return // the handler forgot to return
	}
	abortIfStarted(c, x)
	h := w.Header()
	exchange.Canonicalize(h)
	exchange.RemoveSuccess(h, keptHeaders(c, h))
	source := upstream.OwnCode()
	if isOutgoing(r) {
		source = upstream.Outgoing()
	}
	f := b.failure(err, source)
	b.send(ctx, w, r, &f)
	if x == nil || !x.Retries(f.httpStatus, h) {
		b.observe(ctx, r, &f, err)
	}
}

// isOutgoing reports whether r is a request to another server: httputil.ReverseProxy gives it to its ErrorHandler. The
// URL of a request that a server has received has a host only if its RequestURI names the same host (RFC 9112 sections
// 3.2.2 and 3.2.3).
func isOutgoing(r *http.Request) bool {
	if r.URL == nil || r.URL.Host == "" || r.RequestURI == r.URL.Host {
		return false
	}
	received, err := url.ParseRequestURI(r.RequestURI)
	return err != nil || received.Host != r.URL.Host
}

// alreadyFailed reports whether the response is an error already.
func alreadyFailed(c *call, x *exchange.Exchange) bool {
	return c != nil && c.inner.Failed() || x != nil && x.Failed()
}

// abortIfStarted aborts a response of which a part was sent: with an error after it, it would look complete.
func abortIfStarted(c *call, x *exchange.Exchange) {
	if c != nil && c.begun() || x != nil && x.Started() {
		x.Abort()
	}
}

// send writes a failure. The headers of a success have been removed.
func (b *Bridge) send(ctx context.Context, w http.ResponseWriter, r *http.Request, f *failure) {
	h := w.Header()
	body := b.setHeaders(h, f)
	c, x := callFrom(ctx), exchange.Of(ctx, w)
	if f.httpStatus == http.StatusMethodNotAllowed && c != nil && x != nil && len(h["Allow"]) == 0 {
		h["Allow"] = []string{c.hooks.allowed(r, c.path, c.rawPath, "")}
	}
	write(ctx, x, w, r, exchange.Failure{Status: f.httpStatus, Body: body})
	if x == nil {
		exchange.Drain(w, r)
	}
}

// write writes a failure whose headers are set, and completes the response. X is the exchange of w, or nil.
func write(
	ctx context.Context, x *exchange.Exchange, w http.ResponseWriter, r *http.Request, failure exchange.Failure,
) {
	if around := exchange.From(ctx); around != nil {
		around.Note(failure)
	}
	w.WriteHeader(failure.Status)
	isHead := r.Method == http.MethodHead || x != nil && x.Head()
	if !isHead || x != nil && x.Buffers() { // a buffered body is compared with the failure
		_, _ = w.Write(failure.Body) // a client that has gone reads nothing
	}
	if c, ok := exchange.ObserverOf(w).(*call); ok {
		c.inner.Complete()
	}
}

// setHeaders sets the headers of a failure, except Allow, and returns its body.
func (b *Bridge) setHeaders(h http.Header, f *failure) []byte {
	const around = len(`{"code":500,"message":"","details":""}`)
	body := make([]byte, 0, around+len(f.message)+len(f.details))
	body = contract.AppendBody(body, f.httpStatus, f.message, f.details)
	setBodyHeaders(h, body)
	if f.httpStatus == http.StatusUnauthorized {
		var valid []string
		for _, value := range h["Www-Authenticate"] {
			if isChallenge(value) {
				valid = append(valid, value)
			}
		}
		if valid == nil {
			valid = []string{b.challenge}
		}
		h["Www-Authenticate"] = valid
	}
	setRetryAfter(h, f.retryAfter)
	return body
}

// setRetryAfter sets the delay in seconds. If it is negative, the first valid value that is set already stays.
func setRetryAfter(h http.Header, seconds int64) {
	set := h["Retry-After"]
	first := slices.IndexFunc(set, isRetryAfter)
	switch {
	case seconds >= 0:
		h["Retry-After"] = []string{strconv.FormatInt(seconds, 10)}
	case first >= 0:
		h["Retry-After"] = set[first : first+1]
	default:
		delete(h, "Retry-After")
	}
}

func setBodyHeaders(h http.Header, body []byte) {
	h["Content-Type"] = []string{"application/json"}
	if len(h["Content-Encoding"]) == 0 { // else middleware changes the length
		h["Content-Length"] = []string{strconv.Itoa(len(body))}
	}
}
