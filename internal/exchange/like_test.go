package exchange_test

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"

	"github.com/statusbridge/statusbridge/internal/exchange"
)

// keeping is a policy that sends each response as the handler wrote it. It buffers errors.
type keeping struct{ passing }

func (keeping) Complete(*exchange.Exchange, exchange.Written) bool { return true }

func (keeping) Replace(x *exchange.Exchange, written exchange.Written) exchange.Failure {
	if len(written.Body) > 0 {
		x.Header().Set("Content-Type", http.DetectContentType(written.Body))
		x.Header().Set("Content-Length", strconv.Itoa(len(written.Body)))
	}
	return exchange.Failure{Status: written.Status, Body: written.Body}
}

// observer notes the status that an Inner announces.
type observer struct{ statuses []int }

func (o *observer) BeforeHeader(_ http.Header, status int) { o.statuses = append(o.statuses, status) }

// inMux calls a handler inside the exchange of a mux.
func inMux(next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		x := &exchange.Exchange{}
		w = x.Open(w, r, passing{policy{}})
		defer x.End()
		next(w, x.Pass(r))
	}
}

// inRoute calls a handler as a mux calls the handler of a route.
func inRoute(next http.HandlerFunc) http.HandlerFunc {
	return inMux(func(w http.ResponseWriter, r *http.Request) {
		inner := &exchange.Inner{}
		next(inner.Start(w, &observer{}), r)
		inner.Finish()
	})
}

// inHandler calls a handler inside exchange.Serve.
func inHandler(p exchange.Policy) func(http.HandlerFunc) http.HandlerFunc {
	return func(next http.HandlerFunc) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) { exchange.Serve(w, r, p, next) }
	}
}

// inWrapper calls a handler with a writer whose only optional method is Unwrap.
func inWrapper(next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) { next(wrapper{w}, r) }
}

// within nests places, the outermost one first.
func within(outer ...func(http.HandlerFunc) http.HandlerFunc) func(http.HandlerFunc) http.HandlerFunc {
	return func(handler http.HandlerFunc) http.HandlerFunc {
		for _, inside := range slices.Backward(outer) {
			handler = inside(handler)
		}
		return handler
	}
}

var (
	passes = inHandler(passing{policy{}})
	keeps  = inHandler(keeping{passing{policy{}}})
)

// places lists where a handler may run. In each place, its response is the same as without an exchange.
var places = map[string]func(http.HandlerFunc) http.HandlerFunc{
	"in a mux":                  inMux,
	"in a route":                inRoute,
	"in a Handler":              keeps,
	"in a Handler that passes":  passes,
	"in a Handler in a Handler": within(keeps, inWrapper, keeps),
	"in a mux in a Handler":     within(keeps, inWrapper, inRoute),
	"in a Handler in a mux":     within(inMux, keeps),
	"in a Handler in a wrapper": within(inWrapper, keeps),
}

// writes returns a handler that writes each text.
func writes(texts ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		for _, text := range texts {
			_, _ = io.WriteString(w, text)
		}
	}
}

// sends returns a handler that sets a status and headers, and writes a body.
func sends(status int, header http.Header, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		maps.Copy(w.Header(), header)
		w.WriteHeader(status)
		if body != "" {
			_, _ = io.WriteString(w, body)
		}
	}
}

// copies returns a handler that copies a reader.
func copies(from func() io.Reader) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { _, _ = io.Copy(w, from()) }
}

func flush(w http.ResponseWriter) { _ = http.NewResponseController(w).Flush() }

// letters returns a text of a length.
func letters(length int) string { return strings.Repeat("a", length) }

var errSource = errors.New("the source fails")

// endingEarly returns a reader that fails after a number of bytes.
func endingEarly(length int) func() io.Reader {
	return func() io.Reader {
		return struct{ io.Reader }{io.MultiReader(reader(letters(length)), iotest.ErrReader(errSource))}
	}
}

// pauses is a reader that returns nothing and no error at first.
type pauses struct {
	io.Reader
	left int
}

func (p *pauses) Read(b []byte) (int, error) {
	if p.left > 0 {
		p.left--
		return 0, nil
	}
	return p.Reader.Read(b)
}

