package soak

import (
	"bytes"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strconv"
)

// pageHeader is the header that asks the proxy for a page.
const pageHeader = "X-Page"

// pages contains the status that clients receive for each status of a page (docs/origin.md).
var pages = map[int]int{200: 502, 401: 502, 403: 502, 404: 502, 429: 503, 500: 502, 502: 502, 503: 503, 504: 504}

// newProxy returns a proxy. It does not log broken connections, because the run breaks them.
//
// Its FlushInterval is 0, which flushes streams at once. -1 also flushes the header of a gRPC error. The proxy may then
// end the reply with an empty body, and the client of gRPC does not read the status.
func newProxy(address string, transport http.RoundTripper) *httputil.ReverseProxy {
	target := &url.URL{Scheme: "http", Host: address}
	return &httputil.ReverseProxy{
		Rewrite:   func(r *httputil.ProxyRequest) { r.SetURL(target) },
		Transport: transport,
		ErrorLog:  log.New(io.Discard, "", 0),
	}
}

// readFirst reads each request before next forwards it. A stream may begin before a proxy has read the end of its
// request. In HTTP/1.1, net/http then closes the request's body, and the proxy breaks the stream.
func readFirst(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			panic(http.ErrAbortHandler) // the client has left
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		next.ServeHTTP(w, r)
	})
}

// servicesProxy returns the proxy between gateway and service. It sends a page if the request asks for one, if the
// mode says so, or if the service is away.
func (c *chain) servicesProxy(transport http.RoundTripper) http.Handler {
	proxy := newProxy(c.service.address, transport)
	proxy.ErrorHandler = func(w http.ResponseWriter, _ *http.Request, err error) {
		writePage(w, http.StatusBadGateway, err)
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		httpStatus := c.condition.Load().page
		if asked, err := strconv.Atoi(r.Header.Get(pageHeader)); err == nil {
			httpStatus = asked
		}
		if httpStatus != 0 {
			writePage(w, httpStatus, nil)
			return
		}
		proxy.ServeHTTP(w, r)
	})
}

func writePage(w http.ResponseWriter, httpStatus int, cause error) {
	w.Header().Set("Content-Type", "text/html")
	w.WriteHeader(httpStatus)
	_, _ = fmt.Fprintf(w, "<html><body>%d %s %v</body></html>", httpStatus, inner, cause)
}
