package mapping_test

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/statusbridge/statusbridge/mapping"
)

// patience is how long a read may take before the test fails.
const patience = 20 * time.Second

// raw starts a server that sends the bytes of the test on every connection, and returns its URL.
func raw(t *testing.T, write func(conn net.Conn)) string {
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
				defer func() { _ = conn.Close() }()
				if _, err := http.ReadRequest(bufio.NewReader(conn)); err == nil {
					write(conn)
				}
			}()
		}
	}()
	return "http://" + listener.Addr().String()
}

// get sends a request, and reads the response within patience.
func get(t *testing.T, ctx context.Context, client *http.Client, url string, headers ...string) *mapping.Error {
	t.Helper()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	response, err := client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = response.Body.Close() })
	return within(t, response)
}

// within reads a response within patience.
func within(t *testing.T, response *http.Response) *mapping.Error {
	t.Helper()
	done := make(chan error, 1)
	go func() { done <- mapping.FromResponse(response) }()
	select {
	case err := <-done:
		return check(t, response, err)
	case <-time.After(patience):
		t.Fatal("the body blocks")
		return nil
	}
}

const head = "HTTP/1.1 502 Bad Gateway\r\nConnection: close\r\nContent-Type: application/json\r\n"

// TestFromResponse_framing reads bodies with wrong lengths, chunks and codings over real connections.
func TestFromResponse_framing(t *testing.T) {
	const body = `{"code":502,"message":"m","details":"d"}`
	endless := func(conn net.Conn) {
		chunk := bytes.Repeat([]byte("a"), 32<<10)
		for range 4096 { // 128 MiB, far more than the limit
			if _, err := conn.Write(chunk); err != nil {
				return
			}
		}
	}
	tests := []struct {
		name    string
		sent    string
		then    func(net.Conn)
		message string
		logged  string
	}{
		{"whole", head + "Content-Length: 40\r\n\r\n" + body, nil, "m", ""},
		{"until the end of the connection", head + "\r\n" + body, nil, "m", ""},
		{"in chunks",
			head + "Transfer-Encoding: chunked\r\n\r\n9\r\n" + body[:9] + "\r\n1f\r\n" + body[9:] + "\r\n0\r\n\r\n",
			nil, "m", ""},
		{"longer than it says", head + "Content-Length: 30\r\n\r\n" + body, nil, sentence(502), `{\"code\":502`},
		{"shorter than it says", head + "Content-Length: 4000\r\n\r\n" + body, nil, sentence(502), "unexpected EOF"},
		{"without its last chunk", head + "Transfer-Encoding: chunked\r\n\r\n28\r\n" + body + "\r\n", nil,
			sentence(502), "unexpected EOF"},
		{"with invalid chunks", head + "Transfer-Encoding: chunked\r\n\r\nxyz\r\n", nil, sentence(502),
			"invalid"},
		{"endless", head + "\r\n", endless, sentence(502), "longer than"},
		{"64 MiB in one message", head + "Content-Length: 67108890\r\n\r\n" + `{"code":502,"message":"`, endless,
			sentence(502), "longer than"},
		{"invalid gzip", head + "Content-Encoding: gzip\r\n\r\n" + body, nil, sentence(502), "gzip"},
		{"a coding that nobody asked for", head + "Content-Encoding: br\r\n\r\n" + body, nil, sentence(502),
			`coded as "br"`},
		{"an identity", head + "Content-Encoding: Identity\r\n\r\n" + body, nil, "m", ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			url := raw(t, func(conn net.Conn) {
				_, _ = io.WriteString(conn, test.sent)
				if test.then != nil {
					test.then(conn)
				}
			})
			e := get(t, t.Context(), http.DefaultClient, url)
			if e.Message != test.message {
				t.Errorf("%.100q, want %q", e.Message, test.message)
			}
			if cause := e.Unwrap(); (cause != nil) != (test.logged != "") ||
				!strings.Contains(fmt.Sprint(cause), test.logged) {
				t.Errorf("the cause is %.200v, want %q", cause, test.logged)
			}
		})
	}
}

