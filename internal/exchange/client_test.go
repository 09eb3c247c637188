package exchange_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/textproto"
	"strings"
	"testing"
	"time"

	"github.com/statusbridge/statusbridge/internal/testkit"
)

const (
	http10 = "HTTP/1.0"
	http11 = testkit.HTTP1
	http2  = testkit.HTTP2
)

// protocols lists the versions of HTTP. In HTTP/1.0, the end of a connection may end a body. In HTTP/2, a connection
// cannot be hijacked.
var protocols = []string{http10, http11, http2}

// reply is a response as a client sees it.
type reply struct {
	Hints   []int // informational statuses
	Status  int
	Header  http.Header // without Date
	Body    string
	Trailer http.Header
	Broken  bool // the connection ended before the response did
}

// String returns the status and the body, or that the response broke off.
func (r reply) String() string {
	if r.Broken {
		return "broken"
	}
	return fmt.Sprint(r.Status, " ", r.Body)
}

// site is a server, and the version of HTTP that the test speaks to it.
type site struct {
	testkit.Site
	protocol string
}

// serveOver starts a server. The test fails if net/http logs that a handler breaks its rules.
func serveOver(t *testing.T, protocol string, handler http.HandlerFunc) *site {
	t.Helper()
	return serveLogging(t, protocol, handler, complaints{t})
}

// serveLogging starts a server whose error log goes to a writer.
func serveLogging(t *testing.T, protocol string, handler http.HandlerFunc, errorLog io.Writer) *site {
	t.Helper()
	s := testkit.NoRedirects(testkit.ServeLogging(t, protocol, handler, errorLog))
	s.Client.Timeout = testkit.Patience
	return &site{s, protocol}
}

// dial opens a connection to a server of HTTP/1.
func (s *site) dial(t *testing.T) net.Conn {
	t.Helper()
	connection, err := net.Dial("tcp", strings.TrimPrefix(s.URL, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = connection.Close() })
	_ = connection.SetDeadline(time.Now().Add(testkit.Patience))
	return connection
}

// ask sends a request without a body.
func (s *site) ask(t *testing.T, method, path string) reply {
	t.Helper()
	if s.protocol != http2 {
		connection := s.dial(t)
		defer func() { _ = connection.Close() }()
		_, _ = fmt.Fprintf(connection, "%s %s %s\r\nHost: test\r\n\r\n", method, path, s.protocol)
		return read(method, bufio.NewReader(connection))
	}
	var hints []int
	trace := &httptrace.ClientTrace{Got1xxResponse: func(status int, _ textproto.MIMEHeader) error {
		hints = append(hints, status)
		return nil
	}}
	ctx := httptrace.WithClientTrace(t.Context(), trace)
	request, err := http.NewRequestWithContext(ctx, method, s.URL+path, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	response, err := s.Client.Do(request) //nolint:bodyclose // readRest closes it
	if err != nil {
		return reply{Hints: hints, Broken: true}
	}
	return readRest(hints, response)
}

// run has the server run a program. Unlike ask, it uses a connection of HTTP/1.1 again and decodes gzip.
func (s *site) run(method, program string) string {
	r, err := testkit.Call{Method: method, Path: "/" + program}.Send(s.Client, s.URL)
	if err != nil {
		return reply{Broken: true}.String()
	}
	return reply{Status: r.Status, Body: r.Body}.String()
}

// askUntil sends a GET and closes a channel as soon as the status and the announced body have arrived.
func (s *site) askUntil(t *testing.T, arrived chan<- struct{}) reply {
	t.Helper()
	defer close(arrived)
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.URL, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	var response *http.Response
	if s.protocol == http2 {
		response, err = s.Client.Do(request)
	} else {
		connection := s.dial(t)
		_, _ = fmt.Fprintf(connection, "GET / %s\r\nHost: test\r\n\r\n", s.protocol)
		response, err = http.ReadResponse(bufio.NewReader(connection), request)
	}
	if err != nil {
		return reply{Broken: true}
	}
	defer func() { _ = response.Body.Close() }()
	body := make([]byte, max(response.ContentLength, 0))
	_, err = io.ReadFull(response.Body, body)
	return reply{Status: response.StatusCode, Body: string(body), Broken: err != nil}
}

// read reads a response of HTTP/1.
func read(method string, from *bufio.Reader) reply {
	var hints []int
	for {
		response, err := http.ReadResponse(from, &http.Request{Method: method}) //nolint:bodyclose // readRest closes it
		if err != nil {
			return reply{Hints: hints, Broken: true}
		}
		if response.StatusCode == http.StatusSwitchingProtocols || response.StatusCode >= http.StatusOK {
			return readRest(hints, response)
		}
		hints = append(hints, response.StatusCode)
	}
}

func readRest(hints []int, response *http.Response) reply {
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(response.Body)
	response.Header.Del("Date")
	return reply{
		Hints: hints, Status: response.StatusCode, Header: response.Header, Body: string(body),
		Trailer: response.Trailer, Broken: err != nil,
	}
}
