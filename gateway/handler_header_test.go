package gateway_test

import (
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/statusbridge/statusbridge/gateway"
	"github.com/statusbridge/statusbridge/internal/testkit"
	"github.com/statusbridge/statusbridge/mapping"
)

// TestHandlerHeaders says which headers stay on an error, whether it is documented, translated or the bridge's.
func TestHandlerHeaders(t *testing.T) {
	t.Parallel()
	removed := map[string]string{
		"Content-Language": "en", "Content-Disposition": "attachment", "ETag": `"7"`, "Age": "7",
		"Last-Modified": "Sun, 09 Sep 2001 01:46:40 GMT", "Location": "/7", "Expires": "0",
		"Content-Range": "bytes */7",
		"Trailer":       "X-Sum", http.TrailerPrefix + "X-Late": "7",
	}
	stay := map[string]string{
		"Allow": "GET", "Retry-After": "7", "X-Content-Type-Options": "nosniff", "X-Request-Id": "r-1",
		"Vary":       "Accept",
		"Set-Cookie": "a=b", "Access-Control-Allow-Origin": "*",
	}
	kinds := map[string]http.HandlerFunc{
		"translated": func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusMethodNotAllowed) },
		"documented": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(http.StatusMethodNotAllowed)
			_, _ = fmt.Fprintf(w, `{"code":405,"message":%q}`, testkit.Meanings[405])
		},
		"WriteError": func(w http.ResponseWriter, r *http.Request) {
			standard.WriteError(w, r, mapping.Errorf(405, "%s", testkit.Meanings[405]))
		},
	}
	for control, kept := range map[string]bool{
		"public, max-age=60": false, "max-age=60": false, "immutable": false, "": false, "no-store": true,
		"No-Cache, no-store": true, "no-cache": true, "private": true, "must-revalidate": true, "max-age=0": true,
		"private, max-age=0, must-revalidate": true,
	} {
		for kind, fail := range kinds {
			inner := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				for name, value := range removed {
					w.Header().Set(name, value)
				}
				for name, value := range stay {
					w.Header().Set(name, value)
				}
				if control != "" {
					w.Header().Set("Cache-Control", control)
				}
				fail(w, r)
			})
			for _, protocol := range testkit.Protocols {
				t.Run(fmt.Sprint(kind, " ", control, " ", protocol), func(t *testing.T) {
					r := call{}.At(t, testkit.ServeOver(t, protocol, standard.Handler(inner)))
					r.WantError(t, 405, "", "")
					for name := range removed {
						if r.Header.Get(name) != "" && (name != "Expires" || !kept) {
							t.Errorf("%s stays: %q", name, r.Header[name])
						}
					}
					for name, value := range stay {
						if got := r.Header.Values(name); !slices.Equal(got, []string{value}) {
							t.Errorf("%s is %q", name, got)
						}
					}
					if got := r.Header.Get("Cache-Control"); (got == control) != (kept || control == "") {
						t.Errorf("Cache-Control is %q of %q", got, control)
					}
				})
			}
		}
	}
}

// TestHandlerHeaderNames has a handler write header names that are not canonical. They are compared without regard to
// case (RFC 9110 section 5.1).
func TestHandlerHeaderNames(t *testing.T) {
	t.Parallel()
	for _, protocol := range testkit.Protocols {
		s := testkit.ServeOver(t, protocol,
			standard.Handler(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				for name, value := range map[string]string{
					"content-length": "3", "etag": `"7"`, "WWW-Authenticate": "Basic", "CONTENT-TYPE": "text/html",
					"cache-control": "public",
				} {
					w.Header()[name] = []string{value}
				}
				w.WriteHeader(http.StatusUnauthorized)
				_, _ = io.WriteString(w, "<h1>")
			})))
		r := call{}.At(t, s)
		r.WantError(t, 401, "", "")
		if got := r.Header["Www-Authenticate"]; !slices.Equal(got, []string{"Basic"}) {
			t.Errorf("%s: the challenge is %q", protocol, got)
		}
		for _, name := range []string{"Etag", "Cache-Control"} {
			if got := r.Header[name]; got != nil {
				t.Errorf("%s: %s stays: %q", protocol, name, got)
			}
		}
	}
}

