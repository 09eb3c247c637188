package gateway_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/durationpb"

	"github.com/statusbridge/statusbridge/gateway"
	"github.com/statusbridge/statusbridge/internal/testkit"
	"github.com/statusbridge/statusbridge/internal/testkit/badpeer"
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
	mux.HandleFunc("GET /things/{id}", func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, r.PathValue("id")) })
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

// refusing is a proxy in front of a port where nothing listens.
func refusing(t *testing.T) http.Handler {
	proxy := httputil.NewSingleHostReverseProxy(&url.URL{Scheme: "http", Host: badpeer.Nowhere(t)})
	proxy.ErrorLog = log.New(io.Discard, "", 0)
	return proxy
}

// TestHandlerAround stands Handler around what it is likely to meet. What stands there answers by itself as stock says.
func TestHandlerAround(t *testing.T) {
	service := &testkit.Service{}
	service.Behave(testkit.Fails(testkit.ErrNotFound))
	stockMux := testkit.Register(t, testkit.Network, service, runtime.NewServeMux())
	bridgedMux := testkit.Register(t, testkit.Network, service, gateway.New().NewServeMux())
	over := make(chan struct{})
	defer close(over)
	slow := http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-over })
	for _, c := range []struct {
		name    string
		inner   http.Handler
		call    call
		stock   string // status, media type and as much of the body as says what it is
		status  int
		message string // of an error; empty: the page's sentence
		body    string // of what is no error
		header  http.Header
	}{
		{"bridge", bridgedMux, call{}, `404 application/json {"code":404,"message":"no such thing"}`, 404, "no such thing", "", nil},
		{"bridge 405", bridgedMux, call{Method: "POST"}, `405 application/json {"code":405`, 405, "", "",
			http.Header{"Allow": {"DELETE, GET, PATCH, PUT"}}},
		{"stock mux", stockMux, call{}, `404 application/json {"code":5`, 404, "", "", nil},
		{"stock mux, no route", stockMux, call{Path: "/nowhere"}, `404 application/json {"code":5`, 404, "", "", nil},
		{"stock mux, no method", stockMux, call{Method: "POST"}, `501 application/json {"code":12`, 501, "", "", nil},
		{"http.ServeMux", serveMuxOfGo(), call{Path: "/things/7"}, "200 text/plain 7", 200, "", "7", nil},
		{"http.ServeMux 404", serveMuxOfGo(), call{Path: "/nowhere"}, "404 text/plain 404 page not found", 404, "", "", nil},
		{"http.ServeMux 405", serveMuxOfGo(), call{Path: "/things/7", Method: "POST"}, "405 text/plain Method Not Allowed", 405, "", "",
			http.Header{"Allow": {"GET, HEAD"}}},
		{"http.ServeMux 301", serveMuxOfGo(), call{Path: "/dir"}, `307 text/html <a href="/dir/">`, 307, "", `<a href="/dir/">Temporary Redirect</a>.` + "\n\n",
			http.Header{"Location": {"/dir/"}}},
		{"http.FileServer", files(), call{Path: "/a.txt"}, "200 text/plain 0123456789", 200, "", "0123456789",
			http.Header{"Last-Modified": {"Sun, 09 Sep 2001 01:46:40 GMT"}}},
		{"http.FileServer range", files(), call{Path: "/a.txt", Header: http.Header{"Range": {"bytes=2-3"}}}, "206 text/plain 23", 200, "", "0123456789",
			http.Header{"Accept-Ranges": nil, "Content-Range": nil}},
		{"http.FileServer range beyond", files(), call{Path: "/a.txt", Header: http.Header{"Range": {"bytes=20-"}}}, "416 text/plain invalid range", 200, "", "0123456789", nil},
		{"http.FileServer 304", files(), call{Path: "/a.txt", Header: http.Header{"If-Modified-Since": {"Sun, 09 Sep 2001 01:46:40 GMT"}}}, "304", 304, "", "", nil},
		{"http.FileServer 412", files(), call{Path: "/a.txt", Header: http.Header{"If-Unmodified-Since": {"Sun, 09 Sep 2001 01:46:39 GMT"}}}, "412", 409, "", "",
			http.Header{"Last-Modified": nil, "Accept-Ranges": nil}},
		{"http.FileServer redirect", files(), call{Path: "/dir"}, "301", 301, "", "", http.Header{"Location": {"dir/"}}},
		{"http.FileServer 404", files(), call{Path: "/b.txt"}, "404 text/plain 404 page not found", 404, "", "", nil},
		{"http.StripPrefix", http.StripPrefix("/files", files()), call{Path: "/files/a.txt"}, "200 text/plain 0123456789", 200, "", "0123456789", nil},
		{"http.StripPrefix 404", http.StripPrefix("/files", files()), call{Path: "/a.txt"}, "404 text/plain 404 page not found", 404, "", "", nil},
		{"http.TimeoutHandler", http.TimeoutHandler(slow, time.Nanosecond, ""), call{},
			"503 text/html <html><head><title>Timeout", 503, "", "", nil},
		{"http.TimeoutHandler in time", http.TimeoutHandler(bridgedMux, testkit.Patience, ""), call{}, `404 application/json {"code":404,"message":"no such thing"}`, 404, "no such thing", "", nil},
		{"http.MaxBytesHandler", http.MaxBytesHandler(http.HandlerFunc(reading), 3), call{Method: "POST", Body: "four"},
			"413 text/plain http: request body too large", 400, "http: request body too large", "", nil},
		{"http.MaxBytesHandler, bridge", http.MaxBytesHandler(bridgedMux, 3), call{Method: "POST", Path: "/v1/things", Body: "{  }"},
			`400 application/json {"code":400`, 400, "invalid request body: body too large", "", nil},
		{"gzip", testkit.Compress(bridgedMux), call{}, `404 application/json {"code":404,"message":"no such thing"}`, 404, "no such thing", "", nil},
		{"gzip of text", testkit.Compress(http.NotFoundHandler()), call{}, "404 text/plain", 404, "", "", nil},
		{"gzip of a success", testkit.Compress(files()), call{Path: "/a.txt"}, "200 text/plain 0123456789", 200, "", "0123456789", nil},
		{"CORS, a preflight", cors(204)(bridgedMux), call{Method: "OPTIONS"}, "204", 204, "", "", http.Header{"Access-Control-Allow-Origin": {"*"}}},
		{"CORS, another preflight", cors(200)(bridgedMux), call{Method: "OPTIONS"}, "200", 200, "", "", http.Header{"Access-Control-Allow-Origin": {"*"}}},
		{"CORS, an error", cors(204)(http.NotFoundHandler()), call{}, "404 text/plain", 404, "", "", http.Header{"Access-Control-Allow-Origin": {"*"}}},
		{"auth", authorized(bridgedMux), call{}, "401 text/plain a token is needed", 401, "a token is needed", "", http.Header{"Www-Authenticate": {"Basic"}}},
		{"a rate limit", limited(bridgedMux), call{}, "429 text/plain ten a second", 503, "", "", http.Header{"Retry-After": {"7"}}},
		{"a proxy", refusing(t), call{}, "502", 502, "", "", nil},
	} {
		for _, protocol := range testkit.Protocols {
			t.Run(c.name+" "+protocol, func(t *testing.T) {
				s := testkit.ServeOver(t, protocol, c.inner)
				plain := c.call.At(t, testkit.NoRedirects(s))
				mediaType, _, _ := strings.Cut(plain.Header.Get("Content-Type"), ";")
				if got := strings.TrimSpace(fmt.Sprint(plain.Status, " ", mediaType, " ", plain.Body)); !strings.HasPrefix(got, c.stock) {
					t.Errorf("stock answers %.200q, recorded is %q", got, c.stock)
				}
				s = testkit.ServeOver(t, protocol, gateway.New(gateway.WithChallenge("Basic")).Handler(c.inner))
				r := c.call.At(t, testkit.NoRedirects(s))
				if c.status >= 400 {
					r.WantError(t, c.status, c.message, "")
				} else if r.Status != c.status || r.Body != c.body {
					t.Errorf("answered %d %q, want %d %q", r.Status, r.Body, c.status, c.body)
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
	st, err := status.New(codes.Unavailable, testkit.Secret).WithDetails(&errdetails.RetryInfo{RetryDelay: durationpb.New(time.Second)})
	return errors.Join(st.Err(), err)
}()

// TestHandlerLeavesOurs has the answers of the bridge, of each kind, come out byte for byte and header for header, with
// one Handler around, with two, and with middleware between that compresses.
func TestHandlerLeavesOurs(t *testing.T) {
	long := strings.Repeat("a", 100<<10)
	for name, err := range map[string]error{
		"404": testkit.ErrNotFound, "401": status.Error(codes.Unauthenticated, "no token"), "405": mapping.Errorf(405, "not this one"),
		"a detail": &mapping.Error{HTTPStatus: 409, Message: "changed <é>", Details: "version: 7"},
		"502":      mapping.Errorf(502, "the store is away"), "a success": nil, "retry": retryLater, "long": status.Error(codes.NotFound, long),
	} {
		for _, method := range []string{http.MethodGet, http.MethodHead} {
			for _, protocol := range testkit.Protocols {
				var inside, outside notebook
				service := &testkit.Service{}
				service.Behave(testkit.Fails(err))
				mux := testkit.Register(t, testkit.InProcess, service, gateway.New(gateway.WithObserver(inside.observe)).NewServeMux())
				observer := gateway.WithObserver(outside.observe)
				want := ask(t, protocol, method, mux)
				for around, handler := range map[string]http.Handler{
					"one":          gateway.New(observer).Handler(mux),
					"two":          gateway.New(observer).Handler(gateway.New(observer).Handler(mux)),
					"a compressor": gateway.New(observer).Handler(testkit.Compress(mux)),
					"compressors":  gateway.New(observer).Handler(testkit.Compress(gateway.New(observer).Handler(testkit.Compress(mux)))),
					"a time-out":   gateway.New(observer).Handler(http.TimeoutHandler(mux, testkit.Patience, "")),
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
						t.Errorf("%s %s %s behind %s: answered %d %.200q, want %d %.200q\n%s", protocol, method, name, around,
							got.Status, got.Body, want.Status, want.Body, cmp.Diff(want.Header, got.Header))
					}
				}
				if len(outside.seen) > 0 || err != nil && len(inside.seen) != 6 {
					t.Errorf("%s: the bridge observed %d answers, Handler %v", name, len(inside.seen), outside.seen)
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

// TestHandlerVouchesForNobody throws the bridge's answer away and writes another, of the same status, compressed so that
// it cannot be read. Under a type that is not the documented one, nothing of it leaves.
func TestHandlerVouchesForNobody(t *testing.T) {
	service := &testkit.Service{}
	service.Behave(testkit.Fails(mapping.Errorf(503, "the store is away")))
	mux := testkit.Register(t, testkit.Network, service, gateway.New().NewServeMux())
	page := testkit.Compress(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mux.ServeHTTP(httptest.NewRecorder(), r)
		w.Header().Set("Content-Type", "text/html")
		w.WriteHeader(http.StatusServiceUnavailable)
		_, _ = io.WriteString(w, "<h1>away</h1>")
	}))
	call{}.To(t, testkit.Serve(t, gateway.New().Handler(page))).WantError(t, 503, "", "")

	// The same happens while http.TimeoutHandler answers, and after it: run with -race.
	answered, ended := make(chan struct{}), make(chan struct{})
	timed := http.TimeoutHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer close(ended)
		gateway.New().WriteError(w, r, mapping.Errorf(503, "the store is away"))
		<-answered
		gateway.New().WriteError(w, r, mapping.Errorf(503, "the store is away"))
	}), time.Nanosecond, "")
	r := call{}.To(t, testkit.Serve(t, gateway.New().Handler(testkit.Compress(timed))))
	close(answered)
	<-ended
	r.WantError(t, 503, "", "")
}

// TestHandlerObserver is told of what Handler made, and of nothing else.
func TestHandlerObserver(t *testing.T) {
	for _, c := range []struct {
		name   string
		inner  http.HandlerFunc
		status int
		code   codes.Code
		text   string
	}{
		{"an error", func(w http.ResponseWriter, _ *http.Request) { http.Error(w, testkit.Secret, http.StatusBadGateway) }, 502, codes.Unavailable, "502: " + testkit.Secret},
		{"an empty one", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadGateway) }, 502, codes.Unavailable, "answered 502"},
		{"too many", func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "ten", http.StatusTooManyRequests) }, 503, codes.ResourceExhausted, "429: ten"},
		{"gone", func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "left", http.StatusGone) }, 404, codes.NotFound, "410: left"},
		{"HTML", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/html")
			w.WriteHeader(http.StatusInternalServerError)
			_, _ = io.WriteString(w, "<h1>")
		}, 500, codes.Internal, "500: <h1>"},
		{"a panic", func(http.ResponseWriter, *http.Request) { panic(testkit.Secret) }, 500, codes.Unknown, testkit.Secret},
		{"a panic after an error", func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusNotFound)
			panic(testkit.Secret)
		}, 500, codes.Unknown, testkit.Secret},
		{"WriteError", func(w http.ResponseWriter, r *http.Request) { gateway.New().WriteError(w, r, testkit.ErrNotFound) }, 404, codes.NotFound, "no such thing"},
		{"a success", func(http.ResponseWriter, *http.Request) {}, 200, 0, ""},
		{"a documented error", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(http.StatusNotFound)
			_, _ = io.WriteString(w, documentedJSON(404))
		}, 404, 0, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			var n notebook
			r := call{}.To(t, testkit.Serve(t, gateway.New(gateway.WithObserver(n.observe)).Handler(c.inner)))
			if r.Status != c.status {
				t.Errorf("answered %d", r.Status)
			}
			if c.text == "" {
				if len(n.seen) > 0 {
					t.Errorf("observed %v", n.seen)
				}
				return
			}
			if o := n.one(t); o.HTTPStatus != c.status || o.GRPCCode != c.code || !strings.Contains(o.Err.Error(), c.text) {
				t.Errorf("observed %+v, want %d %v %q", o, c.status, c.code, c.text)
			}
		})
	}
}

