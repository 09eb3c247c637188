package exchange_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/statusbridge/statusbridge/internal/exchange"
)

// measuring is a policy that sends the length of a buffered error, and notes each flush.
type measuring struct {
	policy
	complete func(body string) bool
}

func (m measuring) Complete(_ *exchange.Exchange, written exchange.Written) bool {
	return m.complete(string(written.Body))
}

func (m measuring) Replace(x *exchange.Exchange, written exchange.Written) exchange.Failure {
	return fail(x.Header(), written.Status, fmt.Sprint(len(written.Body), " ", written.Truncated))
}

// TestBufferLimit buffers 64 KiB of an error. The policy learns whether there was more.
func TestBufferLimit(t *testing.T) {
	t.Parallel()
	const limit = 64 << 10
	for _, c := range []struct {
		lengths []int
		want    string
	}{
		{nil, "500 0 false"},
		{[]int{0}, "500 0 false"},
		{[]int{1}, "500 1 false"},
		{[]int{limit - 1}, "500 65535 false"},
		{[]int{limit}, "500 65536 false"},
		{[]int{limit - 1, 1}, "500 65536 false"},
		{[]int{limit, 0}, "500 65536 false"},
		{[]int{limit + 1}, "500 65536 true"},
		{[]int{limit, 1}, "500 65536 true"},
		{[]int{1, limit}, "500 65536 true"},
		{[]int{limit, limit, limit}, "500 65536 true"},
	} {
		s := serveOver(t, http11, inHandler(measuring{})(func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusInternalServerError)
			for _, length := range c.lengths {
				if n, err := w.Write([]byte(letters(length))); n != length || err != nil {
					t.Errorf("%d of %d bytes were written: %v", n, length, err)
				}
			}
		}))
		if got := s.ask(t, http.MethodGet, "/"); got.String() != c.want {
			t.Errorf("%d: got %v, want %s", c.lengths, got, c.want)
		}
	}
}

// TestFlushOfError sends a flushed error as soon as the policy takes it for complete, while the handler is running.
func TestFlushOfError(t *testing.T) {
	t.Parallel()
	for name, parts := range map[string][]string{
		"at once":       {"{}"},
		"in halves":     {"{", "}"},
		"in three":      {"{", "\"a", "\":1}"},
		"an empty part": {"", "{}"},
	} {
		for _, protocol := range protocols {
			t.Run(name+"/"+protocol, func(t *testing.T) {
				t.Parallel()
				arrived := make(chan struct{})
				ends := func(body string) bool { return strings.HasSuffix(body, "}") }
				inside := inHandler(measuring{complete: ends})
				s := serveOver(t, protocol, inside(func(w http.ResponseWriter, r *http.Request) {
					w.WriteHeader(http.StatusNotFound)
					for _, part := range parts {
						_, _ = io.WriteString(w, part)
						flush(w)
					}
					w.Header().Set(http.TrailerPrefix+"X-Late", "a")
					select {
					case <-arrived:
					case <-r.Context().Done():
					}
				}))
				got := s.askUntil(t, arrived)
				if want := fmt.Sprint("404 ", len(strings.Join(parts, "")), " false"); got.String() != want {
					t.Errorf("got %v, want %s", got, want)
				}
			})
		}
	}
}

// styled is a policy that takes a stylesheet for a complete error.
type styled struct{ policy }

func (styled) Complete(x *exchange.Exchange, _ exchange.Written) bool {
	return x.Header().Get("Content-Type") == "text/css"
}

// TestFlushOfErrorWithType has a policy read a Content-Type whose name is not canonical.
func TestFlushOfErrorWithType(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"Content-Type", "content-type"} {
		s := serveOver(t, http11, inHandler(styled{})(func(w http.ResponseWriter, r *http.Request) {
			sends(404, http.Header{name: {"text/css"}}, "a")(w, r)
			flush(w)
			if exchange.From(r.Context()).Buffers() {
				t.Errorf("%s: the error is not sent", name)
			}
		}))
		if got := s.ask(t, http.MethodGet, "/"); got.String() != "404 translated" {
			t.Errorf("%s: got %v", name, got)
		}
	}
}

// TestFlushCost flushes each byte of an error. The policy reads at most twice as many bytes as were written.
func TestFlushCost(t *testing.T) {
	t.Parallel()
	const length = 4096
	cost, calls := 0, 0
	never := func(body string) bool {
		cost += len(body)
		calls++
		return false
	}
	s := serveOver(t, http11, inHandler(measuring{complete: never})(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusNotFound)
		for range length {
			_, _ = io.WriteString(w, "a")
			flush(w)
		}
	}))
	if got := s.ask(t, http.MethodGet, "/"); got.String() != "404 4096 false" || cost > 2*length || calls == 0 {
		t.Errorf("got %v, and the policy read %d bytes in %d calls", got, cost, calls)
	}
}

