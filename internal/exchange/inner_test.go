package exchange_test

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"testing"

	"github.com/statusbridge/statusbridge/internal/exchange"
)

// innerHandler is a handler with the Inner that its writer belongs to.
type innerHandler func(i *exchange.Inner, w http.ResponseWriter)

// status returns a handler that sets a status and writes a body.
func status(code int, body string) innerHandler {
	return func(_ *exchange.Inner, w http.ResponseWriter) { sends(code, nil, body)(w, nil) }
}

// TestInner compares what a client sees, and what the Inner reports before the handler returns.
func TestInner(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		handle   innerHandler
		want     string
		status   int // 0 if none was chosen
		begun    bool
		failed   bool
		sent     bool // before the handler returned
		observed int  // the status that the observer saw
	}{
		"nothing":              {func(*exchange.Inner, http.ResponseWriter) {}, "200 ", 0, false, false, false, 200},
		"a status":             {status(202, ""), "202 ", 202, false, false, false, 202},
		"the usual status":     {status(200, ""), "200 ", 200, false, false, false, 200},
		"an error":             {status(404, ""), "404 ", 404, false, false, false, 404},
		"a body":               {status(202, "a"), "202 a", 202, true, false, true, 202},
		"a redirect":           {status(399, "a"), "399 a", 399, true, false, true, 399},
		"an error with a body": {status(400, "a"), "400 a", 400, true, true, true, 400},
		"no content":           {status(204, "a"), "204 ", 204, true, false, true, 204},
		"the last status": {func(_ *exchange.Inner, w http.ResponseWriter) {
			w.WriteHeader(http.StatusNotFound)
			w.WriteHeader(http.StatusAccepted)
		}, "202 ", 202, false, false, false, 202},
		"a late status": {func(i *exchange.Inner, w http.ResponseWriter) {
			_, _ = io.WriteString(w, "a")
			w.WriteHeader(http.StatusNotFound)
			i.Choose(409)
		}, "200 a", 200, true, false, true, 200},
		"a chosen status": {func(i *exchange.Inner, _ http.ResponseWriter) {
			i.Choose(202)
		}, "202 ", 202, false, false, false, 202},
		"a chosen and a written status": {func(i *exchange.Inner, w http.ResponseWriter) {
			i.Choose(202)
			w.WriteHeader(http.StatusIMUsed)
		}, "226 ", 226, false, false, false, 226},
		"a flush": {func(_ *exchange.Inner, w http.ResponseWriter) {
			w.WriteHeader(http.StatusAccepted)
			flush(w)
			w.WriteHeader(http.StatusNotFound)
		}, "202 ", 202, true, false, true, 202},
		"a flush of no content": {func(_ *exchange.Inner, w http.ResponseWriter) {
			w.WriteHeader(http.StatusNoContent)
			flush(w)
			flush(w)
		}, "204 ", 204, true, false, true, 204},
		"a complete response": {func(i *exchange.Inner, w http.ResponseWriter) {
			w.WriteHeader(http.StatusAccepted)
			i.Complete()
			w.WriteHeader(http.StatusNotFound)
			_, _ = io.WriteString(w, "a")
			w.Header().Set("X-Late", "a")
			flush(w)
		}, "202 ", 202, false, true, false, 202},
		"a complete body": {func(i *exchange.Inner, w http.ResponseWriter) {
			_, _ = io.WriteString(w, "a")
			i.Complete()
			_, _ = io.WriteString(w, "b")
		}, "200 a", 200, false, true, true, 200},
		"a discarded response": {func(i *exchange.Inner, w http.ResponseWriter) {
			i.Discard()
			w.WriteHeader(http.StatusNotFound)
			_, _ = io.WriteString(w, "a")
			w.Header().Set("X-Late", "a")
			flush(w)
		}, "200 ", 0, false, true, false, 0},
	} {
		for _, protocol := range protocols {
			t.Run(name+"/"+protocol, func(t *testing.T) {
				t.Parallel()
				seen := &observer{}
				s := serveOver(t, protocol, inMux(func(w http.ResponseWriter, _ *http.Request) {
					i := &exchange.Inner{}
					inner := i.Start(w, seen)
					if exchange.ObserverOf(inner) != seen || exchange.ObserverOf(w) != nil {
						t.Error("the observer is not found")
					}
					c.handle(i, inner)
					if i.Status() != c.status || i.Begun() != c.begun || i.Failed() != c.failed {
						t.Errorf("status %d, begun %t, failed %t", i.Status(), i.Begun(), i.Failed())
					}
					i.Finish()
					w.Header().Set("X-Middleware", "a") // it is sent if the header was not
				}))
				got := s.ask(t, http.MethodGet, "/")
				if got.String() != c.want || got.Header["X-Late"] != nil {
					t.Errorf("got %v with %v, want %s", got, got.Header, c.want)
				}
				if sent := got.Header["X-Middleware"] == nil; sent != c.sent {
					t.Errorf("the header was sent before the end: %t", sent)
				}
				if c.observed == 0 && len(seen.statuses) > 0 ||
					c.observed > 0 && !slices.Equal(seen.statuses, []int{c.observed}) {
					t.Errorf("observed %d, want %d", seen.statuses, c.observed)
				}
			})
		}
	}
}