// TestHandlerWriteError answers from middleware between Handler and the bridge: Handler's options count. Inside the
// bridge, its own do.
func TestHandlerWriteError(t *testing.T) {
	var inside, outside notebook
	mux := testkit.Register(t, testkit.Network, &testkit.Service{}, gateway.New(gateway.WithChallenge("Inner"), gateway.WithObserver(inside.observe)).NewServeMux(runtime.WithMiddlewares(func(runtime.HandlerFunc) runtime.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request, _ map[string]string) {
			gateway.New().WriteError(w, r, status.Error(codes.Unauthenticated, "inside"))
		}
	})))
	between := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") == "" {
			gateway.New().WriteError(w, r, status.Error(codes.Unauthenticated, "between"))
			return
		}
		mux.ServeHTTP(w, r)
	})
	base := testkit.Serve(t, gateway.New(gateway.WithChallenge("Outer"), gateway.WithObserver(outside.observe)).Handler(between))
	for _, c := range []struct {
		header             http.Header
		message, challenge string
	}{{nil, "between", "Outer"}, {http.Header{"Authorization": {"x"}}, "inside", "Inner"}} {
		r := call{Header: c.header}.To(t, base)
		r.WantError(t, 401, c.message, "")
		if got := r.Header.Values("WWW-Authenticate"); !slices.Equal(got, []string{c.challenge}) {
			t.Errorf("the challenge is %q, want %q", got, c.challenge)
		}
	}
	if outside.one(t).Err == nil || inside.one(t).Err == nil {
		t.Error("observed nothing")
	}
}