// zip compresses a body.
func zip(t testing.TB, body string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := io.WriteString(w, body); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestFromResponse_gzip reads gzip that net/http decodes, and gzip that the client asked for itself.
func TestFromResponse_gzip(t *testing.T) {
	whole := zip(t, `{"code":502,"message":"m"}`)
	long := zip(t, `{"code":502,"message":"`+strings.Repeat("m", 8<<20)+`"}`)
	// Stored blocks without bytes, more than the limit.
	nothing := append([]byte("\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"),
		bytes.Repeat([]byte("\x00\x00\x00\xff\xff"), 1<<20)...)
	for _, test := range []struct {
		name    string
		body    []byte
		message string
		logged  string
	}{
		{"whole", whole, "m", ""},
		{"truncated", whole[:len(whole)-9], sentence(502), "EOF"},
		{"with a broken sum", append(bytes.Clone(whole[:len(whole)-8]), make([]byte, 8)...), sentence(502), "checksum"},
		{"empty", nil, sentence(502), ""},
		{"8 MiB when decoded", long, sentence(502), "longer than"},
		{"nothing without end", nothing, sentence(502), "EOF"},
	} {
		url := raw(t, func(conn net.Conn) {
			_, _ = fmt.Fprintf(conn, "%sContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n", head, len(test.body))
			_, _ = conn.Write(test.body)
		})
		transport := &http.Transport{DisableCompression: true}
		t.Cleanup(transport.CloseIdleConnections)
		for name, client := range map[string]*http.Client{"decoded": http.DefaultClient,
			"encoded": {Transport: transport}} {
			t.Run(test.name+"/"+name, func(t *testing.T) {
				var headers []string
				if client != http.DefaultClient {
					headers = []string{"Accept-Encoding", "gzip"}
				}
				e := get(t, t.Context(), client, url, headers...)
				if e.Message != test.message {
					t.Errorf("%.100q, want %q", e.Message, test.message)
				}
				if !strings.Contains(fmt.Sprint(e.Unwrap()), test.logged) {
					t.Errorf("the cause is %.200v, want %q", e.Unwrap(), test.logged)
				}
			})
		}
	}
}

// TestFromResponse_ends_with_the_context stops reading when the context ends, or after the time-out of the client.
func TestFromResponse_ends_with_the_context(t *testing.T) {
	hang := make(chan struct{})
	t.Cleanup(func() { close(hang) })
	url := raw(t, func(conn net.Conn) {
		_, _ = io.WriteString(conn, head+"Content-Length: 500\r\n\r\n"+`{"code":502,"message":"half of`)
		<-hang
	})
	// The headers of a response take less time, so the time ends in the body.
	const given = 2 * time.Second
	t.Run("a deadline", func(t *testing.T) {
		t.Parallel()
		ctx, cancel := context.WithTimeout(t.Context(), given)
		defer cancel()
		checkHalf(t, get(t, ctx, http.DefaultClient, url), context.DeadlineExceeded)
	})
	t.Run("a client's time-out", func(t *testing.T) {
		t.Parallel()
		checkHalf(t, get(t, context.Background(), &http.Client{Timeout: given}, url), context.DeadlineExceeded)
	})
	t.Run("a caller that leaves", func(t *testing.T) {
		t.Parallel()
		ctx, cancel := context.WithCancel(t.Context())
		defer time.AfterFunc(given, cancel).Stop()
		checkHalf(t, get(t, ctx, http.DefaultClient, url), context.Canceled)
	})
}

// checkHalf expects the error of a response with half a body.
func checkHalf(t *testing.T, e *mapping.Error, cause error) {
	t.Helper()
	if e.HTTPStatus != 502 || e.Message != sentence(502) {
		t.Errorf("%d %q, want 502 and its sentence", e.HTTPStatus, e.Message)
	}
	if !errors.Is(e, cause) || !strings.Contains(e.Error(), "half of") {
		t.Errorf("%v, want %v and the first half of the body", e, cause)
	}
}

// TestFromResponse_endless_gzip reads an endless body of stored blocks without bytes (RFC 1951 section 3.2.4).
func TestFromResponse_endless_gzip(t *testing.T) {
	taken := 0
	response := answeredIn(t, context.Background(), func(p []byte) (int, error) {
		const start, block = "\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff", "\x00\x00\x00\xff\xff"
		for i := range p {
			if at := taken + i; at < len(start) {
				p[i] = start[at]
			} else {
				p[i] = block[(at-len(start))%len(block)]
			}
		}
		taken += len(p)
		return len(p), nil
	})
	response.Header.Set("Content-Encoding", "gzip")
	if e := within(t, &response.Response); e.Message != sentence(502) || e.Unwrap() == nil || taken > 64<<10 {
		t.Errorf("%v after %d bytes", e, taken)
	}
}

// TestFromResponse_closed_body mentions FromHTTP in the cause if the client has closed the body.
func TestFromResponse_closed_body(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusNotFound)
		_, _ = io.WriteString(w, `{"code":404,"message":"m"}`)
	}))
	defer server.Close()
	response, err := http.Get(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	_ = response.Body.Close()
	e := mapping.FromError(mapping.FromResponse(response))
	if e.HTTPStatus != 404 || !strings.Contains(e.Error(), "FromHTTP") {
		t.Errorf("read %v", e)
	}
}
