package gateway

import (
	"encoding/json"
	"maps"
	"mime"
	"net/http"
	"strings"

	"github.com/statusbridge/statusbridge/internal/contract"
	"github.com/statusbridge/statusbridge/internal/exchange"
)

// Handler returns the outermost handler of a server. It keeps the contract for everything that next serves: muxes,
// middleware, file servers, proxies. It never sends an undocumented success or error:
//
//   - An error, 400 and above, is buffered until next returns. A documented error is sent unchanged, those of a mux and
//     of [Bridge.WriteError] byte for byte and without the encoding of middleware. Any other error is translated: its
//     status becomes the one that package mapping's table gives it (410 becomes 404, 412 becomes 409), or else 400 or
//     500. A 429 becomes 503, so that Retry-After keeps its meaning. Under a 4xx, the message is the text of the body:
//     plain text, or the message of a JSON error. Under a 5xx it is the documented sentence. HTML is never sent. A 401
//     without a challenge gets one.
//   - A success is sent as it is written, unbuffered: 200, 202 and 204. A 205 becomes 204, and any other 2xx becomes
//     200. Range headers of the request are removed, because 206 is not documented. If a handler sends a 206
//     nevertheless, the response is a 500.
//   - Informational statuses, redirects, 304, and upgraded or hijacked connections pass untouched.
//   - If next refuses HEAD with a 405 that allows GET, it is called a second time with a GET (RFC 9110 section 9.3.2).
//     Middleware inside then runs twice. Handlers of a mux of the bridge run once.
//   - A panic is a 500. If part of a success was sent, the connection is aborted.
//   - gRPC, gRPC-Web and Connect requests pass untouched, and so do paths that [WithPassthrough] names.
//
// [WithExtraStatuses] lets further statuses pass. Observers get the responses that Handler translated, and the text
// that next wrote is the error. Errors that net/http sends before it calls a handler are not affected. Handler panics
// if next is nil.
func (b *Bridge) Handler(next http.Handler) http.Handler {
	if next == nil {
		panic("gateway: Handler was given a nil http.Handler")
	}
	serve := next
	ranges := b.honours(http.StatusPartialContent)
	if !ranges {
		serve = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			removeRanges(r)
			next.ServeHTTP(w, r)
		})
	}
	policy := handlerPolicy{b, ranges}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if b.passes(r) {
			next.ServeHTTP(w, r)
			return
		}
		exchange.Serve(w, r, policy, serve)
	})
}

// removeRanges makes r a request for the whole representation. Its header may be shared with other requests.
func removeRanges(r *http.Request) {
	if r.Header["Range"] == nil {
		return // servers ignore If-Range alone (RFC 9110 section 13.1.5)
	}
	r.Header = maps.Clone(r.Header)
	delete(r.Header, "Range")
	delete(r.Header, "If-Range")
}

// handlerPolicy is the policy of an exchange with a Handler around everything.
type handlerPolicy struct {
	*Bridge
	ranges bool // 206 is allowed
}

// Success returns a documented status for a success, and 0 for part of a representation.
func (p handlerPolicy) Success(status, chosen int, h http.Header) int {
	if !p.ranges {
		delete(h, "Accept-Ranges")
	}
	if p.honours(status) || status == chosen {
		return status
	}
	if status == http.StatusPartialContent && isPart(h) {
		return 0
	}
	if status == http.StatusResetContent {
		return http.StatusNoContent
	}
	return http.StatusOK
}

// isPart reports whether a 206 has a part of a representation (RFC 9110 section 15.3.7). Some handlers send a whole
// one.
func isPart(h http.Header) bool {
	mediaType, _, _ := mime.ParseMediaType(h.Get("Content-Type"))
	return len(h["Content-Range"]) > 0 || strings.EqualFold(mediaType, "multipart/byteranges")
}

// Timed reports whether somebody wants to know the duration of a request.
func (p handlerPolicy) Timed() bool { return p.observers != nil }

// Complete returns false for a body that is only the beginning of one: a proxy flushes before it has copied everything.
func (p handlerPolicy) Complete(x *exchange.Exchange, written exchange.Written) bool {
	t := translation{p.Bridge, written, x.Header(), x.Before()}
	return !t.readable() || !isJSON(t.mediaType()) || json.Valid(written.Body)
}

// Replace returns a documented error unchanged, and translates any other error.
func (p handlerPolicy) Replace(x *exchange.Exchange, written exchange.Written) exchange.Failure {
	h := x.Header()
	exchange.Canonicalize(h)
	t := translation{p.Bridge, written, h, x.Before()}
	t.decode()
	if failure, ok := t.noted(); ok {
		removeSuccess(h, x.Before(), failure.Status)
		setBodyHeaders(h, failure.Body)
		return failure
	}
	f, documented := t.documented()
	var err error
	if !documented {
		f, err = t.translate(), t.asError()
	}
	removeSuccess(h, x.Before(), f.httpStatus)
	body := p.setHeaders(h, &f)
	if !documented {
		p.observe(x, x.Request(), &f, err)
	}
	return exchange.Failure{Status: f.httpStatus, Body: body}
}

// removeSuccess removes the headers of a failed success. A 416 keeps its Content-Range (RFC 9110 section 15.5.17).
func removeSuccess(h, before http.Header, httpStatus int) {
	contentRange := h["Content-Range"]
	exchange.RemoveSuccess(h, before)
	if httpStatus == http.StatusRequestedRangeNotSatisfiable && len(contentRange) > 0 {
		h["Content-Range"] = contentRange
	}
}

// Panicked returns a 500.
func (p handlerPolicy) Panicked(x *exchange.Exchange, value any) exchange.Failure {
	return p.panicked(x, x.Header(), x.Before(), x.Request(), value)
}

// documentedStatus returns the status to send for an error that a handler wrote. It is the status table's if that has
// the same class, or else the first one of the class.
func (c *config) documentedStatus(status int) int {
	switch {
	case !contract.IsError(status):
		return http.StatusInternalServerError
	case c.honours(status):
		return status
	}
	translated := c.httpStatus(contract.GRPCCode(status))
	if translated/100 == status/100 || status == http.StatusTooManyRequests {
		return translated
	}
	return status / 100 * 100
}
