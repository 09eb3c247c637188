package gateway_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"net/textproto"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/statusbridge/statusbridge/gateway"
	"github.com/statusbridge/statusbridge/internal/testkit"
	"github.com/statusbridge/statusbridge/mapping"
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
			_, _ = buffer.WriteString(
				"HTTP/1.1 101 Switching Protocols\r\nUpgrade: echo\r\nConnection: Upgrade\r\n\r\n")
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

// timesOut serves a mux whose route calls next inside http.TimeoutHandler. Next runs after the 503 was written, and the
// route returns after next.
func timesOut(t *testing.T, next http.HandlerFunc) http.Handler {
	t.Helper()
	mux := standard.NewServeMux()
	handlePath(t, mux, "/slow", func(w http.ResponseWriter, r *http.Request, _ map[string]string) {
		written, ended := make(chan struct{}), make(chan struct{})
		late := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			defer close(ended)
			<-written
			next(w, r)
		})
		http.TimeoutHandler(late, time.Nanosecond, "too late").ServeHTTP(w, r)
		close(written)
		<-ended
	})
	return mux
}

// TestMuxAroundTimeoutHandler has a handler fail after http.TimeoutHandler has sent its 503. The 503 is complete.
func TestMuxAroundTimeoutHandler(t *testing.T) {
	t.Parallel()
	own := standard.Handler(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusTeapot)
	}))
	for name, next := range map[string]http.HandlerFunc{
		"an error": func(w http.ResponseWriter, r *http.Request) { standard.WriteError(w, r, testkit.ErrNotFound) },
		"part of a body": func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.WriteString(w, "part")
			standard.WriteError(w, r, testkit.ErrNotFound)
		},
		"a Handler": own.ServeHTTP,
	} {
		for _, protocol := range testkit.Protocols {
			t.Run(name+" "+protocol, func(t *testing.T) {
				r := call{Path: "/slow"}.At(t, testkit.ServeOver(t, protocol, timesOut(t, next)))
				if r.Status != 503 || r.Body != "too late" {
					t.Errorf("responded with %d %q", r.Status, r.Body)
				}
			})
		}
	}
}

// TestMuxAroundTimeoutHandlerRace has a Handler set its policy while http.TimeoutHandler writes a 503, for the race
// detector.
func TestMuxAroundTimeoutHandlerRace(t *testing.T) {
	t.Parallel()
	ended := make(chan struct{})
	own := standard.Handler(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { close(ended) }))
	mux := standard.NewServeMux()
	handlePath(t, mux, "/slow", func(w http.ResponseWriter, r *http.Request, _ map[string]string) {
		http.TimeoutHandler(own, time.Nanosecond, "too late").ServeHTTP(w, r)
	})
	if r := (call{Path: "/slow"}).To(t, testkit.Serve(t, mux)); r.Status != 200 && r.Status != 503 {
		t.Errorf("responded with %d %q", r.Status, r.Body)
	}
	<-ended
}

