package upstream_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/statusbridge/statusbridge/internal/testkit/badpeer"
	"github.com/statusbridge/statusbridge/internal/upstream"
)

// answering is a server that reads a request, sends a text, and ends the connection.
func answering(text string) badpeer.Peer {
	return func(connection net.Conn) {
		if _, err := connection.Read(make([]byte, 1<<12)); err == nil {
			_, _ = io.WriteString(connection, text)
		}
	}
}

// TestOutgoing has a reverse proxy fail to reach a server over HTTP.
func TestOutgoing(t *testing.T) {
	late, cancel := context.WithDeadline(t.Context(), time.Unix(0, 0))
	defer cancel()
	gone, leave := context.WithCancel(t.Context())
	leave()
	listen := func(p badpeer.Peer) string { return "http://" + badpeer.Listen(t, nil, p) }
	for _, c := range []struct {
		name   string
		server string
		ctx    context.Context
		want   string
	}{
		{"nothing listens", "http://" + badpeer.Nowhere(t), t.Context(), "503 upstream"},
		{"the deadline has passed", listen(badpeer.Mute), late, "504 upstream"},
		{"the client has gone", listen(badpeer.Mute), gone, "503 upstream"},
		{"closed without a response", listen(answering("")), t.Context(), "503 upstream"},
		{"closed in the response", listen(answering("HTTP/1.1 200 OK\r\nServer: x\r\n")), t.Context(), "503 upstream"},
		{"not HTTP", listen(answering("SSH-2.0-OpenSSH\r\n\r\n")), t.Context(), "502 upstream"},
	} {
		t.Run(c.name, func(t *testing.T) {
			request := httptest.NewRequestWithContext(c.ctx, http.MethodGet, "/", http.NoBody)
			wantOutgoing(t, request, c.server, &http.Transport{}, c.want)
		})
	}
}

// TestOutgoingToClosedConnection has a server close the connection before it has the request.
func TestOutgoingToClosedConnection(t *testing.T) {
	closed := make(chan struct{})
	transport := &http.Transport{DialContext: func(context.Context, string, string) (net.Conn, error) {
		ours, theirs := net.Pipe()
		return &notingConn{ours, sync.OnceFunc(func() { close(closed) })}, theirs.Close()
	}}
	ctx := httptrace.WithClientTrace(t.Context(),
		&httptrace.ClientTrace{GotConn: func(httptrace.GotConnInfo) { <-closed }})
	// net/http would repeat a GET.
	request := httptest.NewRequestWithContext(ctx, http.MethodPost, "/", strings.NewReader("body"))
	wantOutgoing(t, request, "http://things", transport, "503 upstream")
}

// notingConn calls a function when it is closed.
type notingConn struct {
	net.Conn

	closed func()
}

func (c *notingConn) Close() error {
	c.closed()
	return c.Conn.Close()
}

// wantOutgoing sends a request to a server through a reverse proxy, and compares the diagnosis of the error.
func wantOutgoing(t *testing.T, r *http.Request, server string, transport *http.Transport, want string) {
	t.Helper()
	defer transport.CloseIdleConnections()
	target, err := url.Parse(server)
	if err != nil {
		t.Fatal(err)
	}
	got := diagnosis{err: errors.New("no error")}
	proxy := httputil.NewSingleHostReverseProxy(target)
	proxy.Transport = transport
	proxy.ErrorHandler = func(_ http.ResponseWriter, _ *http.Request, err error) {
		got = diagnose(err, upstream.Outgoing())
	}
	proxy.ServeHTTP(httptest.NewRecorder(), r)
	if got.text != want {
		t.Errorf("%q of %v, want %q", got.text, got.err, want)
	}
}
