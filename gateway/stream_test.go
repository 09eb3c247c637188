package gateway_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/statusbridge/statusbridge/internal/testkit"
	"github.com/statusbridge/statusbridge/mapping"
)

// TestStreamOneMessageAtATime sends a message only after the client has read the one before. Nothing may hold a
// message back.
func TestStreamOneMessageAtATime(t *testing.T) {
	t.Parallel()
	const messages = 200
	for arrangement, mux := range arrangements {
		for _, protocol := range testkit.Protocols {
			t.Run(arrangement+" "+protocol, func(t *testing.T) {
				ctx, cancel := context.WithTimeout(t.Context(), testkit.Patience)
				defer cancel()
				read := make(chan struct{}, 1)
				service := &testkit.Service{}
				service.BehaveStream(func(ctx context.Context, send func() error) error {
					for range messages {
						if err := send(); err != nil {
							return err
						}
						select {
						case <-read:
						case <-ctx.Done():
							return ctx.Err()
						}
					}
					return nil
				})
				mux := testkit.Register(t, testkit.Network, service, mux())
				s := testkit.ServeOver(t, protocol, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					mux.ServeHTTP(&testkit.LogWriter{ResponseWriter: w}, r)
				}))
				_, body := watch.Follow(ctx, t, s)
				for i := range messages {
					line, err := body.ReadString('\n')
					if err != nil {
						t.Fatalf("message %d did not come while the service waited: %v", i+1, err)
					}
					testkit.WantMessage(t, line, i+1)
					read <- struct{}{}
				}
				if rest, err := body.ReadString('\n'); rest != "" || err == nil {
					t.Errorf("the stream ends in %q, %v", rest, err)
				}
			})
		}
	}
}

// TestStreamOneMessageAtATimeInsideHandler does the same inside Handler, for a stream of the mux and for events of a
// plain handler.
func TestStreamOneMessageAtATimeInsideHandler(t *testing.T) {
	t.Parallel()
	const messages = 50
	for _, protocol := range testkit.Protocols {
		read := make(chan struct{}, 1)
		service := &testkit.Service{}
		service.BehaveStream(func(ctx context.Context, send func() error) error {
			for range messages {
				if err := send(); err != nil {
					return err
				}
				select {
				case <-read:
				case <-ctx.Done():
					return ctx.Err()
				}
			}
			return status.Error(codes.Aborted, "changed")
		})
		mux := http.NewServeMux()
		mux.Handle("/v1/", testkit.Register(t, testkit.Network, service, standard.NewServeMux()))
		mux.HandleFunc("/events", func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "text/event-stream")
			for i := range messages {
				_, _ = fmt.Fprintf(w, "data: %d\n", i)
				w.(http.Flusher).Flush()
				select {
				case <-read:
				case <-r.Context().Done():
					return
				}
			}
		})
		s := testkit.ServeOver(t, protocol, standard.Handler(mux))
		for _, c := range []call{watch, {Path: "/events"}} {
			ctx, cancel := context.WithTimeout(t.Context(), testkit.Patience)
			defer cancel()
			_, body := c.Follow(ctx, t, s)
			for i := range messages {
				if _, err := body.ReadString('\n'); err != nil {
					t.Fatalf("%s %s: message %d did not come while the handler waited: %v", protocol, c.Path, i, err)
				}
				read <- struct{}{}
			}
			if rest, _ := io.ReadAll(body); c.Path == watch.Path {
				testkit.WantChunk(t, strings.TrimSuffix(string(rest), "\n"),
					testkit.ErrorBody{Code: 409, Message: "changed"})
			}
		}
	}
}