// TestHandlerHeaders says what stays beside an error that was replaced.
func TestHandlerHeaders(t *testing.T) {
	left := map[string]string{
		"Content-Language": "en", "Content-Disposition": "attachment", "ETag": `"7"`, "Last-Modified": "Sun, 09 Sep 2001 01:46:40 GMT",
		"Location": "/7", "Expires": "0", "Age": "7", "Content-Range": "bytes */7", "Trailer": "X-Sum", http.TrailerPrefix + "X-Late": "7",
	}
	stay := map[string]string{
		"Allow": "GET", "Retry-After": "7", "X-Content-Type-Options": "nosniff", "X-Request-Id": "r-1", "Vary": "Accept",
		"Set-Cookie": "a=b", "Access-Control-Allow-Origin": "*",
	}
	for control, kept := range map[string]bool{"public, max-age=60": false, "no-store": true, "No-Cache, no-store": true, "": false} {
		inner := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			for name, value := range left {
				w.Header().Set(name, value)
			}
			for name, value := range stay {
				w.Header().Set(name, value)
			}
			if control != "" {
				w.Header().Set("Cache-Control", control)
			}
			w.WriteHeader(http.StatusMethodNotAllowed)
		})
		for _, protocol := range testkit.Protocols {
			s := testkit.ServeOver(t, protocol, gateway.New().Handler(inner))
			r := call{}.At(t, s)
			r.WantError(t, 405, "", "")
			for name := range left {
				if r.Header.Get(name) != "" && (name != "Expires" || !kept) {
					t.Errorf("%s: %s stays: %q", protocol, name, r.Header[name])
				}
			}
			for name, value := range stay {
				if got := r.Header.Values(name); !slices.Equal(got, []string{value}) {
					t.Errorf("%s: %s is %q", protocol, name, got)
				}
			}
			if got := r.Header.Get("Cache-Control"); (got == control) != (kept || control == "") {
				t.Errorf("%s: Cache-Control is %q of %q", protocol, got, control)
			}
		}
	}
}