// TestHandlerRestrictsCaching has middleware set headers for caches when a response begins. An error, also a documented
// one, keeps those that restrict.
func TestHandlerRestrictsCaching(t *testing.T) {
	t.Parallel()
	for name, next := range map[string]http.HandlerFunc{
		"WriteError": func(w http.ResponseWriter, r *http.Request) { standard.WriteError(w, r, testkit.ErrNotFound) },
		"http.Error": func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "gone", http.StatusNotFound) },
		"documented": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(http.StatusNotFound)
			_, _ = io.WriteString(w, `{"code":404,"message":"gone"}`)
		},
	} {
		handler := standard.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			next(cacheable{w}, r)
		}))
		r := call{}.To(t, testkit.Serve(t, handler))
		if r.Status != 404 || r.Header.Get("Cache-Control") != "private" || r.Header.Get("Expires") != "" ||
			r.Header.Get("Cdn-Cache-Control") != "" {
			t.Errorf("%s: responded with %d %v", name, r.Status, r.Header)
		}
	}
}

// cacheable is the writer of middleware that sets headers for caches with every status.
type cacheable struct{ http.ResponseWriter }

func (c cacheable) WriteHeader(httpStatus int) {
	c.Header().Set("Cache-Control", "private, max-age=600")
	c.Header().Set("CDN-Cache-Control", "max-age=600")
	c.Header().Set("Expires", "Fri, 31 Dec 9999 23:59:59 GMT")
	c.ResponseWriter.WriteHeader(httpStatus)
}

// TestHandlerEmptyChallenge has a handler send a 401 without a valid challenge. It gets one (RFC 9110 section 15.5.2).
func TestHandlerEmptyChallenge(t *testing.T) {
	t.Parallel()
	for _, challenge := range [][]string{
		nil, {}, {""}, {" "}, {"", " "}, {`realm="api"`}, {"the token has expired"}, {"token expired: see the log"},
		{`Bearer realm="api" error="invalid_token"`}, {`Bearer realm="api`}, {"Bearer realm=a b"},
	} {
		handler := standard.Handler(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header()["Www-Authenticate"] = challenge
			w.WriteHeader(http.StatusUnauthorized)
		}))
		r := call{}.To(t, testkit.Serve(t, handler))
		if got := r.Header["Www-Authenticate"]; !slices.Equal(got, []string{"Bearer"}) {
			t.Errorf("%q is sent as %q", challenge, got)
		}
	}
}

// TestHandlerChallenge keeps the valid challenges of a handler (RFC 9110 sections 11.4 and 11.6.1).
func TestHandlerChallenge(t *testing.T) {
	t.Parallel()
	valid := []string{
		"Negotiate", "NTLM TlRMTVNTUAACAAAA==", `Basic realm="api", charset="UTF-8"`, "Bearer realm = api",
		`Digest realm="a", qop="auth, auth-int", nonce="a\"b"`, "Basic, Bearer",
		`Newauth realm="apps", type=1, title="Login to \"apps\"", Basic realm="simple"`,
	}
	handler := standard.Handler(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header()["Www-Authenticate"] = append([]string{"the token has expired"}, valid...)
		w.WriteHeader(http.StatusUnauthorized)
	}))
	r := call{}.To(t, testkit.Serve(t, handler))
	if got := r.Header["Www-Authenticate"]; !slices.Equal(got, valid) {
		t.Errorf("the challenges are %q, want %q", got, valid)
	}
}

