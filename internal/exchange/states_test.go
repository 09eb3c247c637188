package exchange_test

import (
	"cmp"
	"fmt"
	"io"
	"net/http"
	"testing"

	"github.com/statusbridge/statusbridge/internal/exchange"
)

// completing is a policy that takes a flushed error for a complete one.
type completing struct{ policy }

func (completing) Complete(*exchange.Exchange, exchange.Written) bool { return true }

// A row has a handler that brings a response into a state. It lists what a client sees if the handler does one more
// thing in that state.
type row struct {
	state   string
	method  string
	policy  exchange.Policy
	reach   http.HandlerFunc
	returns string
	writes  string
	fails   string // if it writes a 400 as package gateway does
	panics  string
	aborts  string // "broken" if empty; "either" if the client may have read the response already

	started, failed, buffers bool // what the exchange reports
}

// rows covers the states in the package comment.
var rows = []row{
	{
		state: "open", policy: policy{}, reach: func(http.ResponseWriter, *http.Request) {},
		returns: "200 ", writes: "200 x", fails: "400 failed", panics: "500 panic",
	},
	{
		state: "open, with a status", policy: policy{}, reach: sends(202, nil, ""),
		returns: "202 ", writes: "202 x", fails: "400 failed", panics: "500 panic",
	},
	{
		state: "open, with an error", policy: passing{policy{}}, reach: sends(404, nil, ""),
		returns: "404 ", writes: "404 x", fails: "400 failed", panics: "500 panic",
	},
	{
		state: "counting", method: http.MethodHead, policy: policy{}, reach: sends(202, nil, "a"),
		returns: "202 ", writes: "202 ", fails: "broken", panics: "broken", started: true,
	},
	{
		state: "counting an error", method: http.MethodHead, policy: passing{policy{}}, reach: sends(400, nil, "a"),
		returns: "400 ", writes: "400 ", fails: "400 ", panics: "broken", failed: true,
	},
	{
		state: "buffered", policy: policy{}, reach: sends(400, nil, "a"),
		returns: "400 translated", writes: "400 translated", fails: "400 translated", panics: "500 panic",
		failed: true, buffers: true,
	},
	{
		state: "buffered, without a body", policy: policy{}, reach: sends(503, nil, ""),
		returns: "503 translated", writes: "503 translated", fails: "503 translated", panics: "500 panic",
		failed: true, buffers: true,
	},
	{
		state: "buffered, a refused success", policy: policy{}, reach: sends(206, nil, "a"),
		returns: "400 translated", writes: "400 translated", fails: "400 translated", panics: "500 panic",
		buffers: true,
	},
	{
		state: "sent", policy: policy{}, reach: sends(202, nil, "a"),
		returns: "202 a", writes: "202 ax", fails: "broken", panics: "broken", started: true,
	},
	{
		state: "sent, the first redirect", policy: policy{}, reach: sends(300, nil, "a"),
		returns: "300 a", writes: "300 ax", fails: "broken", panics: "broken", started: true,
	},
	{
		state: "sent, the last redirect", policy: policy{}, reach: sends(399, nil, "a"),
		returns: "399 a", writes: "399 ax", fails: "broken", panics: "broken", started: true,
	},
	{
		state: "sent, an error", policy: passing{policy{}}, reach: sends(400, nil, "a"),
		returns: "400 a", writes: "400 ax", fails: "400 a", panics: "broken", failed: true,
	},
	{
		state: "bounded", policy: passing{policy{}}, reach: func(w http.ResponseWriter, r *http.Request) {
			note(w, r)
			w.WriteHeader(http.StatusBadRequest)
		},
		returns: "broken", writes: "broken", fails: "broken", panics: "broken", failed: true,
	},
	{
		state: "bounded, in the body", policy: passing{policy{}}, reach: func(w http.ResponseWriter, r *http.Request) {
			note(w, r)
			w.WriteHeader(http.StatusBadRequest)
			_, _ = io.WriteString(w, "fai")
			_, _ = io.WriteString(w, "led and more")
		},
		returns: "400 failed", writes: "400 failed", fails: "400 failed", panics: "400 failed", failed: true,
	},
	{
		state: "bounded, after the body", policy: passing{policy{}}, reach: steps['F'],
		returns: "409 failed", writes: "409 failed", fails: "409 failed", panics: "409 failed", failed: true,
	},
	{
		state: "empty", policy: policy{}, reach: sends(204, nil, "a"),
		returns: "204 ", writes: "204 ", fails: "broken", panics: "broken", started: true,
	},
	{
		state: "empty, after a HEAD", method: http.MethodHead, policy: policy{},
		reach: func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, "a")
			flush(w)
		},
		returns: "200 ", writes: "200 ", fails: "200 ", panics: "200 ", aborts: "200 ", started: true,
	},
	{
		state: "done", policy: completing{}, reach: func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusBadRequest)
			_, _ = io.WriteString(w, "a")
			flush(w)
		},
		returns: "400 translated", writes: "400 translated", fails: "400 translated", panics: "400 translated",
		aborts: "either", failed: true,
	},
	{
		state: "aborted", policy: policy{}, reach: func(_ http.ResponseWriter, r *http.Request) {
			defer func() { _ = recover() }()
			exchange.From(r.Context()).Abort()
		},
		returns: "broken", writes: "broken", fails: "broken", panics: "broken", started: true,
	},
	{
		state: "aborted in the body", policy: policy{}, reach: func(w http.ResponseWriter, r *http.Request) {
			defer func() { _ = recover() }()
			_, _ = io.WriteString(w, "a")
			exchange.From(r.Context()).Abort()
		},
		returns: "broken", writes: "broken", fails: "broken", panics: "broken", started: true,
	},
}

