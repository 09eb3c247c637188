package exchange_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/statusbridge/statusbridge/internal/exchange"
	"github.com/statusbridge/statusbridge/internal/testkit"
)

// TestOf finds the exchange of a request by each writer that writes its response, and by no other writer.
func TestOf(t *testing.T) {
	t.Parallel()
	for _, protocol := range protocols {
		s := serveOver(t, protocol, func(server http.ResponseWriter, r *http.Request) {
			if exchange.Of(r.Context(), server) != nil {
				t.Error("a request has an exchange before one was opened")
			}
			exchange.Serve(server, r, policy{}, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				x := exchange.From(r.Context())
				finds := func(when string) {
					for name, c := range map[string]struct {
						w     http.ResponseWriter
						found bool
					}{
						"its writer":         {w, true},
						"a wrapper":          {wrapper{w}, true},
						"two wrappers":       {wrapper{wrapper{w}}, true},
						"another writer":     {httptest.NewRecorder(), false},
						"a wrapper of it":    {wrapper{httptest.NewRecorder()}, false},
						"another exchange's": {(&exchange.Exchange{}).Open(httptest.NewRecorder(), r, policy{}), false},
					} {
						if found := exchange.Of(r.Context(), c.w); found != nil != c.found || c.found && found != x {
							t.Errorf("%s over %s: found %t for %s", when, protocol, found != nil, name)
						}
					}
				}
				finds("in the beginning")
				if exchange.Of(r.Context(), unflushable{w}) != x || exchange.Of(r.Context(), server) != x {
					t.Error("not found by its headers")
				}
				if exchange.Of(context.Background(), w) != nil {
					t.Error("found without its context")
				}
				failsWith(400)(w, r)
				finds("after an error")
			}))
		})
		s.ask(t, http.MethodGet, "/")
	}
}

// TestOfDone finds an exchange after its response is complete, when its writer gives handlers a copy of the headers.
func TestOfDone(t *testing.T) {
	t.Parallel()
	for _, protocol := range protocols {
		s := serveOver(t, protocol, inHandler(completing{})(func(w http.ResponseWriter, r *http.Request) {
			sends(400, nil, "a")(w, r)
			flush(w)
			w.Header().Set("X-Late", "a")
			if w.Header().Get("X-Late") != "" {
				t.Error("a late header was set")
			}
			x := exchange.From(r.Context())
			if exchange.Of(r.Context(), w) != x || exchange.Of(r.Context(), wrapper{w}) != x {
				t.Errorf("not found over %s", protocol)
			}
			other := (&exchange.Exchange{}).Open(httptest.NewRecorder(), r, policy{})
			if exchange.Of(r.Context(), other) != nil {
				t.Errorf("found for another writer over %s", protocol)
			}
		}))
		s.ask(t, http.MethodGet, "/")
	}
}

// TestContext finds the values, the deadline and the end of the request's context in an exchange.
func TestContext(t *testing.T) {
	t.Parallel()
	type key struct{}
	ctx, cancel := context.WithTimeout(context.WithValue(context.Background(), key{}, "a"), testkit.Patience)
	request := httptest.NewRequestWithContext(ctx, http.MethodGet, "/", http.NoBody)
	exchange.Serve(httptest.NewRecorder(), request, policy{}, http.HandlerFunc(
		func(_ http.ResponseWriter, r *http.Request) {
			inside := r.Context()
			want, _ := ctx.Deadline()
			if deadline, ok := inside.Deadline(); !ok || !deadline.Equal(want) || inside.Value(key{}) != "a" {
				t.Errorf("the deadline is %v, the value is %v", deadline, inside.Value(key{}))
			}
			if inside.Err() != nil {
				t.Error(inside.Err())
			}
			cancel()
			<-inside.Done()
			if inside.Err() != context.Canceled {
				t.Error(inside.Err())
			}
		}))
}
