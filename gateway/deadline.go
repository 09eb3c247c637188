package gateway

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
)

// WithDeadline bounds how long a call may take: when d has passed, the client is answered with 504, and the backend,
// which is told of the deadline as grpc-timeout, is cancelled. It applies to the mux's calls with one answer, and not to
// those that stream to the client, nor to routes registered by hand that make no call.
//
// Without routes it applies to all of them. Routes are path templates as they are written in google.api.http, as in
// "/v1/things/{id}", with a method before it if it is meant for that one, as in "GET /v1/things/{id}". The option can be
// given several times: the one that names the method and the template counts, else the one that names the template, else
// the one without routes; of two that say the same, the last.
//
// A Grpc-Timeout header can make the time shorter, and never longer; nor can it lengthen or switch off
// [runtime.DefaultContextTimeout], which goes on to count. A service in process must watch its context to be stopped: what
// it answers late is answered.
//
// Given to [Handler], it counts for the bridges inside that have no deadline of their own, if the Handler was made before
// their mux served its first request. By default there is no deadline. It panics when d is not positive and when a route
// is malformed.
func WithDeadline(d time.Duration, routes ...string) Option {
	if d <= 0 {
		panic(fmt.Sprintf("gateway: WithDeadline(%v): not a positive duration", d))
	}
	bound := make([]binding, 0, len(routes))
	for _, route := range routes {
		b, err := parseBinding(route)
		if err != nil {
			panic(fmt.Sprintf("gateway: WithDeadline(%v, %q): %v", d, route, err))
		}
		bound = append(bound, b)
	}
	if len(routes) == 0 {
		bound = append(bound, binding{})
	}
	return optionFunc(func(c *config) {
		if c.deadlines == nil {
			c.deadlines = deadlines{}
		}
		for _, b := range bound {
			c.deadlines[b] = d
		}
	})
}

// binding is what a deadline is set for: a method and a path template, a template alone, or everything.
type binding struct {
	method   string
	template string
}

func parseBinding(route string) (binding, error) {
	method, template, ok := strings.Cut(route, " ")
	if !ok {
		method, template = "", route
	} else if !isToken(method) {
		return binding{}, fmt.Errorf("%q is no method", method)
	}
	template = strings.TrimLeft(template, " \t")
	// The mux's own parser is the judge; it is not exported.
	err := runtime.NewServeMux().HandlePath(http.MethodGet, template, func(http.ResponseWriter, *http.Request, map[string]string) {})
	return binding{method, plainTemplate(template)}, err
}

// isToken reports whether a string can be a method (RFC 9110 sections 5.6.2 and 9.1).
func isToken(s string) bool {
	return s != "" && !strings.ContainsFunc(s, func(c rune) bool {
		return c <= ' ' || c > '~' || strings.ContainsRune("\"(),/:;<=>?@[\\]{}", c)
	})
}

// plainTemplate writes a variable of one segment as most do: {id=*} is {id}.
func plainTemplate(template string) string {
	return strings.ReplaceAll(template, "=*}", "}")
}

type deadlines map[binding]time.Duration

// of is the deadline of a call, 0 without one.
func (d deadlines) of(method, template string) time.Duration {
	template = plainTemplate(template)
	for _, b := range [...]binding{{method, template}, {"", template}, {}} {
		if limit, ok := d[b]; ok {
			return limit
		}
	}
	return 0
}

// handsDown says that some Handler of the process has deadlines for bridges inside.
var handsDown atomic.Bool

// annotates registers the annotator, without which a bridge cannot set a deadline. It costs each call an allocation, and
// so is left out where there is none. Annotators cannot be added beside calls: a bridge without deadlines of its own
// decides at its mux's first request.
func (b *bridge) annotates() {
	b.annotateOnce.Do(func() {
		if len(b.deadlines) > 0 || handsDown.Load() {
			runtime.WithMetadata(b.annotate)(b.mux)
			b.annotated = true
		}
	})
}

// deadlinesOf are those that count for a request: the bridge's own, else those of the innermost Handler that has any.
func (b *bridge) deadlinesOf(ctx context.Context) deadlines {
	if !b.annotated || len(b.deadlines) > 0 {
		return b.deadlines
	}
	for f := frontFrom(ctx); f != nil; f = frontFrom(f.context) {
		if len(f.bridge.deadlines) > 0 {
			return f.bridge.deadlines
		}
	}
	return nil
}