// handlers lists handlers whose responses an exchange does not change.
func handlers(t *testing.T) map[string]http.HandlerFunc {
	t.Helper()
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, []byte(letters(100_000)), 0o600); err != nil {
		t.Fatal(err)
	}
	list := map[string]http.HandlerFunc{
		"nothing":                func(http.ResponseWriter, *http.Request) {},
		"HTML in parts":          writes("<", "html><title>", "</title>"),
		"a body with its length": sends(200, http.Header{"Content-Length": {"2"}}, "ok"),
		"a body with a type":     sends(200, http.Header{"Content-Type": {"text/css"}}, "<html>"),
		"a body without a type":  sends(200, http.Header{"Content-Type": nil}, "<html>"),
		"a coded body":           sends(200, http.Header{"Content-Encoding": {"x"}}, "<html>"),
		"too short a body":       sends(200, http.Header{"Content-Length": {"9"}}, "ok"),
		"a redirect": func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "/to", http.StatusFound)
		},
		"no change":             sends(304, http.Header{"Etag": {`"7"`}, "Content-Type": {"text/css"}}, ""),
		"no change with a body": sends(304, nil, "dropped"),
		"no content and a body": sends(204, nil, "dropped"),
		"a flush":               func(w http.ResponseWriter, _ *http.Request) { flush(w) },
		"a flush before the body": func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusAccepted)
			flush(w)
			_, _ = io.WriteString(w, "ok")
		},
		"flushes in the body": func(w http.ResponseWriter, _ *http.Request) {
			for _, text := range []string{"<", "html>", ""} {
				_, _ = io.WriteString(w, text)
				flush(w)
			}
		},
		"changes after the first byte": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("X-Early", "a")
			_, _ = io.WriteString(w, "ok")
			w.Header().Set("X-Early", "b")
			w.Header().Set("X-Late", "a")
		},
		"early hints": func(w http.ResponseWriter, _ *http.Request) {
			for _, hint := range []int{100, 102, 103, 199} {
				w.WriteHeader(hint)
			}
			w.WriteHeader(http.StatusAccepted)
			_, _ = io.WriteString(w, "ok")
		},
		"an upgrade without a hijack": func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusSwitchingProtocols)
			_, _ = io.WriteString(w, "ok")
		},
		"a late status": func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusAccepted)
			flush(w)
			w.WriteHeader(http.StatusNotFound)
		},
		"an abort":              func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
		"a copy of a short":     copies(func() io.Reader { return reader("ok") }),
		"a copy of HTML":        copies(func() io.Reader { return reader("<html>") }),
		"a copy of 511":         copies(func() io.Reader { return reader(letters(511)) }),
		"a copy of a long":      copies(func() io.Reader { return reader(letters(10_000)) }),
		"a copy of nothing":     copies(func() io.Reader { return reader("") }),
		"a copy with pauses":    copies(func() io.Reader { return &pauses{reader("ok"), 3} }),
		"a copy with its end":   copies(func() io.Reader { return iotest.DataErrReader(reader("ok")) }),
		"a copy that fails":     copies(endingEarly(0)),
		"a copy that breaks":    copies(endingEarly(2)),
		"a copy that ends late": copies(endingEarly(5_000)),
		"two copies": func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.Copy(w, reader("one"))
			_, _ = io.Copy(w, reader("two"))
		},
		"a copy of a file": func(w http.ResponseWriter, r *http.Request) { http.ServeFile(w, r, file) },
	}
	for _, status := range []int{200, 202, 206, 226, 299, 300, 302, 399, 400, 404, 500, 599, 999} {
		list[fmt.Sprint("a ", status)] = sends(status, nil, "")
		list[fmt.Sprint("a ", status, " with a body")] = sends(status, nil, "<html>")
	}
	for _, length := range []int{1, 511, 512, 513, 2047, 2048, 10_000} {
		list[strconv.Itoa(length)+" bytes"] = writes(letters(length))
		list[strconv.Itoa(length)+" bytes in parts"] = writes(slices.Repeat([]string{"a"}, length)...)
	}
	return list
}

// TestLikeNetHTTP compares responses inside exchanges with those of net/http alone.
func TestLikeNetHTTP(t *testing.T) {
	t.Parallel()
	list := handlers(t)
	serve := func(w http.ResponseWriter, r *http.Request) { list[r.URL.Query().Get("do")](w, r) }
	for _, protocol := range protocols {
		t.Run(protocol, func(t *testing.T) {
			t.Parallel()
			alone := serveLogging(t, protocol, serve, io.Discard)
			for _, method := range []string{http.MethodGet, http.MethodHead} {
				want := map[string]reply{}
				for name := range list {
					want[name] = alone.ask(t, method, pathOf(name))
				}
				for place, inside := range places {
					s := serveOver(t, protocol, inside(serve))
					for name := range list {
						if diff := cmp.Diff(want[name], s.ask(t, method, pathOf(name))); diff != "" {
							t.Errorf("%s: %s %s: (-net/http +exchange)\n%s", method, name, place, diff)
						}
					}
				}
			}
		})
	}
}

// TestHeadLikeGet compares responses to HEAD with those to GET. A HEAD may omit the Content-Length, and nothing else
// (RFC 9110 section 9.3.2).
func TestHeadLikeGet(t *testing.T) {
	t.Parallel()
	list := handlers(t)
	for name, handler := range map[string]http.HandlerFunc{
		"an empty write":   writes(""),
		"a body in chunks": sends(200, http.Header{"Transfer-Encoding": {"chunked"}}, "<html>"),
	} {
		list[name] = handler
	}
	for _, protocol := range protocols {
		t.Run(protocol, func(t *testing.T) {
			t.Parallel()
			for place, inside := range places {
				s := serveOver(t, protocol, inside(func(w http.ResponseWriter, r *http.Request) {
					list[r.URL.Query().Get("do")](w, r)
				}))
				for name := range list {
					get := s.ask(t, http.MethodGet, pathOf(name))
					if get.Broken {
						continue
					}
					head := s.ask(t, http.MethodHead, pathOf(name))
					if head.Header["Content-Length"] == nil {
						delete(get.Header, "Content-Length")
					}
					if diff := cmp.Diff(get.Header, head.Header); diff != "" || get.Status != head.Status {
						t.Errorf("%s %s: GET gives %d, HEAD gives %d: (-GET +HEAD)\n%s", name, place, get.Status,
							head.Status, diff)
					}
				}
			}
		})
	}
}

func pathOf(name string) string { return "/?do=" + strings.ReplaceAll(name, " ", "+") }
