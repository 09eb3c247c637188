package gateway_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptrace"
	"net/textproto"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	"github.com/statusbridge/statusbridge/internal/testkit"
)

// TestWriterOfOwnRoutes lets routes beside the generated ones write as they do without the bridge.
func TestWriterOfOwnRoutes(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		handle runtime.HandlerFunc
		status int
		body   string
	}{
		"nothing": {func(http.ResponseWriter, *http.Request, map[string]string) {}, 200, ""},
		"a status alone": {func(w http.ResponseWriter, _ *http.Request, _ map[string]string) {
			w.WriteHeader(http.StatusNotFound)
		}, 404, ""},
		"a status and a body": {func(w http.ResponseWriter, _ *http.Request, _ map[string]string) {
			w.WriteHeader(http.StatusAccepted)
			_, _ = w.Write([]byte("later"))
		}, 202, "later"},
		"an early hint": {func(w http.ResponseWriter, _ *http.Request, _ map[string]string) {
			w.WriteHeader(http.StatusEarlyHints)
			w.WriteHeader(http.StatusAccepted)
		}, 202, ""},
		"a flush": {func(w http.ResponseWriter, _ *http.Request, _ map[string]string) {
			w.WriteHeader(http.StatusAccepted)
			if err := http.NewResponseController(w).Flush(); err != nil {
				panic(err)
			}
			_, _ = fmt.Fprint(w, "one")
			w.(http.Flusher).Flush()
			_, _ = fmt.Fprint(w, "two")
		}, 202, "onetwo"},
		"an empty write": {func(w http.ResponseWriter, _ *http.Request, _ map[string]string) {
			_, _ = w.Write(nil)
			_, _ = fmt.Fprint(w, "one")
		}, 200, "one"},
		"the greatest status": {func(w http.ResponseWriter, _ *http.Request, _ map[string]string) {
			w.WriteHeader(999)
		}, 999, ""},
		"a file": {func(w http.ResponseWriter, r *http.Request, _ map[string]string) {
			http.Redirect(w, r, "/elsewhere", http.StatusNotModified)
		}, 304, ""},
		"an error": {func(w http.ResponseWriter, r *http.Request, _ map[string]string) {
			standard.WriteError(w, r, status.Error(codes.NotFound, "no such file"))
		}, 404, `{"code":404,"message":"no such file"}`},
		"a status after the body": {func(w http.ResponseWriter, _ *http.Request, _ map[string]string) {
			_, _ = fmt.Fprint(w, "one")
			w.WriteHeader(http.StatusNoContent)
			_, _ = fmt.Fprint(w, "two")
		}, 200, "onetwo"},
		"a body where none may be": {func(w http.ResponseWriter, _ *http.Request, _ map[string]string) {
			w.Header().Set("Content-Length", "4")
			w.WriteHeader(http.StatusNoContent)
			_, _ = w.Write([]byte("body"))
		}, 204, ""},
	} {
		for _, protocol := range testkit.Protocols {
			t.Run(name+" "+protocol, func(t *testing.T) {
				mux := standard.NewServeMux()
				if err := mux.HandlePath(http.MethodGet, "/own/{path=**}", c.handle); err != nil {
					t.Fatal(err)
				}
				s := testkit.ServeOver(t, protocol, mux)
				if r := (call{Path: "/own/a/b"}).At(t, s); r.Status != c.status || r.Body != c.body {
					t.Errorf("responded with %d %q, want %d %q", r.Status, r.Body, c.status, c.body)
				}
				if r := (call{Method: "HEAD", Path: "/own/a/b"}).At(t, s); r.Status != c.status || r.Body != "" {
					t.Errorf("HEAD gives %d %q, want %d", r.Status, r.Body, c.status)
				}
			})
		}
	}
}