// note sets the headers of a failure and notes it, as package gateway does before it writes an error.
func note(w http.ResponseWriter, r *http.Request) {
	exchange.From(r.Context()).Note(fail(w.Header(), 400, "failed"))
}

// TestStates does one more thing in each state. It compares what a client sees, and what the exchange reports.
func TestStates(t *testing.T) {
	t.Parallel()
	for _, protocol := range protocols {
		for _, row := range rows {
			t.Run(fmt.Sprint(row.state, "/", protocol), func(t *testing.T) {
				t.Parallel()
				for then, c := range map[string]struct {
					do   http.HandlerFunc
					want string
				}{
					"return": {func(http.ResponseWriter, *http.Request) {}, row.returns},
					"write":  {writes("x"), row.writes},
					"fail":   {failsWith(400), row.fails},
					"panic":  {steps['!'], row.panics},
					"abort":  {steps['a'], cmp.Or(row.aborts, "broken")},
				} {
					s := serveOver(t, protocol, func(w http.ResponseWriter, r *http.Request) {
						exchange.Serve(w, r, row.policy, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
							row.reach(w, r)
							x := exchange.From(r.Context())
							if x.Started() != row.started || x.Failed() != row.failed || x.Buffers() != row.buffers {
								t.Errorf("started %t, failed %t, buffers %t", x.Started(), x.Failed(), x.Buffers())
							}
							c.do(w, r)
						}))
					})
					got := s.ask(t, cmp.Or(row.method, http.MethodGet), "/")
					if got.String() != c.want && c.want != "either" {
						t.Errorf("then %s: got %q, want %q", then, got, c.want)
					}
				}
			})
		}
	}
}

// TestAbortRecovered has middleware recover from Abort. The response breaks off nevertheless, unless it is an error.
func TestAbortRecovered(t *testing.T) {
	t.Parallel()
	for _, row := range rows {
		for _, protocol := range protocols {
			s := serveOver(t, protocol, inHandler(row.policy)(func(w http.ResponseWriter, r *http.Request) {
				row.reach(w, r)
				defer func() {
					if value := recover(); value != http.ErrAbortHandler { //nolint:errorlint // as net/http
						t.Errorf("%s: got the panic %v", row.state, value)
					}
				}()
				exchange.From(r.Context()).Abort()
			}))
			want := "broken"
			if row.failed || row.buffers || row.aborts != "" {
				want = row.returns
			}
			if got := s.ask(t, cmp.Or(row.method, http.MethodGet), "/"); got.String() != want {
				t.Errorf("%s over %s: got %v, want %s", row.state, protocol, got, want)
			}
		}
	}
}
