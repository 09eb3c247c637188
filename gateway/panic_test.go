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
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	"github.com/statusbridge/statusbridge/gateway"
	"github.com/statusbridge/statusbridge/internal/testkit"
	"github.com/statusbridge/statusbridge/internal/testkit/testkitv1"
	"github.com/statusbridge/statusbridge/mapping"
)

// TestPanic panics in a service in process. The client gets a 500 without the reason, and the process lives.
func TestPanic(t *testing.T) {
	t.Parallel()
	for name, value := range map[string]any{
		"a text": testkit.Secret, "an error": errors.New(testkit.Secret), "a status": status.Error(codes.NotFound,
			testkit.Secret),
		"nil": nil, "an Error": mapping.Errorf(404, "no"), "a number": 7,
	} {
		for _, protocol := range testkit.Protocols {
			t.Run(name+" "+protocol, func(t *testing.T) {
				service := &testkit.Service{}
				service.Behave(func(ctx context.Context) error {
					if err := mapping.SetHTTPStatus(ctx, 202); err != nil {
						return err
					}
					panic(value)
				})
				var n notebook
				mux := testkit.Register(t, testkit.InProcess, service,
					gateway.New(gateway.WithObserver(n.observe)).NewServeMux(withIdentity))
				s := testkit.ServeOver(t, protocol, mux)
				for _, c := range []call{{}, {Method: "HEAD"}, suspend} {
					r := c.At(t, s)
					if c.Method == http.MethodHead {
						if r.Status != 500 || testkit.Leak(r.Header) != nil {
							t.Errorf("HEAD gives %d %v", r.Status, r.Header)
						}
						continue
					}
					r.WantError(t, 500, "", "")
				}
				if len(n.seen) != 3 {
					t.Errorf("observed %d of 3 panics", len(n.seen))
				}
				service.Behave(nil)
				if r := (call{}).At(t, s); r.Status != 200 {
					t.Errorf("the process sends %d", r.Status)
				}
			})
		}
	}
}

// TestPanicToAbort panics with http.ErrAbortHandler, which aborts the response as net/http defines it.
func TestPanicToAbort(t *testing.T) {
	t.Parallel()
	abort := func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }
	service := &testkit.Service{}
	service.Behave(func(context.Context) error { panic(http.ErrAbortHandler) })
	for _, protocol := range testkit.Protocols {
		for name, handler := range map[string]http.Handler{
			"/own": ownRoute(t, http.MethodGet, abort), "": testkit.Register(t, testkit.InProcess, service,
				standard.NewServeMux()),
		} {
			s := testkit.ServeOver(t, protocol, handler)
			if r, err := (call{Path: name}).Send(s.Client, s.URL); err == nil {
				t.Errorf("%s %q: responded with %d %q", protocol, name, r.Status, r.Body)
			}
		}
	}
}

// TestPanicAfterFirstByte panics after part of the body. The connection breaks, because a clean end would be a
// success.
func TestPanicAfterFirstByte(t *testing.T) {
	t.Parallel()
	for _, protocol := range testkit.Protocols {
		s := testkit.ServeLogging(t, protocol, ownRoute(t, http.MethodGet,
			func(w http.ResponseWriter, _ *http.Request) {
				_, _ = io.WriteString(w, "half")
				_ = http.NewResponseController(w).Flush()
				panic("tenant 7")
			}), io.Discard)
		if r, err := (call{Path: "/own"}).Send(s.Client, s.URL); err == nil {
			t.Errorf("%s: responded with %d %q", protocol, r.Status, r.Body)
		}
	}
}

// TestPanicInsideCompressor panics inside a user's middleware that compresses. The 500 is readable.
func TestPanicInsideCompressor(t *testing.T) {
	t.Parallel()
	inside := func(next runtime.HandlerFunc) runtime.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request, pathParams map[string]string) {
			out := testkit.NewEagerGzipWriter(w)
			next(out, r, pathParams)
			out.Close()
		}
	}
	mux := standard.NewServeMux(runtime.WithMiddlewares(inside))
	panicking := func(http.ResponseWriter, *http.Request, map[string]string) { panic("nil map") }
	if err := mux.HandlePath(http.MethodGet, "/panic", panicking); err != nil {
		t.Fatal(err)
	}
	plain := standard.NewServeMux()
	if err := plain.HandlePath(http.MethodGet, "/panic", panicking); err != nil {
		t.Fatal(err)
	}
	for name, handler := range map[string]http.Handler{"inside": mux, "in front": testkit.Compress(plain)} {
		t.Run(name, func(t *testing.T) {
			r := call{Path: "/panic"}.To(t, testkit.Serve(t, handler)) // net/http's client decompresses
			if want := fmt.Sprintf(`{"code":500,"message":%q}`, testkit.Meanings[500]); r.Status != 500 ||
				r.Body != want {
				t.Errorf("responded with %d %q, want %q", r.Status, r.Body, want)
			}
		})
	}
}