// limited gives a handler's calls their deadline.
func (b *bridge) limited(next runtime.HandlerFunc) runtime.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request, pathParams map[string]string) {
		x := exchangeOf(r.Context(), w)
		if x == nil || !b.annotated && len(r.Header[timeoutHeader]) == 0 {
			next(w, r, pathParams)
			return
		}
		asked, err := askedTimeout(r.Header)
		if err != nil {
			b.handleError(r.Context(), b.mux, nil, w, r, err)
			return
		}
		limits := b.deadlinesOf(r.Context())
		if limits == nil {
			if limit := runtime.DefaultContextTimeout; asked != nil && (*asked == 0 || limit > 0 && *asked > limit) {
				r = withTimeoutHeader(r, nil)
			}
			next(w, r, pathParams)
			return
		}
		if call, ok := r.Context().Value(callKey{}).(*callContext); ok && call.route == x.route {
			next(w, r, pathParams) // it is in force
			return
		}
		call := newCallContext(r.Context())
		defer call.cancel()
		call.limits, call.route, call.asked = limits, x.route, asked
		r = r.WithContext(call.inner)
		switch {
		case runtime.DefaultContextTimeout != 0:
			// The shortest of all is set below; to grpc-gateway, zero is no timeout at all.
			r = withTimeoutHeader(r, []string{"0S"})
		case asked != nil:
			r = withTimeoutHeader(r, nil)
		}
		next(w, r, pathParams)
	}
}

// annotate is called by grpc-gateway for each call, when its method is known.
func (b *bridge) annotate(ctx context.Context, r *http.Request) metadata.MD {
	call, _ := ctx.Value(callKey{}).(*callContext)
	if call == nil {
		return nil
	}
	limit := runtime.DefaultContextTimeout
	if call.asked != nil {
		limit = shorter(limit, *call.asked)
	}
	if method, _ := runtime.RPCMethod(ctx); call.route.answersOnce(method) {
		template, _ := runtime.HTTPPathPattern(ctx)
		limit = shorter(limit, call.limits.of(r.Method, template))
	}
	call.limit(limit)
	return nil
}

// shorter is the shorter of two timeouts, of which 0 is none.
func shorter(a, b time.Duration) time.Duration {
	if a <= 0 || b > 0 && b < a {
		return b
	}
	return a
}

const timeoutHeader = "Grpc-Timeout"

// withTimeoutHeader is a request with another timeout. Its header may be shared with others.
func withTimeoutHeader(r *http.Request, timeout []string) *http.Request {
	changed := *r
	changed.Header = maps.Clone(r.Header)
	if timeout == nil {
		delete(changed.Header, timeoutHeader)
	} else {
		changed.Header[timeoutHeader] = timeout
	}
	return &changed
}

// timeoutUnit is one of gRPC over HTTP/2 (grpc.github.io/grpc/core/md_doc__p_r_o_t_o_c_o_l-_h_t_t_p2.html, Timeout), 0 for
// any other character.
func timeoutUnit(c byte) time.Duration {
	switch c {
	case 'H':
		return time.Hour
	case 'M':
		return time.Minute
	case 'S':
		return time.Second
	case 'm':
		return time.Millisecond
	case 'u':
		return time.Microsecond
	case 'n':
		return time.Nanosecond
	}
	return 0
}

const maxTimeoutDigits = 8

// askedTimeout is what a request's Grpc-Timeout says, nil without one. Zero, which gRPC has no meaning for, asks for
// nothing, as it does with grpc-gateway.
func askedTimeout(h http.Header) (*time.Duration, error) {
	values := h[timeoutHeader]
	if len(values) == 0 {
		return nil, nil
	}
	asked, ok := parseTimeout(values[0])
	if !ok || len(values) > 1 {
		return nil, status.Errorf(codes.InvalidArgument,
			"invalid header Grpc-Timeout: want 1 to 8 digits and one of the units H, M, S, m, u, n, got %.40q", strings.Join(values, ", "))
	}
	return &asked, nil
}

// parseTimeout reads a timeout. Hours that a time.Duration cannot hold are as many as it can.
func parseTimeout(s string) (time.Duration, bool) {
	if len(s) < 2 || len(s) > maxTimeoutDigits+1 {
		return 0, false
	}
	unit := timeoutUnit(s[len(s)-1])
	if unit == 0 {
		return 0, false
	}
	n := time.Duration(0)
	for _, c := range []byte(s[:len(s)-1]) {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = n*10 + time.Duration(c-'0')
	}
	const longest = time.Duration(1<<63 - 1)
	if n > longest/unit {
		return longest, true
	}
	return n * unit, true
}
