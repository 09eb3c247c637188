package gateway_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"testing"

	"github.com/statusbridge/statusbridge/gateway"
	"github.com/statusbridge/statusbridge/internal/testkit/badpeer"
)

// TestWriteErrorForReverseProxy gives WriteError to proxies that address their server in different ways. Nothing listens
// there, so the response is 503. An error of a handler that received the request is 500.
func TestWriteErrorForReverseProxy(t *testing.T) {
	t.Parallel()
	target := &url.URL{Scheme: "http", Host: badpeer.Nowhere(t)}
	proxies := map[string]*httputil.ReverseProxy{
		"Director keeps Host": httputil.NewSingleHostReverseProxy(target),
		"Director sets Host": {Director: func(r *http.Request) {
			r.URL.Scheme, r.URL.Host, r.Host = target.Scheme, target.Host, target.Host
		}},
		"Rewrite": {Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(target) }},
		"Rewrite keeps Host": {Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(target)
			r.Out.Host = r.In.Host
		}},
	}
	for name, proxy := range proxies {
		for _, form := range []string{"/legacy", "http://elsewhere/legacy"} {
			t.Run(name+" "+form, func(t *testing.T) {
				var n notebook
				bridge := gateway.New(gateway.WithObserver(n.observe))
				proxy := *proxy
				proxy.ErrorHandler = bridge.WriteError
				requestLine(t, &proxy, "GET "+form, http.StatusServiceUnavailable)
				if observed := n.one(t); observed.Origin != gateway.OriginUpstream {
					t.Errorf("the origin is %v", observed.Origin)
				}
			})
		}
	}
	received := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		gateway.New().WriteError(w, r, io.ErrUnexpectedEOF)
	})
	for _, line := range []string{"GET /legacy", "GET http://elsewhere/legacy", "CONNECT elsewhere:443"} {
		t.Run("received "+line, func(t *testing.T) {
			requestLine(t, received, line, http.StatusInternalServerError)
		})
	}
}

// requestLine sends a request with the given method and target, and checks the status of the response.
func requestLine(t *testing.T, handler http.Handler, line string, httpStatus int) {
	t.Helper()
	server := httptest.NewServer(handler)
	defer server.Close()
	connection, err := net.Dial("tcp", server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer connection.Close()
	fmt.Fprintf(connection, "%s HTTP/1.1\r\nHost: elsewhere\r\n\r\n", line)
	response, err := http.ReadResponse(bufio.NewReader(connection), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if response.StatusCode != httpStatus {
		t.Errorf("the status is %d", response.StatusCode)
	}
}
