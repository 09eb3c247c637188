package mapping_test

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc/codes"

	"github.com/statusbridge/statusbridge/internal/testkit/badpeer"
	"github.com/statusbridge/statusbridge/mapping"
)

// tripper is an HTTP transport that is a function.
type tripper func(*http.Request) (*http.Response, error)

func (f tripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// failing returns a client whose transport returns the error.
func failing(err error) *http.Client {
	return &http.Client{Transport: tripper(func(*http.Request) (*http.Response, error) { return nil, err })}
}

// TestFromError_of_http_Client reads the errors of http.Client.Do for real connections. The query is a secret.
func TestFromError_of_http_Client(t *testing.T) {
	hanging := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter,
		r *http.Request) {
		<-r.Context().Done()
	}))
	defer hanging.Close()
	secure := httptest.NewUnstartedServer(http.NotFoundHandler())
	secure.Config.ErrorLog = log.New(io.Discard, "", 0) // the handshakes fail on purpose
	secure.StartTLS()
	defer secure.Close()
	looping := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, r.URL.String(), http.StatusFound)
	}))
	defer looping.Close()
	nowhere := badpeer.Nowhere(t)
	answering := func(answer string) string {
		return raw(t, func(conn net.Conn) { _, _ = io.WriteString(conn, answer) })
	}
	reset := raw(t, func(conn net.Conn) { _ = conn.(*net.TCPConn).SetLinger(0) })
	silent := silentServer(t)
	expired, cancelExpired := context.WithTimeout(t.Context(), 0)
	defer cancelExpired()
	left, leave := context.WithCancel(t.Context())
	leave()
	soon, cancelSoon := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancelSoon()
	const short = 10 * time.Millisecond

	tests := []struct {
		name   string
		ctx    context.Context
		client *http.Client
		url    string
		status int
		code   codes.Code
	}{
		{"refused", nil, nil, "http://" + nowhere, 503, codes.Unavailable},
		{"reset", nil, nil, reset, 503, codes.Unavailable},
		{"closed without an answer", nil, nil, answering(""), 503, codes.Unavailable},
		{"closed in the headers", nil, nil, answering("HTTP/1.1 200 OK\r\nContent-"), 503, codes.Unavailable},
		{"not HTTP", nil, nil, answering("SSH-2.0-OpenSSH\r\n"), 503, codes.Unavailable},
		{"a name that does not exist", nil,
			failing(&net.OpError{Op: "dial", Err: &net.DNSError{Err: "no such host", IsNotFound: true}}), hanging.URL,
			503, codes.Unavailable},
		{"a certificate that nobody signed", nil, nil, secure.URL, 503, codes.Unavailable},
		{"TLS to a server without", nil, nil, strings.Replace(hanging.URL, "http", "https", 1), 503, codes.Unavailable},
		{"a TLS version that nobody speaks", nil, &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{
			InsecureSkipVerify: true, MaxVersion: tls.VersionTLS10}}}, secure.URL, 503, codes.Unavailable},
		//nolint:gosec // refused
		{"redirects without end", nil, nil, looping.URL, 503, codes.Unavailable},
		{"a deadline", soon, nil, hanging.URL, 504, codes.DeadlineExceeded},
		{"a deadline that has passed", expired, nil, hanging.URL, 504, codes.DeadlineExceeded},
		{"a client's time-out", nil, &http.Client{Timeout: short}, hanging.URL, 504, codes.DeadlineExceeded},
		{"a time-out for headers", nil, &http.Client{Transport: &http.Transport{ResponseHeaderTimeout: short}},
			hanging.URL, 504, codes.DeadlineExceeded},
		{"a time-out for TLS", nil, &http.Client{Transport: &http.Transport{TLSHandshakeTimeout: short}},
			"https://" + silent, 504, codes.DeadlineExceeded},
		{"a time-out for DNS", nil,
			failing(&net.OpError{Op: "dial", Err: &net.DNSError{Err: "i/o timeout", IsTimeout: true}}), hanging.URL,
			504, codes.DeadlineExceeded},
		{"a caller that left", left, nil, hanging.URL, 503, codes.Canceled},
		{"an error of the contract", nil, failing(fmt.Errorf("retried: %w", mapping.Errorf(409, "busy"))), hanging.URL,
			409, codes.Aborted},
		{"any error of a transport", nil, failing(errors.New("secret")), hanging.URL, 503, codes.Unavailable},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			ctx, client := test.ctx, test.client
			if ctx == nil {
				ctx = t.Context()
			}
			if client == nil {
				client = http.DefaultClient
			}
			request, err := http.NewRequestWithContext(ctx, http.MethodGet, test.url+"/?token=secret", nil)
			if err != nil {
				t.Fatal(err)
			}
			response, err := client.Do(request)
			if err == nil {
				_ = response.Body.Close()
				t.Fatalf("the response is %s", response.Status)
			}
			// A service may wrap the error for its log.
			for _, err := range []error{err, fmt.Errorf("secret: %w", err)} {
				e := mapping.FromError(err)
				if e.HTTPStatus != test.status || e.GRPCStatus().Code() != test.code {
					t.Errorf("%v is %d %v, want %d %v", err, e.HTTPStatus, e.GRPCStatus().Code(), test.status,
						test.code)
				}
				if test.status >= 500 && e.Message != sentence(test.status) {
					t.Errorf("message %q, want the sentence", e.Message)
				}
				if sent := e.GRPCStatus().String(); strings.Contains(sent, "secret") ||
					strings.Contains(sent, "127.0.0.1") {
					t.Errorf("sent: %s", sent)
				}
				if !errors.Is(e, err) || !strings.Contains(e.Error(), "token=secret") {
					t.Errorf("the error is not in the log: %v", e)
				}
			}
		})
	}
}

// silentServer accepts connections and sends nothing.
func silentServer(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go func() {
				_, _ = io.Copy(io.Discard, bufio.NewReader(conn))
				_ = conn.Close()
			}()
		}
	}()
	return listener.Addr().String()
}

// TestFromError_of_an_invalid_URL returns 500, because the program made the mistake and nothing was sent.
func TestFromError_of_an_invalid_URL(t *testing.T) {
	for _, raw := range []string{":", "http://[::1", "http://a b/", "http://a/%zz"} {
		_, err := http.NewRequestWithContext(t.Context(), http.MethodGet, raw, nil)
		if parse := (*url.Error)(nil); !errors.As(err, &parse) {
			t.Fatalf("%q parses", raw)
		}
		if e := mapping.FromError(fmt.Errorf("wrapped: %w", err)); e.HTTPStatus != 500 || e.Message != sentence(500) {
			t.Errorf("%v is %d %q, want 500", err, e.HTTPStatus, e.Message)
		}
	}
}

// TestFromError_of_a_broken_body reads the error of a connection that ends inside the body of a success.
func TestFromError_of_a_broken_body(t *testing.T) {
	reset := raw(t, func(conn net.Conn) {
		_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n")
		_ = conn.(*net.TCPConn).SetLinger(0)
	})
	response, err := http.Get(reset)
	if err == nil {
		defer func() { _ = response.Body.Close() }()
		_, err = io.ReadAll(response.Body)
	}
	// The reset may arrive before the headers of the response, or after them.
	if e := mapping.FromError(err); e.HTTPStatus != 503 || e.Message != sentence(503) {
		t.Errorf("%v is %d %q, want 503", err, e.HTTPStatus, e.Message)
	}
}