// TestStreamSuccessStatus chooses the status of a stream's success. It is sent with the first message or at the end,
// and an earlier error counts instead.
func TestStreamSuccessStatus(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		call   call
		before int // messages
	}{
		{"watch", watch, 2}, {"watch without a message", watch, 0}, {"download", export, 2},
		{"both ways", routes[6].call, 2}, {"both ways without a message", routes[6].call, 0},
	} {
		for _, protocol := range testkit.Protocols {
			for _, httpStatus := range []int{0, 200, 202, 204} {
				for _, err := range []error{nil, mapping.Errorf(409, "changed")} {
					t.Run(fmt.Sprint(c.name, " ", protocol, " ", httpStatus, " ", err), func(t *testing.T) {
						service := &testkit.Service{}
						service.BehaveStream(func(ctx context.Context, send func() error) error {
							if httpStatus != 0 {
								if err := mapping.SetHTTPStatus(ctx, httpStatus); err != nil {
									return err
								}
							}
							return testkit.Sends(c.before, err)(ctx, send)
						})
						s := testkit.ServeOver(t, protocol, testkit.Register(t, testkit.Network, service,
							standard.NewServeMux(withIdentity)))
						response, body := c.call.Follow(t.Context(), t, s)
						if err := testkit.Leak(response.Header); err != nil {
							t.Error(err)
						}
						want := max(200, httpStatus)
						if err != nil && c.before == 0 {
							want = 409
						}
						if response.StatusCode != want {
							t.Errorf("responded with %d, want %d", response.StatusCode, want)
						}
						first, _ := body.ReadString('\n')
						if wantBody := want != 204 && c.before > 0 || want == 409; (first != "") != wantBody {
							t.Errorf("the body begins with %q", first)
						}
						if contentType := response.Header["Content-Type"]; want == 204 && contentType != nil {
							t.Errorf("a 204 has the content type %q", contentType)
						}
					})
				}
			}
		}
	}
}

// TestStreamSuccessStatusTooLate calls SetHTTPStatus after the header was sent. It returns an error, and the first
// choice stays.
func TestStreamSuccessStatusTooLate(t *testing.T) {
	t.Parallel()
	service := &testkit.Service{}
	var late error
	service.BehaveStream(func(ctx context.Context, send func() error) error {
		if err := mapping.SetHTTPStatus(ctx, 202); err != nil {
			return err
		}
		if err := send(); err != nil {
			return err
		}
		late = mapping.SetHTTPStatus(ctx, 204)
		return send()
	})
	r := watch.To(t, bridged(t, testkit.Network, service, standard))
	if r.Status != 202 || strings.Count(r.Body, "\n") != 2 || late == nil {
		t.Errorf("responded with %d %q, and the service was told %v", r.Status, r.Body, late)
	}
}

var (
	withGzip = runtime.WithMiddlewares(func(next runtime.HandlerFunc) runtime.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request, params map[string]string) {
			zipped := &testkit.GzipWriter{ResponseWriter: w}
			defer zipped.Close()
			next(zipped, r, params)
		}
	})
	withBuffer = runtime.WithMiddlewares(func(next runtime.HandlerFunc) runtime.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request, params map[string]string) {
			buffered := testkit.NewBufferWriter(w)
			defer buffered.Close()
			next(buffered, r, params)
		}
	})
)

// TestStreamContentTypeWithoutMessages forwards all metadata of a stream without messages. The media type is that of
// messages, and not that of the gRPC reply. A 204 has none, because it has no content (RFC 9110 section 15.3.5).
func TestStreamContentTypeWithoutMessages(t *testing.T) {
	t.Parallel()
	for httpStatus, want := range map[int]string{200: "application/json", 202: "application/json", 204: ""} {
		service := &testkit.Service{}
		service.BehaveStream(func(ctx context.Context, _ func() error) error { return chooses(httpStatus)(ctx) })
		r := watch.To(t, bridged(t, testkit.Network, service, standard, withIdentity))
		if got := r.Header.Get("Content-Type"); r.Status != httpStatus || r.Body != "" || got != want {
			t.Errorf("responded with %d %q as %q, want %q", r.Status, r.Body, got, want)
		}
	}
}

// TestStreamThroughMiddleware has middleware compress or buffer a stream. The client reads the documented response: a
// success, an error before the first message, and one after it.
func TestStreamThroughMiddleware(t *testing.T) {
	t.Parallel()
	for name, middleware := range map[string]runtime.ServeMuxOption{"gzip": withGzip, "a buffer": withBuffer} {
		for _, protocol := range testkit.Protocols {
			for before := range 3 {
				for _, err := range []error{nil, status.Error(codes.Aborted, "changed")} {
					t.Run(fmt.Sprint(name, " ", protocol, " ", before, " ", err != nil), func(t *testing.T) {
						service := &testkit.Service{}
						service.BehaveStream(testkit.Sends(before, err))
						s := testkit.ServeOver(t, protocol, testkit.Register(t, testkit.Network, service,
							standard.NewServeMux(middleware)))
						// net/http's client asks for gzip and decompresses.
						response, reader := watch.Follow(t.Context(), t, s)
						body, failure := io.ReadAll(reader)
						if failure != nil {
							t.Fatalf("the response cannot be read: %v after %q", failure, body)
						}
						if before == 0 && err != nil {
							want := `{"code":409,"message":"changed"}`
							if response.StatusCode != http.StatusConflict || string(body) != want {
								t.Errorf("responded with %d %q, want %s", response.StatusCode, body, want)
							}
							return
						}
						got := strings.SplitAfter(string(body), "\n")
						want := before + 1
						if err != nil {
							want++
						}
						if response.StatusCode != http.StatusOK || len(got) != want || got[len(got)-1] != "" {
							t.Fatalf("responded with %d %q", response.StatusCode, got)
						}
						for i := range before {
							testkit.WantMessage(t, got[i], i+1)
						}
						if err != nil {
							testkit.WantChunk(t, got[before], testkit.ErrorBody{Code: 409, Message: "changed"})
						}
					})
				}
			}
		}
	}
}