// TestWriterHijack hijacks the connection in a route.
func TestWriterHijack(t *testing.T) {
	t.Parallel()
	mux := standard.NewServeMux()
	err := mux.HandlePath(http.MethodGet, "/own", func(w http.ResponseWriter, _ *http.Request, _ map[string]string) {
		connection, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		defer func() { _ = connection.Close() }()
		_, _ = fmt.Fprint(connection, "HTTP/1.1 299 Own\r\nContent-Length: 0\r\n\r\n")
	})
	if err != nil {
		t.Fatal(err)
	}
	if r := (call{Path: "/own"}).To(t, testkit.Serve(t, mux)); r.Status != 299 {
		t.Errorf("responded with %d", r.Status)
	}
}

// writes is a forward option that writes before grpc-gateway does.
func writes(text string) func(context.Context, http.ResponseWriter, proto.Message) error {
	return func(_ context.Context, w http.ResponseWriter, _ proto.Message) error {
		_, err := io.WriteString(w, text)
		return err
	}
}

// ownRoute serves a handler beside the generated ones.
func ownRoute(t *testing.T, method string, handle http.HandlerFunc) http.Handler {
	t.Helper()
	mux := standard.NewServeMux()
	err := mux.HandlePath(method, "/own", func(w http.ResponseWriter, r *http.Request,
		_ map[string]string) {
		handle(w, r)
	})
	if err != nil {
		t.Fatal(err)
	}
	return mux
}

// TestWriterMethods compares the writer that a route gets with the server's own.
func TestWriterMethods(t *testing.T) {
	t.Parallel()
	asserted := func(w http.ResponseWriter) map[string]bool {
		_, flusher := w.(http.Flusher)
		_, errorFlusher := w.(interface{ FlushError() error })
		_, hijacker := w.(http.Hijacker)
		_, pusher := w.(http.Pusher)
		_, full := w.(interface{ EnableFullDuplex() error })
		return map[string]bool{"Flush": flusher, "FlushError": errorFlusher, "Hijack": hijacker, "Push": pusher,
			"EnableFullDuplex": full}
	}
	for _, protocol := range testkit.Protocols {
		t.Run(protocol, func(t *testing.T) {
			var front http.ResponseWriter
			mux := ownRoute(t, http.MethodGet, func(w http.ResponseWriter, _ *http.Request) {
				got, without := asserted(w), asserted(front)
				for method := range got {
					if got[method] && !without[method] {
						t.Errorf("the writer has %s, the server's has not", method)
					}
				}
				if !got["Flush"] || !got["FlushError"] || got["Hijack"] != (protocol == testkit.HTTP1) {
					t.Errorf("the writer has %v", got)
				}
				if got := unwrapped10(w); got != front {
					t.Errorf("the writer is unwrapped to %T", got)
				}
			})
			s := testkit.ServeOver(t, protocol, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				front = w
				mux.ServeHTTP(w, r)
			}))
			call{Path: "/own"}.At(t, s)
		})
	}
}

// TestWriterDeadlines sets a read deadline that has passed and a write deadline.
func TestWriterDeadlines(t *testing.T) {
	t.Parallel()
	for _, protocol := range testkit.Protocols {
		t.Run(protocol, func(t *testing.T) {
			var read error
			s := testkit.ServeOver(t, protocol, ownRoute(t, http.MethodPost,
				func(w http.ResponseWriter, r *http.Request) {
					controller := http.NewResponseController(w)
					if err := errors.Join(controller.SetReadDeadline(time.Unix(1, 0)),
						controller.SetWriteDeadline(time.Now().Add(testkit.Patience))); err != nil {
						t.Error(err)
					}
					_, read = io.ReadAll(r.Body)
					w.WriteHeader(http.StatusAccepted)
				}))
			reader, writer := io.Pipe() // a body that does not come
			defer func() { _ = writer.Close() }()
			response, err := s.Client.Post(s.URL+"/own", "text/plain", reader)
			if err != nil {
				t.Fatal(err)
			}
			response.Body.Close()
			if response.StatusCode != http.StatusAccepted || !errors.Is(read, os.ErrDeadlineExceeded) {
				t.Errorf("responded with %d, and the body was read with %v", response.StatusCode, read)
			}
		})
	}
}