// TestHandlerHeadersInFront keeps what middleware around Handler has set, and takes away what came from inside.
func TestHandlerHeadersInFront(t *testing.T) {
	inner := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("ETag", `"7"`)
		w.Header().Set("Content-Language", "fr")
		w.Header().Set("Expires", "0")
		w.Header().Set("Cache-Control", "no-store")
		w.WriteHeader(http.StatusTeapot)
	})
	around := http.Header{"Content-Language": {"en"}, "Cache-Control": {"private"}, "X-Request-Id": {"r-1"}}
	r := call{}.To(t, front(t, gateway.New().Handler(inner), around))
	r.WantError(t, 400, "", "")
	want := http.Header{"Content-Language": {"en"}, "Cache-Control": {"no-store"}, "X-Request-Id": {"r-1"}, "Expires": {"0"}, "Etag": nil}
	for name, values := range want {
		if !slices.Equal(r.Header[name], values) {
			t.Errorf("%s is %q, want %q", name, r.Header[name], values)
		}
	}
}

// TestHandlerHead serves a HEAD that a handler refuses although it serves GET, and runs nothing else twice.
func TestHandlerHead(t *testing.T) {
	for _, c := range []struct {
		name, allow string
		httpStatus  int // of the refusal
		want        int
		runs        int
	}{
		{"GET", "GET", 405, 200, 2},
		{"among others", "POST, GET", 405, 200, 2},
		{"in lines", "POST|GET", 405, 200, 2},
		{"HEAD too", "GET, HEAD", 405, 405, 1},
		{"no GET", "POST", 405, 405, 1},
		{"a longer name", "GETTY", 405, 405, 1},
		{"nothing", "", 405, 405, 1},
		{"another status", "GET", 404, 404, 1},
	} {
		for _, protocol := range testkit.Protocols {
			t.Run(c.name+" "+protocol, func(t *testing.T) {
				runs := 0
				inner := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					runs++
					if r.Method == http.MethodGet {
						w.Header().Set("ETag", `"7"`)
						_, _ = io.WriteString(w, "seven")
						return
					}
					for _, value := range strings.Split(c.allow, "|") {
						w.Header().Add("Allow", value)
					}
					w.WriteHeader(c.httpStatus)
				})
				s := testkit.ServeOver(t, protocol, gateway.New().Handler(inner))
				r := call{Method: http.MethodHead}.At(t, s)
				if r.Status != c.want || runs != c.runs || r.Body != "" {
					t.Errorf("answered %d after %d runs", r.Status, runs)
				}
				if c.want == 200 && (r.Header["Allow"] != nil || r.Header.Get("ETag") != `"7"`) {
					t.Errorf("the headers are %v", r.Header)
				}
				runs = 0
				if r := (call{Method: http.MethodPost}).At(t, s); r.Status != c.httpStatus || runs != 1 {
					t.Errorf("POST: answered %d after %d runs", r.Status, runs)
				}
			})
		}
	}
}