// TestParts has a handler serve parts of a request through the mux, with recorders. A part that fails or panics does
// not affect the rest of the response.
func TestParts(t *testing.T) {
	t.Parallel()
	service := &testkit.Service{}
	service.Behave(testkit.Fails(testkit.ErrNotFound))
	mux := testkit.Register(t, testkit.Network, service, standard.NewServeMux())
	handlePath(t, mux, "/panics", func(http.ResponseWriter, *http.Request, map[string]string) { panic(testkit.Secret) })
	parts := func(w http.ResponseWriter, r *http.Request) {
		for _, path := range []string{"/v1/things/1", "/panics", "/nowhere", "/healthz", ""} {
			part := httptest.NewRecorder()
			sub := r.Clone(r.Context())
			sub.Method, sub.URL, sub.RequestURI = http.MethodGet, &url.URL{Path: path}, path
			if path == "" {
				standard.WriteError(part, sub, mapping.Errorf(409, "in use"))
			} else {
				mux.ServeHTTP(part, sub)
			}
			_, _ = fmt.Fprintf(w, "%d %s\n", part.Code, part.Body)
			_ = http.NewResponseController(w).Flush()
		}
	}
	handlePath(t, mux, "/healthz", says("fine"))
	handlePath(t, mux, "/parts", func(w http.ResponseWriter, r *http.Request, _ map[string]string) { parts(w, r) })
	plain := http.NewServeMux()
	plain.HandleFunc("/parts", parts)
	want := `404 {"code":404,"message":"no such thing"}
500 {"code":500,"message":"` + testkit.Meanings[500] + `"}
404 {"code":404,"message":"` + testkit.Meanings[404] + `"}
200 fine
409 {"code":409,"message":"in use"}
`
	for name, handler := range map[string]http.Handler{
		"mux": mux, "mux inside Handler": standard.Handler(mux),
		"plain handler inside Handler": standard.Handler(plain),
	} {
		for _, protocol := range testkit.Protocols {
			r := call{Path: "/parts"}.At(t, testkit.ServeOver(t, protocol, handler))
			if r.Status != 200 || r.Body != want {
				t.Errorf("%s, %s: responded with %d %s", name, protocol, r.Status, r.Body)
			}
		}
	}
}

// TestHandlerFirstError has middleware and handlers inside Handler go on after an error. The first error is the
// response, byte for byte, and that of a HEAD has the same headers.
func TestHandlerFirstError(t *testing.T) {
	t.Parallel()
	mux := testkit.Register(t, testkit.InProcess, &testkit.Service{}, standard.NewServeMux())
	errs := map[string]struct {
		write   func(http.ResponseWriter, *http.Request)
		status  int
		message string
	}{
		"WriteError": {func(w http.ResponseWriter, r *http.Request) {
			standard.WriteError(w, r, status.Error(codes.NotFound, "no such thing"))
		}, 404, "no such thing"},
		"WriteError of a 5xx": {func(w http.ResponseWriter, r *http.Request) {
			standard.WriteError(w, r, status.Error(codes.Internal, testkit.Secret))
		}, 500, ""},
		"the mux": {func(w http.ResponseWriter, r *http.Request) {
			r.URL.Path = "/v1/nothing"
			mux.ServeHTTP(w, r)
		}, 404, ""},
		"http.Error": {func(w http.ResponseWriter, _ *http.Request) {
			http.Error(w, "quota is used up", http.StatusForbidden)
		}, 403, "quota is used up"},
	}
	for name, goOn := range map[string]func(http.ResponseWriter, *http.Request){
		"more bytes": func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "\nmore") },
		"HTML": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/html")
			_, _ = io.WriteString(w, "<p>more</p>")
		},
		"another Content-Type": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/plain")
		},
		"http.Error": func(w http.ResponseWriter, _ *http.Request) {
			http.Error(w, "more", http.StatusInternalServerError)
		},
		"WriteError": func(w http.ResponseWriter, r *http.Request) {
			standard.WriteError(w, r, status.Error(codes.Aborted, "more"))
		},
		"the mux": func(w http.ResponseWriter, r *http.Request) { mux.ServeHTTP(w, r) },
	} {
		for first, e := range errs {
			if first == "http.Error" && name != "WriteError" {
				continue // the handler's bytes are its own body
			}
			handler := standard.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				e.write(w, r)
				goOn(w, r)
			}))
			t.Run(first+" and then "+name, func(t *testing.T) {
				base := testkit.ServeQuietly(t, handler)
				get := call{}.To(t, base)
				get.WantError(t, e.status, e.message, "")
				head := call{Method: http.MethodHead}.To(t, base)
				if length := head.Header.Get("Content-Length"); head.Status != e.status ||
					length != get.Header.Get("Content-Length") {
					t.Errorf("HEAD: %d with length %s, want %d and %d", head.Status, length, e.status, len(get.Body))
				}
			})
		}
	}
}
