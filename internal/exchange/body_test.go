package exchange_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/textproto"
	"strings"
	"testing"

	"github.com/statusbridge/statusbridge/internal/exchange"
)

// refusals lists handlers that send an error without reading the body of the request.
var refusals = map[string]http.HandlerFunc{
	"translated": inHandler(policy{})(sends(400, nil, "a")),
	"flushed": inHandler(completing{})(func(w http.ResponseWriter, r *http.Request) {
		sends(400, nil, "a")(w, r)
		flush(w)
	}),
	"passed":  passes(sends(400, nil, "a")),
	"noted":   inMux(failsWith(400)),
	"a panic": passes(func(http.ResponseWriter, *http.Request) { panic("secret") }),
	"a late panic": passes(func(w http.ResponseWriter, r *http.Request) {
		failsWith(400)(w, r)
		panic("secret")
	}),
	"in a route": inRoute(sends(400, nil, "a")),
	"outside": func(w http.ResponseWriter, r *http.Request) {
		sends(400, nil, "a")(w, r)
		exchange.Drain(w, r)
	},
}

// uploaded is half of the length of a body. It is more than the server buffers.
const uploaded = 100_000

// upload sends the header of a POST. The server closes the connection after the response.
func (s *site) upload(t *testing.T, length int, fields ...string) (net.Conn, *bufio.Reader) {
	t.Helper()
	connection := s.dial(t)
	fields = append(fields, "Host: test", "Connection: close", fmt.Sprint("Content-Length: ", length))
	_, _ = fmt.Fprintf(connection, "POST / %s\r\n%s\r\n\r\n", s.protocol, strings.Join(fields, "\r\n"))
	return connection, bufio.NewReader(connection)
}

// readHeader reads the header of a response of HTTP/1, and returns its status.
func readHeader(t *testing.T, from *bufio.Reader) string {
	t.Helper()
	header := textproto.NewReader(from)
	line, err := header.ReadLine()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := header.ReadMIMEHeader(); err != nil {
		t.Fatal(err)
	}
	return strings.Fields(line)[1]
}

// TestRefusalReachesUpload sends half of a body, reads the refusal, and sends the other half. The server reads it, so
// that the connection ends without an error.
func TestRefusalReachesUpload(t *testing.T) {
	t.Parallel()
	for name, handler := range refusals {
		for _, protocol := range []string{http10, http11} {
			t.Run(name+"/"+protocol, func(t *testing.T) {
				t.Parallel()
				s := serveOver(t, protocol, handler)
				connection, from := s.upload(t, 2*uploaded)
				_, _ = io.WriteString(connection, letters(uploaded))
				if got := readHeader(t, from); got < "400" {
					t.Errorf("got %s", got)
				}
				if _, err := io.WriteString(connection, letters(uploaded)); err != nil {
					t.Error(err)
				}
				if _, err := io.ReadAll(from); err != nil {
					t.Error(err)
				}
			})
		}
	}
}

// TestRefusalOfExpectation refuses a request that expects 100-continue. The server does not ask for the body.
func TestRefusalOfExpectation(t *testing.T) {
	t.Parallel()
	for name, handler := range refusals {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := serveOver(t, http11, handler)
			_, from := s.upload(t, 9, "Expect: 100-continue")
			if got := read(http.MethodPost, from); got.Status < 400 || got.Hints != nil {
				t.Errorf("got %v after %v", got, got.Hints)
			}
			if rest, err := io.ReadAll(from); err != nil || len(rest) > 0 {
				t.Errorf("got %q and then %v", rest, err)
			}
		})
	}
}

// TestRefusalAfterContinue has a handler read a part of a body that the client held back, and refuse it then. The
// server reads the rest of the body.
func TestRefusalAfterContinue(t *testing.T) {
	t.Parallel()
	s := serveOver(t, http11, keeps(func(w http.ResponseWriter, r *http.Request) {
		if _, err := io.ReadFull(r.Body, make([]byte, 9)); err != nil {
			t.Error(err)
		}
		w.WriteHeader(http.StatusBadRequest)
	}))
	connection, from := s.upload(t, 2*uploaded, "Expect: 100-continue")
	if got := readHeader(t, from); got != "100" {
		t.Fatalf("got %s", got)
	}
	_, _ = io.WriteString(connection, letters(uploaded))
	if got := readHeader(t, from); got != "400" {
		t.Fatalf("got %s", got)
	}
	if _, err := io.WriteString(connection, letters(uploaded)); err != nil {
		t.Error(err)
	}
	if _, err := io.ReadAll(from); err != nil {
		t.Error(err)
	}
}
