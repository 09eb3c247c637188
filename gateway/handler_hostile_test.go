package gateway_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/statusbridge/statusbridge/gateway"
	"github.com/statusbridge/statusbridge/internal/testkit"
	"github.com/statusbridge/statusbridge/internal/testkit/testkitv1"
	"github.com/statusbridge/statusbridge/mapping"
)

func proxyTo(t *testing.T, upstream http.Handler) *httputil.ReverseProxy {
	t.Helper()
	target, err := url.Parse(testkit.Serve(t, upstream))
	if err != nil {
		t.Fatal(err)
	}
	proxy := httputil.NewSingleHostReverseProxy(target)
	proxy.ErrorLog = log.New(io.Discard, "", 0)
	return proxy
}

// TestHandlerProxiedError puts Handler around a proxy of a bridge whose answers come in chunks, as behind compression.
// httputil.ReverseProxy flushes such answers as soon as the header has come, in a goroutine of its own. The documented
// error leaves as it is.
func TestHandlerProxiedError(t *testing.T) {
	service := &testkit.Service{}
	service.Behave(testkit.Fails(mapping.Errorf(409, "the name is taken")))
	bridged := testkit.Register(t, testkit.Network, service, gateway.New().NewServeMux())
	for name, upstream := range map[string]http.Handler{
		"compressed": testkit.Compress(bridged),
		"paused": http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(http.StatusConflict)
			_, _ = io.WriteString(w, `{"code":409,`)
			_ = http.NewResponseController(w).Flush()
			_, _ = io.WriteString(w, `"message":"the name is taken"}`)
		}),
		"text": http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/plain")
			w.WriteHeader(http.StatusConflict)
			_ = http.NewResponseController(w).Flush()
			_, _ = io.WriteString(w, "the name is taken")
		}),
	} {
		t.Run(name, func(t *testing.T) {
			var mu sync.Mutex
			var seen []gateway.Observation
			s := testkit.ServeOver(t, "HTTP/1.1", gateway.New(gateway.WithObserver(func(_ context.Context, o gateway.Observation) {
				mu.Lock()
				defer mu.Unlock()
				seen = append(seen, o)
			})).Handler(proxyTo(t, upstream)))
			plain := &http.Client{Transport: &http.Transport{DisableCompression: true}}
			defer plain.CloseIdleConnections()
			for range 30 {
				r := call{}.At(t, testkit.Site{Client: plain, URL: s.URL})
				r.WantError(t, 409, "the name is taken", "")
				if t.Failed() {
					break
				}
			}
		})
	}
}

// TestHandlerErrorTrailers has a handler add trailers behind an error. None is part of the documented answer.
func TestHandlerErrorTrailers(t *testing.T) {
	for _, protocol := range testkit.Protocols {
		for name, inner := range map[string]http.HandlerFunc{
			"after a flush": func(w http.ResponseWriter, _ *http.Request) {
				http.Error(w, "taken", http.StatusConflict)
				_ = http.NewResponseController(w).Flush()
				w.Header().Set(http.TrailerPrefix+"X-Upstream", testkit.Secret)
			},
			"of a documented error": func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Trailer", "X-Announced")
				gateway.New().WriteError(w, r, status.Error(codes.Aborted, "taken"))
				w.Header().Set("X-Announced", testkit.Secret)
				w.Header().Set(http.TrailerPrefix+"X-Upstream", testkit.Secret)
			},
			"of a documented error by hand": func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", "application/json")
				w.WriteHeader(http.StatusConflict)
				_, _ = io.WriteString(w, `{"code":409,"message":"taken"}`)
				w.Header().Set(http.TrailerPrefix+"X-Upstream", testkit.Secret)
			},
		} {
			t.Run(protocol+"/"+name, func(t *testing.T) {
				s := testkit.ServeOver(t, protocol, gateway.New().Handler(inner))
				r := call{Path: "/"}.At(t, s)
				r.WantError(t, 409, "taken", "")
				if len(r.Trailer) > 0 {
					t.Errorf("trailers %v", r.Trailer)
				}
			})
		}
	}
}

// TestHandlerProxiedTrailers proxies an error with trailers that were not announced, as a gRPC or HTTP/2 upstream sends.
func TestHandlerProxiedTrailers(t *testing.T) {
	upstream := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusInternalServerError)
		_ = http.NewResponseController(w).Flush()
		_, _ = io.WriteString(w, "broken")
		w.Header().Set(http.TrailerPrefix+"X-Upstream", testkit.Secret)
	})
	s := testkit.ServeOver(t, "HTTP/2", gateway.New().Handler(proxyTo(t, upstream)))
	r := call{Path: "/"}.At(t, s)
	r.WantError(t, 500, "", "")
	if len(r.Trailer) > 0 {
		t.Errorf("trailers %v", r.Trailer)
	}
}

