package gateway_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/durationpb"

	"github.com/statusbridge/statusbridge/gateway"
	"github.com/statusbridge/statusbridge/internal/testkit"
	"github.com/statusbridge/statusbridge/internal/testkit/badpeer"
	"github.com/statusbridge/statusbridge/internal/testkit/testkitv1"
	"github.com/statusbridge/statusbridge/mapping"
)

// files is what a file server serves.
func files() http.Handler {
	return http.FileServerFS(fstest.MapFS{
		"a.txt":          {Data: []byte("0123456789"), ModTime: time.Unix(1e9, 0)},
		"dir/index.html": {Data: []byte("<p>")},
	})
}

func serveMuxOfGo() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /things/{id}", func(w http.ResponseWriter, r *http.Request) {
		_,
			_ = io.WriteString(w, r.PathValue("id"))
	})
	mux.HandleFunc("/dir/", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "dir") })
	return mux
}

// authorized is middleware as most is written.
func authorized(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") == "" {
			http.Error(w, "a token is needed", http.StatusUnauthorized)
			return
		}
		next.ServeHTTP(w, r)
	})
}

func limited(http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", "7")
		http.Error(w, "ten a second", http.StatusTooManyRequests)
	})
}

func cors(httpStatus int) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Access-Control-Allow-Origin", "*")
			if r.Method == http.MethodOptions {
				w.WriteHeader(httpStatus)
				return
			}
			next.ServeHTTP(w, r)
		})
	}
}

func reading(w http.ResponseWriter, r *http.Request) {
	if _, err := io.ReadAll(r.Body); err != nil {
		http.Error(w, err.Error(), http.StatusRequestEntityTooLarge)
	}
}

// refusing is a proxy to a port where nothing listens.
func refusing(t *testing.T) http.Handler {
	proxy := httputil.NewSingleHostReverseProxy(&url.URL{Scheme: "http", Host: badpeer.Nowhere(t)})
	proxy.ErrorLog = log.New(io.Discard, "", 0)
	return proxy
}

