package contracttest

import (
	"bytes"
	"io"
	"net/http"
)

// Check returns a handler that calls handler and then judges its response by the rules that need only a response. It
// calls fail for each violation, in the goroutine of the request. It panics if handler or fail is nil.
func Check(handler http.Handler, fail func(Violation), options ...Option) http.Handler {
	if handler == nil || fail == nil {
		panic("contracttest: Check needs a handler and a function to call")
	}
	c := newConfig(options)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		// The handler may change its request.
		seen := &http.Request{Method: r.Method, URL: r.URL, Proto: r.Proto, Header: r.Header.Clone()}
		rec := &recorder{ResponseWriter: w}
		aborted := true
		defer func() {
			if rec.hijacked || aborted && rec.status == 0 {
				return // another protocol, or a response that never began
			}
			x := rec.exchange(c, seen, aborted)
			x.checkResponse()
			x.checkRaw()
			for _, v := range x.violations {
				fail(v)
			}
		}()
		handler.ServeHTTP(rec, r)
		aborted = false
	})
}

// RoundTripper returns a transport that sends requests with next and judges the responses by the rules that need only a
// response. It calls fail for each violation, before RoundTrip returns. If next is nil, it uses http.DefaultTransport.
// It panics if fail is nil.
//
// RoundTrip reads the body of an error first, up to 1 MiB. It does not read other bodies, so they arrive as without it.
func RoundTripper(next http.RoundTripper, fail func(Violation), options ...Option) http.RoundTripper {
	if fail == nil {
		panic("contracttest: RoundTripper needs a function to call")
	}
	if next == nil {
		next = http.DefaultTransport
	}
	return &transport{next: next, fail: fail, config: newConfig(options)}
}

type transport struct {
	next   http.RoundTripper
	fail   func(Violation)
	config *config
}

// RoundTrip implements http.RoundTripper.
func (t *transport) RoundTrip(request *http.Request) (*http.Response, error) {
	response, err := t.next.RoundTrip(request)
	if err != nil {
		return response, err
	}
	var body []byte
	whole := false
	if isError(response.StatusCode) {
		body, whole = peek(response)
	}
	if response.Request == nil {
		response.Request = request
	}
	x := newExchange(t.config, response, body, whole)
	x.checkResponse()
	x.checkRaw()
	for _, v := range x.violations {
		t.fail(v)
	}
	return response, nil
}

// peek reads a body up to bodyLimit and puts it back. It reports whether that is the whole body.
func peek(response *http.Response) (body []byte, whole bool) {
	body, err := io.ReadAll(io.LimitReader(response.Body, bodyLimit+1))
	rest := &after{err, response.Body}
	response.Body = &restored{Reader: io.MultiReader(bytes.NewReader(body), rest), Closer: response.Body}
	return body, err == nil && len(body) <= bodyLimit
}

type restored struct {
	io.Reader
	io.Closer
}

// after returns the error that a first reading met, or continues with the reader.
type after struct {
	err  error
	rest io.Reader
}

func (a *after) Read(p []byte) (int, error) {
	if a.err != nil {
		return 0, a.err
	}
	return a.rest.Read(p)
}