// TestHandlerHeadRewritten serves a HEAD as GET where middleware has rewritten the request's URL in place.
func TestHandlerHeadRewritten(t *testing.T) {
	inner := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.URL.Path = "/v2" + r.URL.Path
		if r.Method != http.MethodGet {
			w.Header().Set("Allow", "GET")
			http.Error(w, "", http.StatusMethodNotAllowed)
			return
		}
		if r.URL.Path != "/v2/a" {
			http.NotFound(w, r)
			return
		}
		_, _ = io.WriteString(w, "a")
	})
	var n notebook
	s := testkit.ServeOver(t, "HTTP/1.1", gateway.New(gateway.WithObserver(n.observe)).Handler(inner))
	if r := (call{Method: "HEAD", Path: "/a"}).At(t, s); r.Status != 200 {
		t.Errorf("answered %d, observed %v", r.Status, n.seen)
	}
}

// TestHandlerHeadObserved observes no refusal of a HEAD that was served as GET.
func TestHandlerHeadObserved(t *testing.T) {
	inner := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet {
			w.Header().Set("Allow", "GET")
			gateway.New().WriteError(w, r, mapping.Errorf(405, "only GET"))
		}
	})
	var n notebook
	s := testkit.ServeOver(t, "HTTP/1.1", gateway.New(gateway.WithObserver(n.observe)).Handler(inner))
	r := call{Method: "HEAD", Path: "/a"}.At(t, s)
	if r.Status != 200 || len(n.seen) > 0 {
		t.Errorf("answered %d, observed %v", r.Status, n.seen)
	}
}

// TestHandlerRecoveredAbort ends an answer in the middle, inside of such middleware. It must not end as a success.
func TestHandlerRecoveredAbort(t *testing.T) {
	service := &testkit.Service{}
	service.BehaveStream(testkit.Sends(2, status.Error(codes.Aborted, "changed")))
	mux := testkit.Register(t, testkit.Network, service, gateway.New(gateway.WithStreamAbort()).NewServeMux())
	for _, protocol := range testkit.Protocols {
		for name, inner := range map[string]http.Handler{
			"stream": mux,
			"written error": http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				_, _ = io.WriteString(w, "part")
				gateway.New().WriteError(w, r, status.Error(codes.Aborted, "failed"))
			}),
		} {
			t.Run(protocol+"/"+name, func(t *testing.T) {
				s := testkit.ServeLogging(t, protocol, gateway.New().Handler(testkit.Recover(inner)), io.Discard)
				if r, err := watch.Send(s.Client, s.URL); err == nil {
					t.Errorf("answered %d %q", r.Status, r.Body)
				}
			})
		}
	}
}

// TestHandlerGRPCInside serves gRPC itself through Handler: unary, failing and streaming calls, with trailers.
func TestHandlerGRPCInside(t *testing.T) {
	service := &testkit.Service{}
	server := grpc.NewServer()
	testkitv1.RegisterThingServiceServer(server, service)
	s := testkit.ServeOver(t, "HTTP/2", gateway.New().Handler(server))
	tlsConfig := s.Client.Transport.(*http.Transport).TLSClientConfig.Clone()
	conn, err := grpc.NewClient(strings.TrimPrefix(s.URL, "https://"), grpc.WithTransportCredentials(credentials.NewTLS(tlsConfig)))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	client := testkitv1.NewThingServiceClient(conn)
	service.Behave(func(ctx context.Context) error {
		_ = grpc.SetTrailer(ctx, metadata.Pairs("x-trail", "er"))
		return nil
	})
	var trailer metadata.MD
	if _, err := client.Get(t.Context(), &testkitv1.GetRequest{Id: 1}, grpc.Trailer(&trailer)); err != nil || len(trailer["x-trail"]) != 1 {
		t.Errorf("%v %v", err, trailer)
	}
	service.Behave(testkit.Fails(mapping.Errorf(502, "broken")))
	if _, err := client.Get(t.Context(), &testkitv1.GetRequest{Id: 1}); status.Code(err) != codes.Unavailable || len(status.Convert(err).Details()) != 1 {
		t.Errorf("%v %v", err, status.Convert(err).Details())
	}
	service.BehaveStream(testkit.Sends(3, status.Error(codes.Aborted, "changed")))
	stream, err := client.Watch(t.Context(), &testkitv1.WatchRequest{Id: 1})
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for ; ; n++ {
		if _, err = stream.Recv(); err != nil {
			break
		}
	}
	if n != 3 || status.Code(err) != codes.Aborted {
		t.Errorf("%d messages, then %v", n, err)
	}
}