// TestHandlerAroundOthers puts Handler around common handlers. The table has their responses without Handler as well.
func TestHandlerAroundOthers(t *testing.T) {
	t.Parallel()
	service := &testkit.Service{}
	service.Behave(testkit.Fails(testkit.ErrNotFound))
	stockMux := testkit.Register(t, testkit.Network, service, runtime.NewServeMux())
	bridgedMux := testkit.Register(t, testkit.Network, service, standard.NewServeMux())
	over := make(chan struct{})
	defer close(over)
	slow := http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-over })
	for _, c := range []struct {
		name    string
		inner   http.Handler
		call    call
		without string // status, media type and beginning of the body
		status  int
		message string // of an error; empty: the documented sentence
		body    string // of a success
		header  http.Header
	}{
		{"bridge", bridgedMux, call{}, `404 application/json {"code":404,"message":"no such thing"}`, 404,
			"no such thing", "", nil},
		{"bridge 405", bridgedMux, call{Method: "POST"}, `405 application/json {"code":405`, 405, "", "",
			http.Header{"Allow": {"DELETE, GET, PATCH, PUT"}}},
		{"without mux", stockMux, call{}, `404 application/json {"code":5`, 404, "no such thing", "", nil},
		{"without mux, no route", stockMux, call{Path: "/nowhere"}, `404 application/json {"code":5`, 404, "", "", nil},
		{"without mux, no method", stockMux, call{Method: "POST"}, `501 application/json {"code":12`, 501, "", "", nil},
		{"http.ServeMux", serveMuxOfGo(), call{Path: "/things/7"}, "200 text/plain 7", 200, "", "7", nil},
		{"http.ServeMux 404", serveMuxOfGo(), call{Path: "/nowhere"}, "404 text/plain 404 page not found", 404, "",
			"", nil},
		{"http.ServeMux 405", serveMuxOfGo(), call{Path: "/things/7", Method: "POST"},
			"405 text/plain Method Not Allowed", 405, "", "",
			http.Header{"Allow": {"GET, HEAD"}}},
		{"http.ServeMux 301", serveMuxOfGo(), call{Path: "/dir"}, `307 text/html <a href="/dir/">`, 307, "",
			`<a href="/dir/">Temporary Redirect</a>.` + "\n\n",
			http.Header{"Location": {"/dir/"}}},
		{"http.FileServer", files(), call{Path: "/a.txt"}, "200 text/plain 0123456789", 200, "", "0123456789",
			http.Header{"Last-Modified": {"Sun, 09 Sep 2001 01:46:40 GMT"}}},
		{"http.FileServer range", files(), call{Path: "/a.txt", Header: http.Header{"Range": {"bytes=2-3"}}},
			"206 text/plain 23", 200, "", "0123456789",
			http.Header{"Accept-Ranges": nil, "Content-Range": nil}},
		{"http.FileServer range beyond", files(), call{Path: "/a.txt", Header: http.Header{"Range": {"bytes=20-"}}},
			"416 text/plain invalid range", 200, "", "0123456789", nil},
		{"http.FileServer 304", files(), call{Path: "/a.txt",
			Header: http.Header{"If-Modified-Since": {"Sun, 09 Sep 2001 01:46:40 GMT"}}}, "304", 304, "", "", nil},
		{"http.FileServer 412", files(), call{Path: "/a.txt",
			Header: http.Header{"If-Unmodified-Since": {"Sun, 09 Sep 2001 01:46:39 GMT"}}}, "412", 409, "", "",
			http.Header{"Last-Modified": nil, "Accept-Ranges": nil}},
		{"http.FileServer redirect", files(), call{Path: "/dir"}, "301", 301, "", "",
			http.Header{"Location": {"dir/"}}},
		{"http.FileServer 404", files(), call{Path: "/b.txt"}, "404 text/plain 404 page not found", 404, "", "", nil},
		{"http.StripPrefix", http.StripPrefix("/files", files()), call{Path: "/files/a.txt"},
			"200 text/plain 0123456789", 200, "", "0123456789", nil},
		{"http.StripPrefix 404", http.StripPrefix("/files", files()), call{Path: "/a.txt"},
			"404 text/plain 404 page not found", 404, "", "", nil},
		{"http.TimeoutHandler", http.TimeoutHandler(slow, time.Nanosecond, ""), call{},
			"503 text/html <html><head><title>Timeout", 503, "", "", nil},
		{"http.TimeoutHandler in time", http.TimeoutHandler(bridgedMux, testkit.Patience, ""), call{},
			`404 application/json {"code":404,"message":"no such thing"}`, 404, "no such thing", "", nil},
		{"http.MaxBytesHandler", http.MaxBytesHandler(http.HandlerFunc(reading), 3), call{Method: "POST", Body: "four"},
			"413 text/plain http: request body too large", 400, "http: request body too large", "", nil},
		{"http.MaxBytesHandler, bridge", http.MaxBytesHandler(bridgedMux, 3),
			call{Method: "POST", Path: "/v1/things", Body: "{  }"},
			`400 application/json {"code":400`, 400, "invalid request body: body too large", "", nil},
		{"gzip", testkit.Compress(bridgedMux), call{}, `404 application/json {"code":404,"message":"no such thing"}`,
			404, "no such thing", "", nil},
		{"gzip of text", testkit.Compress(http.NotFoundHandler()), call{}, "404 text/plain", 404, "", "", nil},
		{"gzip of a success", testkit.Compress(files()), call{Path: "/a.txt"}, "200 text/plain 0123456789", 200, "",
			"0123456789", nil},
		{"CORS, a preflight", cors(204)(bridgedMux), call{Method: "OPTIONS"}, "204", 204, "", "",
			http.Header{"Access-Control-Allow-Origin": {"*"}}},
		{"CORS, another preflight", cors(200)(bridgedMux), call{Method: "OPTIONS"}, "200", 200, "", "",
			http.Header{"Access-Control-Allow-Origin": {"*"}}},
		{"CORS, an error", cors(204)(http.NotFoundHandler()), call{}, "404 text/plain", 404, "", "",
			http.Header{"Access-Control-Allow-Origin": {"*"}}},
		{"auth", authorized(bridgedMux), call{}, "401 text/plain a token is needed", 401, "a token is needed", "",
			http.Header{"Www-Authenticate": {"Basic"}}},
		{"a rate limit", limited(bridgedMux), call{}, "429 text/plain ten a second", 503, "", "",
			http.Header{"Retry-After": {"7"}}},
		{"a proxy", refusing(t), call{}, "502", 502, "", "", nil},
	} {
		for _, protocol := range testkit.Protocols {
			t.Run(c.name+" "+protocol, func(t *testing.T) {
				s := testkit.ServeOver(t, protocol, c.inner)
				plain := c.call.At(t, testkit.NoRedirects(s))
				mediaType, _, _ := strings.Cut(plain.Header.Get("Content-Type"), ";")
				if got := strings.TrimSpace(fmt.Sprint(plain.Status, " ", mediaType, " ",
					plain.Body)); !strings.HasPrefix(got, c.without) {
					t.Errorf("the handler alone sends %.200q, recorded is %q", got, c.without)
				}
				s = testkit.ServeOver(t, protocol, gateway.New(gateway.WithChallenge("Basic")).Handler(c.inner))
				r := c.call.At(t, testkit.NoRedirects(s))
				if c.status >= 400 {
					r.WantError(t, c.status, c.message, "")
				} else if r.Status != c.status || r.Body != c.body {
					t.Errorf("responded with %d %q, want %d %q", r.Status, r.Body, c.status, c.body)
				}
				for name, values := range c.header {
					if !slices.Equal(r.Header[name], values) {
						t.Errorf("%s is %q, want %q", name, r.Header[name], values)
					}
				}
			})
		}
	}
}