// TestStreamStatusInAccessLog tells an access log inside the bridge the status that the client gets.
func TestStreamStatusInAccessLog(t *testing.T) {
	t.Parallel()
	for _, route := range routes {
		var log *testkit.LogWriter
		service := &testkit.Service{}
		service.Behave(testkit.Fails(testkit.ErrNotFound))
		mux := testkit.Register(t, route.transport, service,
			standard.NewServeMux(runtime.WithMiddlewares(func(next runtime.HandlerFunc) runtime.HandlerFunc {
				return func(w http.ResponseWriter, r *http.Request, params map[string]string) {
					log = &testkit.LogWriter{ResponseWriter: w}
					next(log, r, params)
				}
			})))
		server := testkit.Serve(t, mux)
		if r := route.call.To(t, server); r.Status != log.Status {
			t.Errorf("%s: responded with %d, and the log says %d", route.name, r.Status, log.Status)
		}
	}
}

// TestStreamThroughUnflushableWriter reads a stream through middleware whose writer can be neither flushed nor
// unwrapped.
func TestStreamThroughUnflushableWriter(t *testing.T) {
	t.Parallel()
	service := &testkit.Service{}
	service.BehaveStream(testkit.Sends(3, status.Error(codes.Aborted, "changed")))
	for name, options := range map[string]func(http.Handler) http.Handler{
		"middleware": testkit.Compress,
		"in Handler": func(h http.Handler) http.Handler { return standard.Handler(testkit.Compress(h)) },
	} {
		t.Run(name, func(t *testing.T) {
			s := testkit.ServeLogging(t, "HTTP/1.1",
				options(testkit.Register(t, testkit.Network, service, standard.NewServeMux())), io.Discard)
			r, err := watch.Send(s.Client, s.URL)
			if want := `{"error":{"code":409,"message":"changed"}}` + "\n"; err != nil ||
				!strings.HasSuffix(r.Body, want) {
				t.Errorf("responded with %d %q %v", r.Status, r.Body, err)
			}
		})
	}
}

// TestFlushNotSupported has a user's middleware flush through such a writer. It learns that this is not supported.
func TestFlushNotSupported(t *testing.T) {
	t.Parallel()
	mux := standard.NewServeMux(runtime.WithMiddlewares(func(next runtime.HandlerFunc) runtime.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request, params map[string]string) {
			own := &testkit.LogWriter{ResponseWriter: w}
			next(own, r, params)
			if err := http.NewResponseController(own).Flush(); !errors.Is(err, http.ErrNotSupported) {
				t.Errorf("flushed with %v", err)
			}
		}
	}))
	if err := mux.HandlePath(http.MethodGet, "/own", says("served")); err != nil {
		t.Fatal(err)
	}
	if r := (call{Path: "/own"}).To(t, testkit.Serve(t, testkit.Compress(mux))); r.Status != 200 || r.Body != "served" {
		t.Errorf("responded with %d %q", r.Status, r.Body)
	}
}

// TestStreamOfInvalidMessage sends a bidirectional stream whose message is not JSON. grpc-gateway logs that and
// ends the request. The service sees the end of the stream and decides the status.
func TestStreamOfInvalidMessage(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		ends   error
		status int
	}{
		"a success": {nil, 200},
		"an error":  {status.Error(codes.InvalidArgument, "the chat has no lines"), 400},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			service := &testkit.Service{}
			service.BehaveStream(func(_ context.Context, send func() error) error {
				if err := send(); !errors.Is(err, io.EOF) {
					return status.Errorf(codes.Internal, "the stream ended with %v", err)
				}
				return c.ends
			})
			base := bridged(t, testkit.Network, service, standard)
			if r := (call{Method: "POST", Path: "/v1/chat", Body: `{"line":`}).To(t, base); r.Status != c.status {
				t.Errorf("responded with %d %s", r.Status, r.Body)
			}
		})
	}
}
