package testkit

import (
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"testing"
)

// The versions of HTTP that net/http serves.
const (
	HTTP1 = "HTTP/1.1"
	HTTP2 = "HTTP/2"
)

// Protocols lists the versions of HTTP, for tests that want the same response over each.
var Protocols = []string{HTTP1, HTTP2}

// Site is a running HTTP server and a client for it.
type Site struct {
	Client *http.Client
	URL    string
}

// Serve starts an HTTP/1.1 server and returns its base URL. The test fails if net/http logs an error, for example about
// a header that is written twice.
func Serve(t *testing.T, handler http.Handler) string {
	t.Helper()
	return ServeOver(t, HTTP1, handler).URL
}

// ServeQuietly is Serve for a handler whose errors in net/http's log do not matter.
func ServeQuietly(t *testing.T, handler http.Handler) string {
	t.Helper()
	return ServeLogging(t, HTTP1, handler, io.Discard).URL
}

// ServeOver is Serve for a version of HTTP.
func ServeOver(t *testing.T, protocol string, handler http.Handler) Site {
	t.Helper()
	return ServeLogging(t, protocol, handler, complaints{t})
}

// ServeLogging starts a server for a version of HTTP whose error log goes to a writer.
func ServeLogging(t testing.TB, protocol string, handler http.Handler, errorLog io.Writer) Site {
	t.Helper()
	server := httptest.NewUnstartedServer(handler)
	server.Config.ErrorLog = log.New(errorLog, "", 0)
	if server.EnableHTTP2 = protocol == HTTP2; server.EnableHTTP2 {
		server.StartTLS()
	} else {
		server.Start()
	}
	t.Cleanup(server.Close)
	return Site{Client: server.Client(), URL: server.URL}
}

type complaints struct{ t *testing.T }

func (c complaints) Write(p []byte) (int, error) {
	c.t.Errorf("net/http logs: %s", p)
	return len(p), nil
}