var retryLater = func() error {
	st, err := status.New(codes.Unavailable,
		testkit.Secret).WithDetails(&errdetails.RetryInfo{RetryDelay: durationpb.New(time.Second)})
	return errors.Join(st.Err(), err)
}()

// TestHandlerKeepsOwnErrors sends the bridge's responses unchanged, inside one Handler, inside two, and through
// middleware that compresses.
func TestHandlerKeepsOwnErrors(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("a", 100<<10)
	for name, err := range map[string]error{
		"404": testkit.ErrNotFound, "401": status.Error(codes.Unauthenticated, "no token"), "405": mapping.Errorf(405,
			"not this one"),
		"a detail": &mapping.Error{HTTPStatus: 409, Message: "changed <é>", Details: "version: 7"},
		"502": mapping.Errorf(502,
			"the store is away"), "a success": nil, "retry": retryLater, "long": status.Error(codes.NotFound, long),
	} {
		for _, method := range []string{http.MethodGet, http.MethodHead} {
			for _, protocol := range testkit.Protocols {
				var inside, outside notebook
				service := &testkit.Service{}
				service.Behave(testkit.Fails(err))
				mux := testkit.Register(t, testkit.InProcess, service,
					gateway.New(gateway.WithObserver(inside.observe)).NewServeMux())
				observer := gateway.WithObserver(outside.observe)
				want := ask(t, protocol, method, mux)
				for around, handler := range map[string]http.Handler{
					"one":          gateway.New(observer).Handler(mux),
					"two":          gateway.New(observer).Handler(gateway.New(observer).Handler(mux)),
					"a compressor": gateway.New(observer).Handler(testkit.Compress(mux)),
					"compressors": gateway.New(observer).Handler(
						testkit.Compress(gateway.New(observer).Handler(testkit.Compress(mux)))),
					"a time-out": gateway.New(observer).Handler(http.TimeoutHandler(mux, testkit.Patience, "")),
				} {
					if err == nil && strings.HasPrefix(around, "compress") {
						continue // a success is compressed
					}
					got := ask(t, protocol, method, handler)
					if err == nil {
						delete(got.Header, "Content-Encoding")
						delete(got.Header, "Content-Length")
						delete(want.Header, "Content-Length")
					}
					if got.Status != want.Status || got.Body != want.Body || cmp.Diff(want.Header, got.Header) != "" {
						t.Errorf("%s %s %s behind %s: responded with %d %.200q, want %d %.200q\n%s", protocol, method,
							name, around,
							got.Status, got.Body, want.Status, want.Body, cmp.Diff(want.Header, got.Header))
					}
				}
				if len(outside.seen) > 0 || err != nil && inside.count(6) != 6 {
					t.Errorf("%s: the bridge observed %d responses, Handler %v", name, inside.count(0), outside.seen)
				}
			}
		}
	}
}

