package gateway_test

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/textproto"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/statusbridge/statusbridge/gateway"
	"github.com/statusbridge/statusbridge/internal/testkit"
)

// TestHandlerWriterMethods gives handlers a writer that hijacks exactly if the server's does, and that can be flushed
// and unwrapped.
func TestHandlerWriterMethods(t *testing.T) {
	t.Parallel()
	for _, protocol := range testkit.Protocols {
		var outer http.ResponseWriter
		inner := standard.Handler(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			_, hijacker := w.(http.Hijacker)
			if _, want := outer.(http.Hijacker); hijacker != want || want != (protocol == testkit.HTTP1) {
				t.Errorf("%s: Hijack is %t, the server's %t", protocol, hijacker, want)
			}
			_, flusher := w.(http.Flusher)
			_, errorFlusher := w.(interface{ FlushError() error })
			if !flusher || !errorFlusher {
				t.Errorf("%s: the writer is a %T", protocol, w)
			}
			if got := unwrapped10(w); got != outer {
				t.Errorf("%s: the writer is unwrapped to %T", protocol, got)
			}
		}))
		call{}.At(t, testkit.ServeOver(t, protocol, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			outer = w
			inner.ServeHTTP(w, r)
		})))
	}
}

// unwrapped10 unwraps a writer up to ten times.
func unwrapped10(w http.ResponseWriter) http.ResponseWriter {
	for range 10 {
		if unwrapping, ok := w.(interface{ Unwrap() http.ResponseWriter }); ok {
			w = unwrapping.Unwrap()
		}
	}
	return w
}

// TestHandlerSendsFiles copies a file into responses of several statuses.
func TestHandlerSendsFiles(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(path, []byte("0123456789"), 0o600); err != nil {
		t.Fatal(err)
	}
	for httpStatus, want := range map[int]string{0: "0123456789", 200: "0123456789", 302: "0123456789", 204: ""} {
		for _, protocol := range testkit.Protocols {
			s := testkit.ServeOver(t, protocol,
				standard.Handler(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
					file, err := os.Open(path)
					if err != nil {
						t.Error(err)
						return
					}
					defer func() { _ = file.Close() }()
					if httpStatus != 0 {
						w.WriteHeader(httpStatus)
					}
					if n, err := io.Copy(w, file); n != 10 && httpStatus != 204 || err != nil && httpStatus != 204 {
						t.Errorf("%s %d: copied %d: %v", protocol, httpStatus, n, err)
					}
				})))
			if r := (call{}).At(t, testkit.NoRedirects(s)); r.Status != max(httpStatus, 200) || r.Body != want {
				t.Errorf("%s %d: responded with %d %q", protocol, httpStatus, r.Status, r.Body)
			}
		}
	}
}

// TestHandlerUpgrades switches protocols as a websocket library does.
func TestHandlerUpgrades(t *testing.T) {
	t.Parallel()
	for name, inner := range map[string]http.HandlerFunc{
		"hijacked": func(w http.ResponseWriter, _ *http.Request) {
			connection, buffer, err := w.(http.Hijacker).Hijack()
			if err != nil {
				t.Error(err)
				return
			}
			defer func() { _ = connection.Close() }()
			_, _ = buffer.WriteString("HTTP/1.1 101 Switching Protocols\r\nUpgrade: echo\r\nConnection: Upgrade\r\n\r\n")
			echo(buffer)
		},
		"by a ResponseController": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Upgrade", "echo")
			w.Header().Set("Connection", "Upgrade")
			w.WriteHeader(http.StatusSwitchingProtocols)
			connection, buffer, err := http.NewResponseController(w).Hijack()
			if err != nil {
				t.Error(err)
				return
			}
			defer func() { _ = connection.Close() }()
			echo(buffer)
		},
	} {
		t.Run(name, func(t *testing.T) {
			var n notebook
			base := testkit.Serve(t, gateway.New(gateway.WithObserver(n.observe)).Handler(inner))
			connection, err := net.Dial("tcp", strings.TrimPrefix(base, "http://"))
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = connection.Close() }()
			_, _ = io.WriteString(connection,
				"GET / HTTP/1.1\r\nHost: things\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n")
			reader := bufio.NewReader(connection)
			response, err := http.ReadResponse(reader, nil)
			if err != nil {
				t.Fatal(err)
			}
			response.Body.Close()
			_, _ = io.WriteString(connection, "are you there\n")
			if line, err := reader.ReadString('\n'); response.StatusCode != http.StatusSwitchingProtocols ||
				line != "are you there\n" || len(n.seen) > 0 {
				t.Errorf("responded with %d, then %q: %v", response.StatusCode, line, err)
			}
		})
	}
}

// TestHandlerPanicsAfterHijack panics after the handler has taken the connection. Handler writes nothing to it.
func TestHandlerPanicsAfterHijack(t *testing.T) {
	t.Parallel()
	var n notebook
	ended := make(chan any, 1)
	handler := gateway.New(gateway.WithObserver(n.observe)).Handler(http.HandlerFunc(func(w http.ResponseWriter,
		_ *http.Request) {
		connection, _, err := w.(http.Hijacker).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		defer func() { _ = connection.Close() }()
		_, _ = io.WriteString(connection, "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ndone")
		panic(testkit.Secret)
	}))
	base := testkit.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			ended <- recover()
		}()
		handler.ServeHTTP(w, r)
	}))
	if r := (call{}).To(t, base); r.Status != 200 || r.Body != "done" {
		t.Errorf("responded with %d %q", r.Status, r.Body)
	}
	if value := <-ended; value != testkit.Secret || len(n.seen) > 0 { // the connection is the handler's own
		t.Errorf("panicked with %v, observed %v", value, n.seen)
	}
}

// echo sends one line back.
func echo(buffer *bufio.ReadWriter) {
	_ = buffer.Flush()
	line, _ := buffer.ReadString('\n')
	_, _ = buffer.WriteString(line)
	_ = buffer.Flush()
}

// TestHandlerEarlyHints sends informational statuses at once, before a success and before an error.
func TestHandlerEarlyHints(t *testing.T) {
	t.Parallel()
	for _, protocol := range testkit.Protocols {
		for _, httpStatus := range []int{200, 404} {
			hinted := make(chan struct{})
			s := testkit.ServeOver(t, protocol,
				standard.Handler(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
					w.Header().Set("Link", "</a.css>; rel=preload")
					w.WriteHeader(http.StatusEarlyHints)
					<-hinted
					w.WriteHeader(httpStatus)
				})))
			hints := 0
			ctx := httptrace.WithClientTrace(t.Context(),
				&httptrace.ClientTrace{Got1xxResponse: func(code int, header textproto.MIMEHeader) error {
					if hints++; code != http.StatusEarlyHints || header.Get("Link") == "" {
						t.Errorf("got a %d with %v", code, header)
					}
					close(hinted)
					return nil
				}})
			request, err := http.NewRequestWithContext(ctx, http.MethodGet, s.URL, http.NoBody)
			if err != nil {
				t.Fatal(err)
			}
			response, err := s.Client.Do(request)
			if err != nil {
				t.Fatal(err)
			}
			body, err := io.ReadAll(response.Body)
			if response.StatusCode != httpStatus || hints != 1 || err != nil {
				t.Errorf("%s: responded with %d after %d hints: %v", protocol, response.StatusCode, hints, err)
			}
			if httpStatus >= 400 {
				testkit.Response{Status: httpStatus, Header: response.Header, Body: string(body)}.WantError(t,
					httpStatus, "", "")
			}
			response.Body.Close()
		}
	}
}