// TestHandlerRetryAfter keeps one valid delay of an error, in seconds or as a date (RFC 9110 section 10.2.3).
// Middleware sends the error itself, or by WriteError.
func TestHandlerRetryAfter(t *testing.T) {
	t.Parallel()
	const date = "Thu, 26 Nov 2026 13:00:00 GMT"
	for _, c := range []struct{ set, want []string }{
		{nil, nil}, {[]string{"7"}, []string{"7"}}, {[]string{date}, []string{date}},
		{[]string{"7", "9"}, []string{"7"}}, {[]string{"soon", "9"}, []string{"9"}},
		{[]string{"-1"}, nil}, {[]string{"1.5"}, nil}, {[]string{""}, nil},
	} {
		for name, write := range map[string]http.HandlerFunc{
			"an error of middleware": func(w http.ResponseWriter, _ *http.Request) {
				http.Error(w, "slow down", http.StatusTooManyRequests)
			},
			"WriteError": func(w http.ResponseWriter, r *http.Request) {
				standard.WriteError(w, r, status.Error(codes.Unavailable, "slow down"))
			},
		} {
			handler := standard.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				w.Header()["Retry-After"] = slices.Clone(c.set)
				write(w, r)
			}))
			r := call{}.To(t, testkit.Serve(t, handler))
			if got := r.Header["Retry-After"]; r.Status != 503 || !slices.Equal(got, c.want) {
				t.Errorf("%s with %q: responded with %d and %q", name, c.set, r.Status, got)
			}
		}
	}
}

// TestHandlerHeaderNamesEarly has a handler write such names where the response is not complete: to a HEAD, and before
// a flush.
func TestHandlerHeaderNamesEarly(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		method string
		handle http.HandlerFunc
		want   int
		check  func(testkit.Response) bool
	}{
		"one Content-Type of a HEAD": {http.MethodHead, func(w http.ResponseWriter, _ *http.Request) {
			w.Header()["content-type"] = []string{"text/csv"}
			_, _ = io.WriteString(w, "a,b")
		}, 200, func(r testkit.Response) bool { return slices.Equal(r.Header["Content-Type"], []string{"text/csv"}) }},
		"Allow of a refused HEAD": {http.MethodHead, func(w http.ResponseWriter, r *http.Request) {
			if r.Method == http.MethodHead {
				w.Header()["allow"] = []string{http.MethodGet}
				w.WriteHeader(http.StatusMethodNotAllowed)
			}
		}, 200, func(r testkit.Response) bool { return r.Header["Allow"] == nil }},
		"Content-Type of an error in pieces": {http.MethodGet, func(w http.ResponseWriter, _ *http.Request) {
			w.Header()["content-type"] = []string{"application/json"}
			w.WriteHeader(http.StatusNotFound)
			_, _ = io.WriteString(w, `{"code":404,"mess`)
			_ = http.NewResponseController(w).Flush()
			_, _ = io.WriteString(w, `age":"no such thing"}`)
		}, 404, func(r testkit.Response) bool { return r.Body == `{"code":404,"message":"no such thing"}` }},
	} {
		for _, protocol := range testkit.Protocols {
			r := call{Method: c.method}.At(t, testkit.ServeOver(t, protocol, standard.Handler(c.handle)))
			if r.Status != c.want || !c.check(r) {
				t.Errorf("%s, %s: responded with %d %v %q", name, protocol, r.Status, r.Header, r.Body)
			}
		}
	}
}

// TestHandlerHeadersOfMiddleware keeps the headers that middleware before Handler has set, and removes those that
// describe a success.
func TestHandlerHeadersOfMiddleware(t *testing.T) {
	t.Parallel()
	inner := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("ETag", `"7"`)
		w.Header().Set("Content-Language", "fr")
		w.Header().Set("Expires", "0")
		w.Header().Set("Cache-Control", "no-store")
		w.WriteHeader(http.StatusTeapot)
	})
	around := http.Header{"Content-Language": {"en"}, "Cache-Control": {"private"}, "X-Request-Id": {"r-1"}}
	r := call{}.To(t, front(t, standard.Handler(inner), around))
	r.WantError(t, 400, "", "")
	want := http.Header{"Content-Language": {"en"}, "Cache-Control": {"no-store"}, "X-Request-Id": {"r-1"},
		"Expires": {"0"}, "Etag": nil}
	for name, values := range want {
		if !slices.Equal(r.Header[name], values) {
			t.Errorf("%s is %q, want %q", name, r.Header[name], values)
		}
	}
}