// TestPanicInsideHandler panics inside Handler: 500 if nothing was sent, else the connection breaks.
func TestPanicInsideHandler(t *testing.T) {
	t.Parallel()
	broken := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("ETag", `"7"`)
		panic(testkit.Secret)
	})
	for name, inner := range map[string]http.Handler{
		"plain": broken, "http.TimeoutHandler": http.TimeoutHandler(broken, testkit.Patience,
			""), "stripped": http.StripPrefix("/v1", broken),
		"nested": standard.Handler(broken), "an error": http.HandlerFunc(func(http.ResponseWriter,
			*http.Request) {
			panic(errors.New(testkit.Secret))
		}),
	} {
		for _, protocol := range testkit.Protocols {
			s := testkit.ServeOver(t, protocol, standard.Handler(inner))
			r := call{}.At(t, s)
			r.WantError(t, 500, "", "")
			if r.Header["Etag"] != nil {
				t.Errorf("%s: a success left %v", name, r.Header)
			}
		}
	}
	for name, inner := range map[string]http.HandlerFunc{
		"after a body": func(w http.ResponseWriter, _ *http.Request) {
			_,
				_ = io.WriteString(w, "part")
			panic(testkit.Secret)
		},
		"after a flush": func(w http.ResponseWriter,
			_ *http.Request) {
			w.(http.Flusher).Flush()
			panic(testkit.Secret)
		},
		"to abort": func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
		"to abort, held": func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusNotFound)
			panic(http.ErrAbortHandler)
		},
		"too late an error": func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.WriteString(w, "part")
			standard.WriteError(w, r, testkit.ErrNotFound)
		},
	} {
		for _, protocol := range testkit.Protocols {
			s := testkit.ServeOver(t, protocol, standard.Handler(inner)) // the test fails if net/http logs
			if r, err := (call{}).Send(s.Client, s.URL); err == nil {
				t.Errorf("%s %s: responded with %d %q", name, protocol, r.Status, r.Body)
			}
		}
	}
}

// TestPanicInsideHandlerAfterError panics after an error, after hints, with nil and by a status that HTTP does not
// have.
func TestPanicInsideHandlerAfterError(t *testing.T) {
	t.Parallel()
	for _, protocol := range testkit.Protocols {
		for name, inner := range map[string]http.HandlerFunc{
			"error then panic": func(w http.ResponseWriter, r *http.Request) {
				standard.WriteError(w, r, testkit.ErrNotFound)
				panic(testkit.Secret)
			},
			"401 then panic": func(w http.ResponseWriter, r *http.Request) {
				standard.WriteError(w, r, mapping.Errorf(401, "no token"))
				panic(testkit.Secret)
			},
			"hints then panic": func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Link", "</a>")
				w.WriteHeader(http.StatusEarlyHints)
				panic(testkit.Secret)
			},
			"panic nil": func(http.ResponseWriter, *http.Request) { panic(nil) },
			"bad code":  func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(0) },
		} {
			t.Run(protocol+"/"+name, func(t *testing.T) {
				s := testkit.ServeOver(t, protocol, standard.Handler(inner))
				r, err := call{Path: "/"}.Send(s.Client, s.URL)
				if err != nil {
					t.Fatal(err)
				}
				r.WantError(t, 500, "", "")
				if strings.Contains(fmt.Sprint(r), testkit.Secret) {
					t.Error(r)
				}
			})
		}
	}
}

