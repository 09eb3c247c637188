package gateway_test

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/statusbridge/statusbridge/gateway"
	"github.com/statusbridge/statusbridge/internal/testkit"
)

// answers is a handler that answers an error with a body, in as many writes as it has pieces.
func answers(httpStatus int, header http.Header, pieces ...string) http.Handler {
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

// TestHandlerHeld writes documented errors about as large as what is kept of one. Of a larger one the rest is not known, so
// that its message does not leave.
func TestHandlerHeld(t *testing.T) {
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
				inner := answers(404, header, c.body[:first], c.body[first:])
				call{}.To(t, testkit.Serve(t, gateway.New().Handler(inner))).WantError(t, 404, c.message, "")
			})
		}
		t.Run(name+", compressed", func(t *testing.T) {
			header := header.Clone()
			header.Set("Content-Encoding", "gzip")
			inner := answers(404, header, compressed(t, c.body))
			call{}.To(t, testkit.Serve(t, gateway.New().Handler(inner))).WantError(t, 404, c.message, "")
		})
	}
}

// TestHandlerEncoded answers with bodies that cannot be decoded, whole or at all: nothing of them is passed on, neither to
// the client nor to the observer.
func TestHandlerEncoded(t *testing.T) {
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
			inner := answers(409, http.Header{"Content-Type": {"text/plain"}, "Content-Encoding": {c.coding}}, c.body)
			call{}.To(t, testkit.Serve(t, gateway.New(gateway.WithObserver(n.observe)).Handler(inner))).WantError(t, 409, "", "")
			if got := n.one(t).Err.Error(); got != "a handler answered 409" {
				t.Errorf("observed %q", got)
			}
		})
	}
}

// TestHandlerRetryAfter keeps what a documented error says of trying again, which is in its header and not in its body.
func TestHandlerRetryAfter(t *testing.T) {
	for _, want := range [][]string{nil, {"7"}} {
		header := http.Header{"Content-Type": {"application/json"}}
		if want != nil {
			header["Retry-After"] = want
		}
		r := call{}.To(t, testkit.Serve(t, gateway.New().Handler(answers(503, header, `{"code":503,"message":"the store is away"}`))))
		r.WantError(t, 503, "the store is away", "")
		if got := r.Header["Retry-After"]; !slices.Equal(got, want) {
			t.Errorf("Retry-After is %q, want %q", got, want)
		}
	}
}