// TestHandlerRange asks for ranges. Without 206 among the statuses no handler is asked for one, and a part is never
// sent as the whole.
func TestHandlerRange(t *testing.T) {
	t.Parallel()
	ranged := call{Path: "/a.txt", Header: http.Header{"Range": {"bytes=2-3"},
		"If-Range": {"Sun, 09 Sep 2001 01:46:40 GMT"}}}
	r := ranged.To(t, testkit.Serve(t, gateway.New(gateway.WithExtraStatuses(206)).Handler(files())))
	if r.Status != 206 || r.Body != "23" || r.Header.Get("Accept-Ranges") != "bytes" {
		t.Errorf("responded with %d %q %v", r.Status, r.Body, r.Header)
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
		r := ranged.To(t, testkit.Serve(t, gateway.New(gateway.WithObserver(n.observe),
			gateway.WithServerMessages()).Handler(inner)))
		if name == "none" {
			if r.Status != 200 || r.Body != "23" || len(n.seen) > 0 {
				t.Errorf("%s: responded with %d %q", name, r.Status, r.Body)
			}
			continue
		}
		r.WantError(t, 500, "", "")
		if o := n.one(t); !strings.Contains(o.Err.Error(), "206") || r.Header["Content-Range"] != nil {
			t.Errorf("%s: observed %v, the headers are %v", name, o, r.Header)
		}
	}
}

// TestHandlerObserver tells the observer about the responses that Handler makes, and about no others.
func TestHandlerObserver(t *testing.T) {
	t.Parallel()
	var bridge *gateway.Bridge
	for _, c := range []struct {
		name   string
		inner  http.HandlerFunc
		status int
		code   codes.Code
		text   string
	}{
		{"an error", func(w http.ResponseWriter,
			_ *http.Request) {
			http.Error(w, testkit.Secret, http.StatusBadGateway)
		}, 502, codes.Unavailable, "502: " + testkit.Secret},
		{"an empty one", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadGateway) }, 502,
			codes.Unavailable, "502"},
		{"too many", func(w http.ResponseWriter,
			_ *http.Request) {
			http.Error(w, "ten", http.StatusTooManyRequests)
		}, 503, codes.ResourceExhausted, "429: ten"},
		{"gone", func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "left", http.StatusGone) }, 404,
			codes.NotFound, "410: left"},
		{"HTML", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/html")
			w.WriteHeader(http.StatusInternalServerError)
			_, _ = io.WriteString(w, "<h1>")
		}, 500, codes.Internal, "500: <h1>"},
		{"a panic", func(http.ResponseWriter, *http.Request) { panic(testkit.Secret) }, 500, codes.Unknown,
			testkit.Secret},
		{"a panic after an error", func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusNotFound)
			panic(testkit.Secret)
		}, 500, codes.Unknown, testkit.Secret},
		{"WriteError", func(w http.ResponseWriter, r *http.Request) { bridge.WriteError(w, r, testkit.ErrNotFound) },
			404, codes.NotFound, "no such thing"},
		{"a success", func(http.ResponseWriter, *http.Request) {}, 200, 0, ""},
		{"a documented error", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(http.StatusNotFound)
			_, _ = io.WriteString(w, documentedJSON(404))
		}, 404, 0, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			var n notebook
			bridge = gateway.New(gateway.WithObserver(n.observe))
			r := call{}.To(t, testkit.Serve(t, bridge.Handler(c.inner)))
			if r.Status != c.status {
				t.Errorf("responded with %d", r.Status)
			}
			if c.text == "" {
				if len(n.seen) > 0 {
					t.Errorf("observed %v", n.seen)
				}
				return
			}
			if o := n.one(t); o.HTTPStatus != c.status || o.GRPCCode != c.code ||
				!strings.Contains(o.Err.Error(), c.text) {
				t.Errorf("observed %+v, want %d %v %q", o, c.status, c.code, c.text)
			}
		})
	}
}