// TestHandlerTimeoutHandler stands Handler around http.TimeoutHandler around a bridge, whose answer comes too late, and
// answers many at once.
func TestHandlerTimeoutHandler(t *testing.T) {
	service := &testkit.Service{}
	release := make(chan struct{})
	service.Behave(func(context.Context) error { <-release; return testkit.ErrNotFound })
	mux := testkit.Register(t, testkit.Network, service, gateway.New().NewServeMux())
	s := testkit.ServeOver(t, "HTTP/1.1", gateway.New().Handler(http.TimeoutHandler(mux, 20*time.Millisecond, testkit.Secret)))
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			r, err := call{}.Send(s.Client, s.URL)
			if err != nil || r.Status != 503 && r.Status != 504 {
				t.Errorf("%v %v", r, err)
				return
			}
			if err := r.ErrorDefect(); err != nil || strings.Contains(r.Body, testkit.Secret) {
				t.Errorf("%v %v", r, err)
			}
		})
	}
	all.Wait()
	close(release)
}

// TestHandlerHandlerInside puts a Handler inside a route of a bridge, which is inside of another.
func TestHandlerHandlerInside(t *testing.T) {
	mux := gateway.New().NewServeMux()
	inner := gateway.New().Handler(http.StripPrefix("/files", files()))
	if err := mux.HandlePath(http.MethodGet, "/files/{path=**}", func(w http.ResponseWriter, r *http.Request, _ map[string]string) {
		inner.ServeHTTP(w, r)
	}); err != nil {
		t.Fatal(err)
	}
	for _, protocol := range testkit.Protocols {
		for name, handler := range map[string]http.Handler{"alone": mux, "within another": gateway.New().Handler(mux)} {
			t.Run(protocol+"/"+name, func(t *testing.T) {
				s := testkit.ServeOver(t, protocol, handler)
				if r := (call{Path: "/files/a.txt", Header: http.Header{"Range": {"bytes=1-2"}}}).At(t, s); r.Status != 200 || r.Body != "0123456789" {
					t.Errorf("%d %q", r.Status, r.Body)
				}
				if r := (call{Method: "HEAD", Path: "/files/a.txt"}).At(t, s); r.Status != 200 || r.Header.Get("Content-Length") != "10" {
					t.Errorf("%d %q", r.Status, r.Header)
				}
				since := http.Header{"If-Modified-Since": {time.Now().UTC().Format(http.TimeFormat)}}
				if r := (call{Path: "/files/a.txt", Header: since}).At(t, s); r.Status != 304 || r.Body != "" {
					t.Errorf("%d %q", r.Status, r.Body)
				}
				call{Path: "/files/none"}.At(t, s).WantError(t, 404, "", "")
				since = http.Header{"If-Unmodified-Since": {"Mon, 02 Jan 1990 15:04:05 GMT"}}
				call{Path: "/files/a.txt", Header: since}.At(t, s).WantError(t, 409, "", "")
				if r := (call{Method: "HEAD", Path: "/files/none"}).At(t, s); r.Status != 404 || r.Header.Get("Content-Type") != "application/json" {
					t.Errorf("%d %q", r.Status, r.Header)
				}
				call{Method: "POST", Path: "/files/a.txt"}.At(t, s).WantError(t, 405, "", "")
			})
		}
	}
}

// TestHandlerPanicAfterAnswer panics behind errors in various states.
func TestHandlerPanicAfterAnswer(t *testing.T) {
	for _, protocol := range testkit.Protocols {
		for name, inner := range map[string]http.HandlerFunc{
			"error then panic": func(w http.ResponseWriter, r *http.Request) {
				gateway.New().WriteError(w, r, testkit.ErrNotFound)
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
				s := testkit.ServeOver(t, protocol, gateway.New().Handler(inner))
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

// TestHandlerPieces writes a documented error in pieces, huge ones, and with a length that lies.
func TestHandlerPieces(t *testing.T) {
	for _, protocol := range testkit.Protocols {
		s := testkit.ServeOver(t, protocol, gateway.New().Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			w.Header().Set("Content-Length", "7")
			w.Header().Set("Transfer-Encoding", "chunked")
			w.WriteHeader(http.StatusNotFound)
			if r.URL.Path == "/huge" {
				for range 100 {
					_, _ = w.Write(bytes.Repeat([]byte(testkit.Secret), 1000))
				}
				return
			}
			for _, c := range `{"code":404,"message":"no such thing"}` {
				_, _ = io.WriteString(w, string(c))
			}
		})))
		call{Path: "/"}.At(t, s).WantError(t, 404, "no such thing", "")
		call{Path: "/huge"}.At(t, s).WantError(t, 404, "", "")
	}
}

// TestHandlerProxiedCompressed proxies a documented error to a client that takes compressed answers.
func TestHandlerProxiedCompressed(t *testing.T) {
	service := &testkit.Service{}
	service.Behave(testkit.Fails(mapping.Errorf(409, "the name is taken")))
	s := testkit.ServeOver(t, "HTTP/1.1", gateway.New().Handler(proxyTo(t, testkit.Compress(testkit.Register(t, testkit.Network, service, gateway.New().NewServeMux())))))
	call{}.At(t, s).WantError(t, 409, "the name is taken", "")
}
