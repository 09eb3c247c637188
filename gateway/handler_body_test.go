package gateway_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/statusbridge/statusbridge/gateway"
	"github.com/statusbridge/statusbridge/internal/testkit"
	"github.com/statusbridge/statusbridge/mapping"
)

// responds is a handler that writes an error with a body, one piece at a time.
func responds(httpStatus int, header http.Header, pieces ...string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		for name, values := range header {
			w.Header()[name] = values
		}
		w.WriteHeader(httpStatus)
		for _, piece := range pieces {
			_, _ = io.WriteString(w, piece)
		}
	})
}

func compressed(t *testing.T, text string) string {
	t.Helper()
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	if _, err := io.WriteString(w, text); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// TestHandlerBodySize writes documented errors about as large as what Handler keeps. The message of a larger one is
// not sent.
func TestHandlerBodySize(t *testing.T) {
	t.Parallel()
	const kept, head, tail = 64 << 10, `{"code":404,"message":"`, `"}`
	message := strings.Repeat("a", kept-len(head)-len(tail))
	for name, c := range map[string]struct{ body, message string }{
		"as much as is kept": {head + message + tail, message},
		"a letter more":      {head + message + "a" + tail, ""},
		"a space behind":     {head + message + tail + " ", ""},
	} {
		header := http.Header{"Content-Type": {"application/json"}}
		for _, first := range []int{0, len(head), kept - 1} {
			t.Run(fmt.Sprint(name, ", ", first, " bytes first"), func(t *testing.T) {
				inner := responds(404, header, c.body[:first], c.body[first:])
				call{}.To(t, testkit.Serve(t, standard.Handler(inner))).WantError(t, 404, c.message, "")
			})
		}
		t.Run(name+", compressed", func(t *testing.T) {
			header := header.Clone()
			header.Set("Content-Encoding", "gzip")
			inner := responds(404, header, compressed(t, c.body))
			call{}.To(t, testkit.Serve(t, standard.Handler(inner))).WantError(t, 404, c.message, "")
		})
	}
}

// TestHandlerBodyEncoded writes bodies that cannot be decoded. Neither the client nor the observer gets any of their
// bytes.
func TestHandlerBodyEncoded(t *testing.T) {
	t.Parallel()
	text := compressed(t, testkit.Secret)
	for name, c := range map[string]struct{ coding, body string }{
		"another coding":               {"br", testkit.Secret},
		"gzip in name":                 {"gzip", testkit.Secret},
		"gzip without its check sum":   {"gzip", text[:len(text)-8]},
		"gzip with another check sum":  {"gzip", text[:len(text)-8] + "checksum"},
		"gzip, and once more in front": {"gzip, gzip", text},
	} {
		t.Run(name, func(t *testing.T) {
			var n notebook
			inner := responds(409, http.Header{"Content-Type": {"text/plain"}, "Content-Encoding": {c.coding}}, c.body)
			call{}.To(t, testkit.Serve(t, gateway.New(gateway.WithObserver(n.observe)).Handler(inner))).WantError(t,
				409, "", "")
			if got := n.one(t).Err.Error(); !strings.Contains(got, "409") || strings.ContainsAny(got, "\x00\x1f") ||
				strings.Contains(got, testkit.Secret) {
				t.Errorf("observed %q", got)
			}
		})
	}
}

// TestHandlerKeepsRetryAfter keeps the Retry-After header of a documented error.
func TestHandlerKeepsRetryAfter(t *testing.T) {
	t.Parallel()
	for _, want := range [][]string{nil, {"7"}} {
		header := http.Header{"Content-Type": {"application/json"}}
		if want != nil {
			header["Retry-After"] = want
		}
		r := call{}.To(t, testkit.Serve(t,
			standard.Handler(responds(503, header, `{"code":503,"message":"the store is away"}`))))
		r.WantError(t, 503, "the store is away", "")
		if got := r.Header["Retry-After"]; !slices.Equal(got, want) {
			t.Errorf("Retry-After is %q, want %q", got, want)
		}
	}
}

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

// TestHandlerBodyInPieces writes a documented error in pieces, a huge one, and one with a wrong length.
func TestHandlerBodyInPieces(t *testing.T) {
	t.Parallel()
	for _, protocol := range testkit.Protocols {
		s := testkit.ServeOver(t, protocol,
			standard.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
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

// TestHandlerBodyFromProxy proxies chunked errors. httputil.ReverseProxy flushes them as soon as the header has come.
func TestHandlerBodyFromProxy(t *testing.T) {
	t.Parallel()
	service := &testkit.Service{}
	service.Behave(testkit.Fails(mapping.Errorf(409, "the name is taken")))
	bridged := testkit.Register(t, testkit.Network, service, standard.NewServeMux())
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
			s := testkit.ServeOver(t, "HTTP/1.1",
				gateway.New(gateway.WithObserver(func(_ context.Context, o gateway.Observation) {
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

// TestHandlerBodyFromProxyCompressed proxies a documented error to a client that accepts compressed responses.
func TestHandlerBodyFromProxyCompressed(t *testing.T) {
	t.Parallel()
	service := &testkit.Service{}
	service.Behave(testkit.Fails(mapping.Errorf(409, "the name is taken")))
	s := testkit.ServeOver(t, "HTTP/1.1",
		standard.Handler(proxyTo(t,
			testkit.Compress(testkit.Register(t, testkit.Network, service, standard.NewServeMux())))))
	call{}.At(t, s).WantError(t, 409, "the name is taken", "")
}

// TestHandlerRemovesErrorTrailers has a handler add trailers after an error. None is part of the documented response.
func TestHandlerRemovesErrorTrailers(t *testing.T) {
	t.Parallel()
	for _, protocol := range testkit.Protocols {
		for name, inner := range map[string]http.HandlerFunc{
			"after a flush": func(w http.ResponseWriter, _ *http.Request) {
				http.Error(w, "taken", http.StatusConflict)
				_ = http.NewResponseController(w).Flush()
				w.Header().Set(http.TrailerPrefix+"X-Upstream", testkit.Secret)
			},
			"of a documented error": func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Trailer", "X-Announced")
				standard.WriteError(w, r, status.Error(codes.Aborted, "taken"))
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
				s := testkit.ServeOver(t, protocol, standard.Handler(inner))
				r := call{Path: "/"}.At(t, s)
				r.WantError(t, 409, "taken", "")
				if len(r.Trailer) > 0 {
					t.Errorf("trailers %v", r.Trailer)
				}
			})
		}
	}
}

// TestHandlerRemovesProxiedTrailers proxies an error with trailers that were not announced.
func TestHandlerRemovesProxiedTrailers(t *testing.T) {
	t.Parallel()
	upstream := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusInternalServerError)
		_ = http.NewResponseController(w).Flush()
		_, _ = io.WriteString(w, "broken")
		w.Header().Set(http.TrailerPrefix+"X-Upstream", testkit.Secret)
	})
	s := testkit.ServeOver(t, "HTTP/2", standard.Handler(proxyTo(t, upstream)))
	r := call{Path: "/"}.At(t, s)
	r.WantError(t, 500, "", "")
	if len(r.Trailer) > 0 {
		t.Errorf("trailers %v", r.Trailer)
	}
}

// TestHandlerFlushesErrors sends an error when its handler flushes, and ignores later writes.
func TestHandlerFlushesErrors(t *testing.T) {
	t.Parallel()
	for _, protocol := range testkit.Protocols {
		ctx, cancel := context.WithTimeout(t.Context(), testkit.Patience)
		defer cancel()
		finish := make(chan struct{})
		s := testkit.ServeOver(t, protocol,
			standard.Handler(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				http.Error(w, "the name is taken", http.StatusConflict)
				if err := http.NewResponseController(w).Flush(); err != nil {
					t.Error(err)
				}
				select {
				case <-finish:
				case <-ctx.Done():
				}
				_, _ = io.WriteString(w, "more")
				_ = http.NewResponseController(w).Flush()
			})))
		opening, body := call{Path: "/"}.Follow(ctx, t, s)
		held := make([]byte, opening.ContentLength)
		if _, err := io.ReadFull(body, held); err != nil { // while the handler runs
			t.Error(err)
		}
		close(finish)
		rest, err := io.ReadAll(body)
		if err != nil {
			t.Error(err)
		}
		testkit.Response{Status: opening.StatusCode, Header: opening.Header,
			Body: string(held) + string(rest)}.WantError(t, 409, "the name is taken", "")
	}
}

// TestHandlerRemovesUploads removes the files of a form that was read inside Handler, as net/http does.
func TestHandlerRemovesUploads(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	inner := standard.Handler(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		if err := r.ParseMultipartForm(1); err != nil {
			t.Error(err)
		}
		if left, _ := os.ReadDir(os.TempDir()); len(left) == 0 {
			t.Error("the form is in no file")
		}
	}))
	server := httptest.NewServer(inner)
	body := "--x\r\nContent-Disposition: form-data; name=\"a\"; filename=\"b\"\r\n\r\n" + strings.Repeat("a",
		11<<20) + "\r\n--x--\r\n"
	call{Method: http.MethodPost, Body: body,
		Header: http.Header{"Content-Type": {"multipart/form-data; boundary=x"}}}.To(t, server.URL)
	server.Close() // waits for running requests
	if left, _ := os.ReadDir(os.TempDir()); len(left) > 0 {
		t.Errorf("%v is left", left)
	}
}