// TestWriterFullDuplex reads on after the response has begun.
func TestWriterFullDuplex(t *testing.T) {
	t.Parallel()
	for _, protocol := range testkit.Protocols {
		t.Run(protocol, func(t *testing.T) {
			s := testkit.ServeOver(t, protocol, ownRoute(t, http.MethodPost,
				func(w http.ResponseWriter, r *http.Request) {
					controller := http.NewResponseController(w)
					if err := controller.EnableFullDuplex(); err != nil {
						t.Error(err)
					}
					w.WriteHeader(http.StatusAccepted)
					body := bufio.NewReader(r.Body)
					for {
						line, err := body.ReadString('\n')
						if err != nil {
							return
						}
						_, _ = io.WriteString(w, line)
						_ = controller.Flush()
					}
				}))
			ctx, cancel := context.WithTimeout(t.Context(), testkit.Patience)
			defer cancel()
			reader, writer := io.Pipe()
			request, err := http.NewRequestWithContext(ctx, http.MethodPost, s.URL+"/own", reader)
			if err != nil {
				t.Fatal(err)
			}
			go func() { _, _ = io.WriteString(writer, "0\n") }()
			response, err := s.Client.Do(request)
			if err != nil {
				t.Fatal(err)
			}
			defer response.Body.Close()
			body := bufio.NewReader(response.Body)
			for i := range 10 {
				if line, err := body.ReadString('\n'); err != nil || line != fmt.Sprintln(i) {
					t.Fatalf("line %d came back as %q: %v", i, line, err)
				}
				_, _ = fmt.Fprintln(writer, i+1)
			}
			_ = writer.Close()
			if response.StatusCode != http.StatusAccepted {
				t.Errorf("responded with %d", response.StatusCode)
			}
		})
	}
}

// TestWriterEarlyHints sends a 103 before the response, from a forward response option. It is sent at once and
// carries no control metadata.
func TestWriterEarlyHints(t *testing.T) {
	t.Parallel()
	hint := runtime.WithForwardResponseOption(func(_ context.Context, w http.ResponseWriter, _ proto.Message) error {
		w.Header().Add("Link", "</style.css>; rel=preload")
		w.WriteHeader(http.StatusEarlyHints)
		return nil
	})
	for _, order := range []string{"first", "last"} {
		for _, protocol := range testkit.Protocols {
			for _, c := range []struct {
				route  call
				fail   bool
				status int
			}{{call{}, false, 202}, {watch, false, 202}, {watch, true, 404}, {export, true, 404}} {
				t.Run(fmt.Sprint("own options ", order, " ", protocol, " ", c.route.Path, " ", c.fail),
					func(t *testing.T) {
						options := []runtime.ServeMuxOption{withIdentity, hint}
						if order == "last" {
							slices.Reverse(options)
						}
						service := &testkit.Service{}
						service.Behave(testkit.Sets(backendHeader, nil,
							map[bool]error{true: testkit.ErrNotFound}[c.fail]))
						s := testkit.ServeOver(t, protocol, testkit.Register(t, testkit.Network, service,
							standard.NewServeMux(options...)))
						var hints []textproto.MIMEHeader
						request, err := http.NewRequestWithContext(httptrace.WithClientTrace(t.Context(),
							&httptrace.ClientTrace{
								Got1xxResponse: func(code int, header textproto.MIMEHeader) error {
									if code != http.StatusEarlyHints {
										t.Errorf("got a %d", code)
									}
									hints = append(hints, maps.Clone(header))
									return nil
								},
							}), http.MethodGet,
							s.URL+c.route.Path+map[bool]string{true: "/v1/things/1"}[c.route.Path == ""], http.NoBody)
						if err != nil {
							t.Fatal(err)
						}
						response, err := s.Client.Do(request)
						if err != nil {
							t.Fatal(err)
						}
						defer response.Body.Close()
						if response.StatusCode != c.status || len(hints) == 0 {
							t.Errorf("responded with %d after %d hints", response.StatusCode, len(hints))
						}
						for _, header := range append(hints, textproto.MIMEHeader(response.Header)) {
							if err := testkit.Leak(http.Header(header)); err != nil || header.Get("Link") == "" {
								t.Errorf("the headers are %v: %v", header, err)
							}
						}
					})
			}
		}
	}
}