func ask(t *testing.T, protocol, method string, handler http.Handler) testkit.Response {
	t.Helper()
	s := testkit.ServeOver(t, protocol, handler)
	r := call{Method: method}.At(t, s)
	delete(r.Header, "Date")
	return r
}

// TestHandlerChecksReplacedErrors throws the bridge's response away and writes another one with the same status. Its
// text is not sent.
func TestHandlerChecksReplacedErrors(t *testing.T) {
	t.Parallel()
	service := &testkit.Service{}
	service.Behave(testkit.Fails(mapping.Errorf(503, "the store is away")))
	mux := testkit.Register(t, testkit.Network, service, standard.NewServeMux())
	page := testkit.Compress(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mux.ServeHTTP(httptest.NewRecorder(), r)
		w.Header().Set("Content-Type", "text/html")
		w.WriteHeader(http.StatusServiceUnavailable)
		_, _ = io.WriteString(w, "<h1>away</h1>")
	}))
	call{}.To(t, testkit.Serve(t, standard.Handler(page))).WantError(t, 503, "", "")

	// The same happens while http.TimeoutHandler responds, and after it: run with -race.
	responded, ended := make(chan struct{}), make(chan struct{})
	timed := http.TimeoutHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer close(ended)
		standard.WriteError(w, r, mapping.Errorf(503, "the store is away"))
		<-responded
		standard.WriteError(w, r, mapping.Errorf(503, "the store is away"))
	}), time.Nanosecond, "")
	r := call{}.To(t, testkit.Serve(t, standard.Handler(testkit.Compress(timed))))
	close(responded)
	<-ended
	r.WantError(t, 503, "", "")
}

// TestHandlerAroundTimeoutHandler puts http.TimeoutHandler between Handler and a bridge whose response comes too
// late.
func TestHandlerAroundTimeoutHandler(t *testing.T) {
	t.Parallel()
	service := &testkit.Service{}
	release := make(chan struct{})
	service.Behave(func(context.Context) error { <-release; return testkit.ErrNotFound })
	mux := testkit.Register(t, testkit.Network, service, standard.NewServeMux())
	s := testkit.ServeOver(t, "HTTP/1.1",
		standard.Handler(http.TimeoutHandler(mux, 20*time.Millisecond, testkit.Secret)))
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

// TestHandlerUpgradeOverHTTP2 has a handler switch protocols over HTTP/2, which has no such status, and then fail.
func TestHandlerUpgradeOverHTTP2(t *testing.T) {
	t.Parallel()
	s := testkit.ServeOver(t, testkit.HTTP2,
		standard.Handler(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusSwitchingProtocols)
			http.Error(w, testkit.Secret, http.StatusInternalServerError)
		})))
	call{}.At(t, s).WantError(t, 500, "", "")
}