// TestHandlerRange asks for ranges. Without 206 among the statuses no handler is asked for one; one that sends a part of
// its own accord does not have it taken for the whole.
func TestHandlerRange(t *testing.T) {
	ranged := call{Path: "/a.txt", Header: http.Header{"Range": {"bytes=2-3"}, "If-Range": {"Sun, 09 Sep 2001 01:46:40 GMT"}}}
	r := ranged.To(t, testkit.Serve(t, gateway.New(gateway.WithExtraStatuses(206)).Handler(files())))
	if r.Status != 206 || r.Body != "23" || r.Header.Get("Accept-Ranges") != "bytes" {
		t.Errorf("answered %d %q %v", r.Status, r.Body, r.Header)
	}
	for name, header := range map[string]http.Header{
		"part":  {"Content-Range": {"bytes 2-3/10"}},
		"parts": {"Content-Type": {`multipart/byteranges; boundary="x"`}},
		"none":  nil,
	} {
		var n notebook
		inner := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Header.Get("Range") != "" || r.Header.Get("If-Range") != "" {
				t.Error("the handler was asked for a range")
			}
			maps.Copy(w.Header(), header)
			w.WriteHeader(http.StatusPartialContent)
			_, _ = io.WriteString(w, "23")
		})
		r := ranged.To(t, testkit.Serve(t, gateway.New(gateway.WithObserver(n.observe), gateway.WithServerMessages()).Handler(inner)))
		if name == "none" {
			if r.Status != 200 || r.Body != "23" || len(n.seen) > 0 {
				t.Errorf("%s: answered %d %q", name, r.Status, r.Body)
			}
			continue
		}
		r.WantError(t, 500, "", "")
		if o := n.one(t); !strings.Contains(o.Err.Error(), "206") || r.Header["Content-Range"] != nil {
			t.Errorf("%s: observed %v, the headers are %v", name, o, r.Header)
		}
	}
}