// unflushable hides what the server's writer can do.
type unflushable struct{ http.ResponseWriter }

// TestInnerWithoutFlush flushes through middleware that cannot. The header is still open then.
func TestInnerWithoutFlush(t *testing.T) {
	t.Parallel()
	s := serveOver(t, http11, inMux(func(w http.ResponseWriter, _ *http.Request) {
		i := &exchange.Inner{}
		inner := i.Start(unflushable{w}, &observer{})
		if err := http.NewResponseController(inner).Flush(); err != nil {
			t.Error(err)
		}
		inner.WriteHeader(http.StatusAccepted)
		i.Finish()
	}))
	if got := s.ask(t, http.MethodGet, "/"); got.String() != "202 " {
		t.Errorf("got %v", got)
	}
}

// unusable is a writer whose Hijack and FlushError return an error.
type unusable struct {
	http.ResponseWriter
	err error
}

func (u unusable) Hijack() (net.Conn, *bufio.ReadWriter, error) { return nil, nil, u.err }

func (u unusable) FlushError() error { return u.err }

// TestInnerPassesErrors gives a handler the errors of middleware. If a hijack fails, the response is still open.
func TestInnerPassesErrors(t *testing.T) {
	t.Parallel()
	s := serveOver(t, http11, inMux(func(w http.ResponseWriter, _ *http.Request) {
		failure := errors.New("the middleware fails")
		i := &exchange.Inner{}
		inner := i.Start(unusable{w, failure}, &observer{})
		if _, _, err := http.NewResponseController(inner).Hijack(); !errors.Is(err, failure) || i.Begun() {
			t.Errorf("hijacking gives %v, begun %t", err, i.Begun())
		}
		if err := http.NewResponseController(inner).Flush(); !errors.Is(err, failure) {
			t.Errorf("flushing gives %v", err)
		}
		_, _ = io.WriteString(inner, "a")
	}))
	if got := s.ask(t, http.MethodGet, "/"); got.String() != "200 a" {
		t.Errorf("got %v", got)
	}
}

// hijacks takes over the connection, and sends another response.
func hijacks(w http.ResponseWriter, _ *http.Request) {
	connection, buffer, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(err)
	}
	_, _ = io.WriteString(buffer, "HTTP/1.1 299 Own\r\nConnection: close\r\n\r\nown")
	_ = buffer.Flush()
	_ = connection.Close()
}

// switches changes the protocol with a 101, and sends bytes of another protocol.
func switches(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Connection", "Upgrade")
	w.Header().Set("Upgrade", "own")
	w.WriteHeader(http.StatusSwitchingProtocols)
	connection, buffer, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(err)
	}
	_, _ = io.WriteString(buffer, "own")
	_ = buffer.Flush()
	_ = connection.Close()
}

// TestHijack has handlers take over the connection of HTTP/1. The exchange sends nothing after it, and it passes a
// panic on, as net/http does.
func TestHijack(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		handle http.HandlerFunc
		want   string
	}{
		"hijack":  {hijacks, "299 own"},
		"upgrade": {switches, "101 own"},
	} {
		for place, inside := range places {
			for _, value := range []any{nil, "secret", http.ErrAbortHandler} {
				t.Run(fmt.Sprint(name, " ", place, " ", value), func(t *testing.T) {
					t.Parallel()
					panicked := make(chan any, 1)
					s := serveOver(t, http11, func(w http.ResponseWriter, r *http.Request) {
						defer func() { panicked <- recover() }()
						inside(func(w http.ResponseWriter, r *http.Request) {
							c.handle(w, r)
							if x := exchange.From(r.Context()); !x.Started() || x.Failed() {
								t.Errorf("started %t, failed %t", x.Started(), x.Failed())
							}
							if value != nil {
								panic(value)
							}
						})(w, r)
					})
					connection := s.dial(t)
					_, _ = io.WriteString(connection, "GET / HTTP/1.1\r\nHost: test\r\nConnection: Upgrade\r\n"+
						"Upgrade: own\r\n\r\n")
					from := bufio.NewReader(connection)
					got := read(http.MethodGet, from)
					if rest, err := io.ReadAll(from); err != nil || got.String()+string(rest) != c.want {
						t.Errorf("got %v and then %q, %v, want %s", got, rest, err, c.want)
					}
					if got := <-panicked; got != value {
						t.Errorf("panicked with %v, want %v", got, value)
					}
				})
			}
		}
	}
}

// TestUpgradeOverHTTP2 sends a 101 and then an error. HTTP/2 has no upgrades (RFC 9113 section 8.6), so the 101 is one
// of the informational statuses there, and the error is translated.
func TestUpgradeOverHTTP2(t *testing.T) {
	t.Parallel()
	s := serveOver(t, http2, inHandler(policy{})(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusSwitchingProtocols)
		w.WriteHeader(http.StatusNotFound)
	}))
	if got := s.ask(t, http.MethodGet, "/"); got.String() != "404 translated" {
		t.Errorf("got %v", got)
	}
}