// TestHandlerNested puts a Handler inside a route of a bridge, inside another Handler.
func TestHandlerNested(t *testing.T) {
	t.Parallel()
	mux := standard.NewServeMux()
	inner := standard.Handler(http.StripPrefix("/files", files()))
	if err := mux.HandlePath(http.MethodGet, "/files/{path=**}",
		func(w http.ResponseWriter, r *http.Request, _ map[string]string) {
			inner.ServeHTTP(w, r)
		}); err != nil {
		t.Fatal(err)
	}
	for _, protocol := range testkit.Protocols {
		for name, handler := range map[string]http.Handler{"alone": mux, "within another": standard.Handler(mux)} {
			t.Run(protocol+"/"+name, func(t *testing.T) {
				s := testkit.ServeOver(t, protocol, handler)
				if r := (call{Path: "/files/a.txt", Header: http.Header{"Range": {"bytes=1-2"}}}).At(t,
					s); r.Status != 200 || r.Body != "0123456789" {
					t.Errorf("%d %q", r.Status, r.Body)
				}
				if r := (call{Method: "HEAD", Path: "/files/a.txt"}).At(t, s); r.Status != 200 ||
					r.Header.Get("Content-Length") != "10" {
					t.Errorf("%d %q", r.Status, r.Header)
				}
				since := http.Header{"If-Modified-Since": {time.Now().UTC().Format(http.TimeFormat)}}
				if r := (call{Path: "/files/a.txt", Header: since}).At(t, s); r.Status != 304 || r.Body != "" {
					t.Errorf("%d %q", r.Status, r.Body)
				}
				call{Path: "/files/none"}.At(t, s).WantError(t, 404, "", "")
				since = http.Header{"If-Unmodified-Since": {"Mon, 02 Jan 1990 15:04:05 GMT"}}
				call{Path: "/files/a.txt", Header: since}.At(t, s).WantError(t, 409, "", "")
				if r := (call{Method: "HEAD", Path: "/files/none"}).At(t, s); r.Status != 404 ||
					r.Header.Get("Content-Type") != "application/json" {
					t.Errorf("%d %q", r.Status, r.Header)
				}
				call{Method: "POST", Path: "/files/a.txt"}.At(t, s).WantError(t, 405, "", "")
			})
		}
	}
}

// TestHandlerAroundGRPC serves gRPC itself through Handler: unary, failing and streaming calls, with trailers.
func TestHandlerAroundGRPC(t *testing.T) {
	t.Parallel()
	service := &testkit.Service{}
	server := grpc.NewServer()
	testkitv1.RegisterThingServiceServer(server, service)
	s := testkit.ServeOver(t, "HTTP/2", standard.Handler(server))
	tlsConfig := s.Client.Transport.(*http.Transport).TLSClientConfig.Clone()
	conn, err := grpc.NewClient(strings.TrimPrefix(s.URL, "https://"),
		grpc.WithTransportCredentials(credentials.NewTLS(tlsConfig)))
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
	if _, err := client.Get(t.Context(), &testkitv1.GetRequest{Id: 1}, grpc.Trailer(&trailer)); err != nil ||
		len(trailer["x-trail"]) != 1 {
		t.Errorf("%v %v", err, trailer)
	}
	service.Behave(testkit.Fails(mapping.Errorf(502, "broken")))
	if _, err := client.Get(t.Context(), &testkitv1.GetRequest{Id: 1}); status.Code(err) != codes.Unavailable ||
		len(status.Convert(err).Details()) != 1 {
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

// TestHandlerContext passes on the values and the end of a request's context.
func TestHandlerContext(t *testing.T) {
	t.Parallel()
	type key struct{}
	ended := make(chan error, 1)
	started := make(chan struct{})
	inner := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		if r.Context().Value(key{}) != "value" || r.Context().Value(http.ServerContextKey) == nil {
			t.Error("the context lost its values")
		}
		close(started)
		<-r.Context().Done()
		ended <- r.Context().Err()
	})
	front := standard.Handler(inner)
	base := testkit.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		front.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), key{}, "value")))
	}))
	ctx, cancel := context.WithCancel(t.Context())
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, base, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	go func() { <-started; cancel() }()
	if response, err := testkit.Client.Do(request); err == nil {
		response.Body.Close()
		t.Error("got a response")
	}
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("the context ended with %v", err)
	}
}
