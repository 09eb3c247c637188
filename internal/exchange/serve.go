package exchange

import (
	"maps"
	"net/http"
	"slices"
	"strings"
)

// Serve calls next inside an exchange, and opens one if w does not belong to one. A HEAD that the handler refuses,
// although it allows GET, is served as GET (RFC 9110 section 9.3.2).
func Serve(w http.ResponseWriter, r *http.Request, p Policy, next http.Handler) {
	if x := Of(r.Context(), w); x != nil {
		if !x.byServe && x.translator == nil {
			x.follow(p) // of the first Handler inside a mux
		}
		next.ServeHTTP(w, r)
		return
	}
	x := &Exchange{byServe: true}
	x.begin(w, r, p)
	var before http.Header
	if x.head {
		before = w.Header().Clone()
	}
	defer x.End()
	passed := x.Pass(r)
	if x.head && r.URL != nil {
		address := *r.URL // a handler may change it, and the second attempt needs it
		passed.URL = &address
	}
	next.ServeHTTP(x.Writer(), passed)
	if x.refusedHead() {
		x.ServeAsGet()
		x.reset(before)
		passed = x.Pass(r)
		passed.Method = http.MethodGet
		next.ServeHTTP(x.Writer(), passed)
	}
	if r.MultipartForm == nil {
		r.MultipartForm = passed.MultipartForm // the server removes its files
	}
}

// refusedHead reports whether the handler refused a HEAD and allows GET.
func (x *Exchange) refusedHead() bool {
	if !x.head || x.state != buffered {
		return false
	}
	Canonicalize(x.Header())
	return x.Retries(x.status, x.Header())
}

// Retries reports whether a response is not sent, because it refuses a HEAD and the handler is called again with GET.
func (x *Exchange) Retries(status int, h http.Header) bool {
	if !x.byServe {
		outer := From(x.parent) // of a Handler around a writer with other headers
		return outer != nil && outer.Retries(status, h)
	}
	if x.asGet.Load() || x.request.Method != http.MethodHead || status != http.StatusMethodNotAllowed {
		return false
	}
	allowed := strings.FieldsFunc(strings.Join(h["Allow"], ","), func(c rune) bool { return c == ',' || c == ' ' })
	return slices.Contains(allowed, http.MethodGet) && !slices.Contains(allowed, http.MethodHead)
}

// reset forgets the response, so that another one can be written.
func (x *Exchange) reset(before http.Header) {
	h := x.Header()
	clear(h)
	maps.Copy(h, before)
	x.status, x.error = 0, nil
	x.failure.Store(nil)
	x.state = open
}
