package exchange_test

import (
	"io"
	"net/http"
	"testing"

	"github.com/statusbridge/statusbridge/internal/exchange"
)

// TestHeaders has policies and statuses that exclude headers of a handler.
func TestHeaders(t *testing.T) {
	t.Parallel()
	about := http.Header{
		"Content-Type": {"text/css"}, "Content-Encoding": {"x"}, "Trailer": {"X-Sum"}, "Etag": {`"7"`},
		"Transfer-Encoding": {"chunked"}, "X-Own": {"a"},
	}
	for _, c := range []struct {
		policy exchange.Policy
		handle http.HandlerFunc
		want   map[string]string // "" for none
	}{
		{passing{policy{}}, sends(204, about, "a"), map[string]string{
			"Content-Type": "", "Content-Encoding": "", "Trailer": "", "Content-Length": "", "Etag": `"7"`,
			"X-Own": "a",
		}},
		{passing{policy{}}, sends(204, http.Header{"content-encoding": {"x"}, "etag": {`"7"`}}, ""), map[string]string{
			"Content-Encoding": "", "Etag": `"7"`,
		}},
		{passing{policy{}}, sends(205, about, "a"), map[string]string{
			"Content-Type": "", "Content-Encoding": "", "Trailer": "", "Content-Length": "0", "Etag": `"7"`,
		}},
		{passing{policy{}}, sends(304, about, "a"), map[string]string{
			"Content-Encoding": "x", "Etag": `"7"`, "X-Own": "a",
		}},
		{passing{policy{}}, sends(200, about, ""), map[string]string{
			"Content-Type": "text/css", "Content-Encoding": "x", "Etag": `"7"`, "Transfer-Encoding": "",
		}},
		{policy{}, sends(400, about, "a"), map[string]string{
			"Content-Type": "text/plain", "Content-Encoding": "", "Content-Length": "10", "Etag": "", "X-Own": "a",
			"Trailer": "",
		}},
	} {
		for _, protocol := range protocols {
			for _, method := range []string{http.MethodGet, http.MethodHead} {
				got := serveOver(t, protocol, inHandler(c.policy)(c.handle)).ask(t, method, "/")
				for name, want := range c.want {
					if got := got.Header.Get(name); got != want {
						t.Errorf("%s over %s: %s is %q, want %q", method, protocol, name, got, want)
					}
				}
			}
		}
	}
}

// doubling is the writer of middleware whose encoding is to write everything twice.
type doubling struct{ http.ResponseWriter }

func (d doubling) Write(p []byte) (int, error) {
	if n, err := d.ResponseWriter.Write(p); err != nil {
		return n, err
	}
	return d.ResponseWriter.Write(p)
}

// TestOuterEncoding replaces an error inside middleware that encodes bodies. The error keeps the middleware's
// Content-Encoding, and not the handler's. Its Content-Length is that of the encoded body.
func TestOuterEncoding(t *testing.T) {
	t.Parallel()
	for outer, want := range map[string]string{"": "404 translated", "double": "404 translatedtranslated"} {
		s := serveOver(t, http11, func(w http.ResponseWriter, r *http.Request) {
			if outer != "" {
				w.Header().Set("Content-Encoding", outer)
				w = doubling{w}
			}
			exchange.Serve(w, r, policy{}, sends(404, http.Header{"Content-Encoding": {"y"}}, "a"))
		})
		got := s.ask(t, http.MethodGet, "/")
		if coding := got.Header.Get("Content-Encoding"); got.String() != want || coding != outer {
			t.Errorf("got %v with Content-Encoding %q, want %s with %q", got, coding, want, outer)
		}
	}
}

// TestTrailers sends the trailers of a success, with or without an announcement, and none after an error.
func TestTrailers(t *testing.T) {
	t.Parallel()
	for _, status := range []int{200, 404} {
		for _, protocol := range []string{http11, http2} {
			s := serveOver(t, protocol, inHandler(policy{})(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Trailer", "X-Announced")
				w.WriteHeader(status)
				_, _ = io.WriteString(w, "ok")
				w.Header().Set("X-Announced", "a")
				w.Header().Set(http.TrailerPrefix+"X-Sum", "b")
			}))
			got := s.ask(t, http.MethodGet, "/")
			announced, sum := got.Trailer.Get("X-Announced"), got.Trailer.Get("X-Sum")
			if want := status == 200; (announced == "a") != want || (sum == "b") != want {
				t.Errorf("%d over %s: got the trailers %v", status, protocol, got.Trailer)
			}
		}
	}
}
