package soak

import (
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

// pages contains the status of the response to a page, by the page's status.
var pages = map[int]int{200: 502, 401: 502, 403: 502, 404: 502, 429: 503, 500: 502, 502: 502, 503: 503, 504: 504}

// newProxy returns a proxy. It logs nothing: breaking connections is its purpose. Its FlushInterval is 0, which flushes
// streams at once. -1 also flushes the header of a gRPC error without a body. The proxy then sends the grpc-status as an
// ordinary header, and the reply does not end in trailers.
func newProxy(address string, transport http.RoundTripper) *httputil.ReverseProxy {
	target := &url.URL{Scheme: "http", Host: address}
	return &httputil.ReverseProxy{
		Rewrite:   func(r *httputil.ProxyRequest) { r.SetURL(target) },
		Transport: transport,
		ErrorLog:  log.New(io.Discard, "", 0),
	}
}

// servicesProxy returns the proxy between gateway and service. It sends a page if the request asks for one, if the
// mode says so, or if the service is away.
func (c *chain) servicesProxy(transport http.RoundTripper) http.Handler {
	proxy := newProxy(c.service.address, transport)
	proxy.ErrorHandler = func(w http.ResponseWriter, _ *http.Request, _ error) { writePage(w, http.StatusBadGateway) }
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		httpStatus := int(c.page.Load())
		if asked, err := strconv.Atoi(r.Header.Get(pageHeader)); err == nil {
			httpStatus = asked
		}
		if httpStatus != 0 {
			writePage(w, httpStatus)
			return
		}
		proxy.ServeHTTP(w, r)
	})
}

func writePage(w http.ResponseWriter, httpStatus int) {
	w.Header().Set("Content-Type", "text/html")
	w.WriteHeader(httpStatus)
	_, _ = fmt.Fprintf(w, "<html><body>%d %s</body></html>", httpStatus, inner)
}