// TestHandlerPanics answers for a panic while nothing has been sent, and ends the connection after.
func TestHandlerPanics(t *testing.T) {
	broken := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("ETag", `"7"`)
		panic(testkit.Secret)
	})
	for name, inner := range map[string]http.Handler{
		"plain": broken, "http.TimeoutHandler": http.TimeoutHandler(broken, testkit.Patience, ""), "stripped": http.StripPrefix("/v1", broken),
		"nested": gateway.New().Handler(broken), "an error": http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(errors.New(testkit.Secret)) }),
	} {
		for _, protocol := range testkit.Protocols {
			s := testkit.ServeOver(t, protocol, gateway.New().Handler(inner))
			r := call{}.At(t, s)
			r.WantError(t, 500, "", "")
			if r.Header["Etag"] != nil {
				t.Errorf("%s: a success left %v", name, r.Header)
			}
		}
	}
	for name, inner := range map[string]http.HandlerFunc{
		"after a body":   func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "part"); panic(testkit.Secret) },
		"after a header": func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusOK); panic(testkit.Secret) },
		"after a flush":  func(w http.ResponseWriter, _ *http.Request) { w.(http.Flusher).Flush(); panic(testkit.Secret) },
		"to abort":       func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
		"to abort, held": func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusNotFound)
			panic(http.ErrAbortHandler)
		},
		"too late an error": func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.WriteString(w, "part")
			gateway.New().WriteError(w, r, testkit.ErrNotFound)
		},
	} {
		for _, protocol := range testkit.Protocols {
			s := testkit.ServeOver(t, protocol, gateway.New().Handler(inner)) // net/http has nothing to complain about
			if r, err := (call{}).Send(s.Client, s.URL); err == nil {
				t.Errorf("%s %s: answered %d %q", name, protocol, r.Status, r.Body)
			}
		}
	}
}

// TestHandlerContext passes on what a server puts into a request's context, and its end.
func TestHandlerContext(t *testing.T) {
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
	front := gateway.New().Handler(inner)
	base := testkit.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		front.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), key{}, "value")))
	}))
	ctx, cancel := context.WithCancel(t.Context())
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, base, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	go func() { <-started; cancel() }()
	if response, err := http.DefaultClient.Do(request); err == nil {
		response.Body.Close()
		t.Error("answered")
	}
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("the context ended with %v", err)
	}
}