// TestPanicOfInvalidStatus writes a status that HTTP does not have, for which net/http panics.
func TestPanicOfInvalidStatus(t *testing.T) {
	t.Parallel()
	for _, httpStatus := range []int{-1, 0, 99, 1000, 70000} {
		write := func(w http.ResponseWriter) { w.WriteHeader(httpStatus) }
		option := runtime.WithForwardResponseOption(func(_ context.Context, w http.ResponseWriter,
			_ proto.Message) error {
			write(w)
			return nil
		})
		for name, handler := range map[string]http.Handler{
			"alone": ownRoute(t, http.MethodGet, func(w http.ResponseWriter, _ *http.Request) { write(w) }),
			"with a body": ownRoute(t, http.MethodGet, func(w http.ResponseWriter, _ *http.Request) {
				write(w)
				_, _ = io.WriteString(w, "body")
			}),
			"an option": testkit.Register(t, testkit.InProcess, &testkit.Service{},
				standard.NewServeMux(option)),
			"an option of stream": testkit.Register(t, testkit.Network, &testkit.Service{},
				standard.NewServeMux(option)),
		} {
			c := map[string]call{"alone": {Path: "/own"}, "with a body": {Path: "/own"},
				"an option of stream": watch}[name]
			r, err := c.Send(testkit.Client, testkit.ServeLogging(t, "HTTP/1.1", handler, io.Discard).URL)
			if err != nil {
				t.Errorf("%d, %s: no answer: %v", httpStatus, name, err)
				continue
			}
			r.WantError(t, 500, "", "")
		}
	}
}

// TestPanicOfOption panics in a function that an option has set. The response is a documented error, over both
// transports, of a mux and of Handler. The panic is logged.
func TestPanicOfOption(t *testing.T) {
	service := &testkit.Service{}
	detailed, err := status.New(codes.NotFound, "no such thing").WithDetails(&testkitv1.GetRequest{Id: 1})
	if err != nil {
		t.Fatal(err)
	}
	service.Behave(testkit.Fails(detailed.Err()))
	for name, c := range map[string]struct {
		option             gateway.Option
		network, inProcess int
	}{
		"mapping":      {gateway.WithMappingFunc(func(codes.Code) (int, bool) { panic(testkit.Secret) }), 404, 404},
		"details text": {gateway.WithDetailsText(func(*status.Status) string { panic(testkit.Secret) }), 500, 500},
		// It is not called for a service in process.
		"local replies": {gateway.WithLocalReplies(func(_, _ metadata.MD) bool { panic(testkit.Secret) }), 500, 404},
		"observer": {gateway.WithObserver(func(context.Context, gateway.Observation) { panic(testkit.Secret) }),
			404, 404},
	} {
		for transport, want := range map[testkit.Transport]int{
			testkit.Network: c.network, testkit.InProcess: c.inProcess,
		} {
			bridge := gateway.New(c.option)
			mux := testkit.Register(t, transport, service, bridge.NewServeMux())
			for _, handler := range []http.Handler{mux, bridge.Handler(mux)} {
				grpcErrors.reset()
				r := call{}.To(t, testkit.Serve(t, handler))
				if r.Status != want || r.ErrorDefect() != nil || strings.Contains(r.Body, testkit.Secret) {
					t.Errorf("%s, %s: responded with %d %q", name, transport, r.Status, r.Body)
				}
				called := name != "local replies" || transport == testkit.Network
				if logged := grpcErrors.reset(); strings.Contains(logged, testkit.Secret) != called {
					t.Errorf("%s, %s: logged %q", name, transport, logged)
				}
			}
		}
	}
}

// TestPanicOfObserver panics in an observer. The response is sent.
func TestPanicOfObserver(t *testing.T) {
	t.Parallel()
	observer := gateway.WithObserver(func(context.Context, gateway.Observation) { panic("no space left") })
	base := bridged(t, testkit.Network, &testkit.Service{}, gateway.New(observer))
	call{Path: "/nowhere"}.To(t, base).WantError(t, 404, "", "")
}

// TestPanicInsideOwnCompressor has a handler panic whose compressor is closed by defer, which begins a success. The
// client does not get it whole.
func TestPanicInsideOwnCompressor(t *testing.T) {
	t.Parallel()
	handler := standard.Handler(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		zipped := testkit.NewEagerGzipWriter(w)
		defer zipped.Close()
		panic(testkit.Secret)
	}))
	for _, protocol := range testkit.Protocols {
		s := testkit.ServeLogging(t, protocol, handler, io.Discard)
		if r, err := (call{}).Send(s.Client, s.URL); err == nil {
			t.Errorf("%s: responded with %d %q", protocol, r.Status, r.Body)
		}
	}
}