// TestInvalidStatus panics for a status outside 100..999, as net/http does. After the first byte it is ignored.
func TestInvalidStatus(t *testing.T) {
	t.Parallel()
	for _, status := range []int{-1, 0, 99, 1000} {
		for place, inside := range places {
			for _, protocol := range protocols {
				s := serveOver(t, protocol, inside(sends(status, nil, "")))
				if got := s.ask(t, http.MethodGet, "/"); got.String() != "500 panic" {
					t.Errorf("%d %s over %s: got %v", status, place, protocol, got)
				}
				s = serveOver(t, protocol, inside(func(w http.ResponseWriter, _ *http.Request) {
					_, _ = io.WriteString(w, "a")
					w.WriteHeader(status)
				}))
				if got := s.ask(t, http.MethodGet, "/"); got.String() != "200 a" {
					t.Errorf("%d after a byte %s over %s: got %v", status, place, protocol, got)
				}
			}
		}
	}
}

// TestSecondStatus has a handler change its mind. The last status before the header counts, unless an error was
// buffered or is the one that was noted.
func TestSecondStatus(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		policy  exchange.Policy
		note    bool // of a 400
		written []int
		want    string
	}{
		{passing{policy{}}, false, []int{202, 204}, "204 "},
		{passing{policy{}}, false, []int{202, 404}, "404 "},
		{passing{policy{}}, false, []int{404, 202}, "202 "},
		{passing{policy{}}, true, []int{202, 204}, "204 "},
		{passing{policy{}}, true, []int{399, 204}, "204 "},
		{policy{}, false, []int{202, 204}, "204 "},
		{policy{}, false, []int{399, 204}, "204 "},
		{policy{}, false, []int{202, 404}, "404 translated"},
		{policy{}, false, []int{404, 202}, "404 translated"},
		{policy{}, false, []int{400, 202}, "400 translated"},
		{policy{}, true, []int{400, 202}, "400 failed"},
	} {
		for _, protocol := range protocols {
			s := serveOver(t, protocol, inHandler(c.policy)(func(w http.ResponseWriter, r *http.Request) {
				if c.note {
					exchange.From(r.Context()).Note(exchange.Failure{Status: 400, Body: []byte("failed")})
				}
				for _, status := range c.written {
					w.WriteHeader(status)
				}
			}))
			if got := s.ask(t, http.MethodGet, "/"); got.String() != c.want {
				t.Errorf("%d over %s: got %v, want %s", c.written, protocol, got, c.want)
			}
		}
	}
}

// TestNotedFailure compares a failure that was noted with the error that arrives. An error with another status or
// length is another one, and its body passes whole.
func TestNotedFailure(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		status int
		length string
		bodies []string
		want   string
	}{
		{400, "6", []string{"failed"}, "400 failed"},
		{400, "6", []string{"fail", "ed"}, "400 failed"},
		{400, "6", []string{"failed", " and more"}, "400 failed"},
		{400, "6", []string{"fail", "ed and more"}, "400 failed"},
		{400, "", []string{"failed", " and more"}, "400 failed and more"},
		{404, "", []string{"failed", " and more"}, "404 failed and more"},
		{400, "15", []string{"failed", " and more"}, "400 failed and more"},
		{200, "15", []string{"failed", " and more"}, "200 failed and more"},
	} {
		for _, protocol := range protocols {
			s := serveOver(t, protocol, passes(func(w http.ResponseWriter, r *http.Request) {
				exchange.From(r.Context()).Note(exchange.Failure{Status: 400, Body: []byte("failed")})
				if c.length != "" {
					w.Header().Set("Content-Length", c.length)
				}
				w.WriteHeader(c.status)
				for _, body := range c.bodies {
					if n, err := io.WriteString(w, body); n != len(body) || err != nil {
						t.Errorf("%d of %d bytes were written: %v", n, len(body), err)
					}
				}
			}))
			if got := s.ask(t, http.MethodGet, "/"); got.String() != c.want {
				t.Errorf("%v over %s: got %v, want %s", c, protocol, got, c.want)
			}
		}
	}
}

// disconnected is a server's writer whose client has gone.
type disconnected struct{ http.ResponseWriter }

var errGone = errors.New("the client has gone")

func (disconnected) Write([]byte) (int, error) { return 0, errGone }

// TestWriteError gives a handler the error of the server's writer.
func TestWriteError(t *testing.T) {
	t.Parallel()
	for name, handle := range map[string]func(http.ResponseWriter, *http.Request) (int64, error){
		"a write": func(w http.ResponseWriter, _ *http.Request) (int64, error) {
			n, err := io.WriteString(w, "a")
			return int64(n), err
		},
		"a copy": func(w http.ResponseWriter, _ *http.Request) (int64, error) {
			return io.Copy(w, reader("a"))
		},
		"a write of a noted failure": func(w http.ResponseWriter, r *http.Request) (int64, error) {
			note(w, r)
			w.WriteHeader(http.StatusBadRequest)
			n, err := io.WriteString(w, "failed and more")
			return int64(n), err
		},
	} {
		w := disconnected{httptest.NewRecorder()}
		request := httptest.NewRequest(http.MethodGet, "/", http.NoBody)
		exchange.Serve(w, request, passing{policy{}}, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if n, err := handle(w, r); n != 0 || !errors.Is(err, errGone) {
				t.Errorf("%s: %d bytes were written, %v", name, n, err)
			}
		}))
	}
}
