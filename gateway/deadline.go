package gateway

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/grpc/metadata"

	"github.com/statusbridge/statusbridge/internal/late"
)

// WithDeadline limits how long a call may take. After d the client gets a 504 and the backend's call is cancelled. The
// backend learns the deadline from grpc-timeout. The option affects unary calls and client streams. It does not affect
// calls that stream to the client, and handlers that make no call.
//
// Without routes it affects all calls. A route is a path template as in google.api.http, "/v1/things/{id}", optionally
// after a method, "GET /v1/things/{id}". The option can be given several times: a route with a method takes precedence
// over a template, and a template over the option without routes. If a route is named twice, the last option counts.
//
// A Grpc-Timeout header and [runtime.DefaultContextTimeout] can shorten the deadline and cannot lengthen it. A
// service in process has to watch its context: a late result is sent. By default there is no deadline.
//
// WithDeadline panics if d is not positive, if a template is malformed, and if a method has lower-case letters. A route
// that a mux does not have is logged once through grpclog. A template without a method is tried with the methods of RFC
// 9110, PATCH, and those of linked google.api.http rules.
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
		for _, b := range bound {
			c.deadlines[b] = d
		}
	})
}

// binding is a route with a deadline: a method and a path template, a template alone, or nothing for all routes.
type binding struct {
	method   string
	template string
}

func parseBinding(route string) (binding, error) {
	method, template, ok := strings.Cut(route, " ")
	if !ok {
		method, template = "", route
	} else if !validFieldName(method) || method != strings.ToUpper(method) {
		return binding{}, fmt.Errorf("%q is not a method in upper case", method)
	}
	template = strings.TrimLeft(template, " \t")
	// grpc-gateway does not export its parser.
	ignore := func(http.ResponseWriter, *http.Request, map[string]string) {}
	err := runtime.NewServeMux().HandlePath(http.MethodGet, template, ignore)
	return binding{method, plainTemplate(template)}, err
}

// plainTemplate writes a variable of one segment in the short form: {id=*} becomes {id}.
func plainTemplate(template string) string {
	return strings.ReplaceAll(template, "=*}", "}")
}

type deadlines map[binding]time.Duration

// of returns the deadline of a call, or 0.
func (d deadlines) of(method, template string) time.Duration {
	template = plainTemplate(template)
	for _, b := range [...]binding{{method, template}, {"", template}, {}} {
		if limit, ok := d[b]; ok {
			return limit
		}
	}
	return 0
}

// limited gives a handler's calls their deadline.
func (h *hooks) limited(next runtime.HandlerFunc) runtime.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request, pathParams map[string]string) {
		if len(h.bridge.deadlines) == 0 && len(r.Header[timeoutHeader]) == 0 {
			next(w, r, pathParams)
			return
		}
		c := callFrom(r.Context())
		asked, err := askedTimeout(r.Header)
		if err != nil {
			h.handleError(r.Context(), h.mux, nil, w, r, err)
			return
		}
		if len(h.bridge.deadlines) == 0 {
			if asked != shorter(runtime.DefaultContextTimeout, asked) {
				// grpc-gateway would use the longer timeout of the header.
				r = withTimeoutHeader(r, nil)
			}
			next(w, r, pathParams)
			return
		}
		var ctx context.Context
		var cancel func()
		c.late, ctx, cancel = late.New(r.Context())
		defer cancel()
		c.asked = asked
		r = r.WithContext(ctx)
		if runtime.DefaultContextTimeout != 0 {
			// The shortest timeout of all is set below. grpc-gateway ignores a timeout of zero.
			r = withTimeoutHeader(r, []string{"0S"})
		} else if _, ok := r.Header[timeoutHeader]; ok {
			r = withTimeoutHeader(r, nil)
		}
		next(w, r, pathParams)
	}
}

// annotate sets the deadline of a call. grpc-gateway calls it for each call, when the method is known.
func (h *hooks) annotate(ctx context.Context, r *http.Request) metadata.MD {
	c := callFrom(ctx)
	if c == nil || c.hooks != h || c.late == nil {
		return nil
	}
	limit := shorter(runtime.DefaultContextTimeout, c.asked)
	if method, _ := runtime.RPCMethod(ctx); respondsOnce(method) {
		template, _ := runtime.HTTPPathPattern(ctx)
		limit = shorter(limit, h.bridge.deadlines.of(r.Method, template))
	}
	c.late.Limit(limit)
	return nil
}

// respondsOnce reports whether a method is known not to stream to the client.
func respondsOnce(method string) bool {
	descriptor := methodDescriptor(method)
	return descriptor != nil && !descriptor.IsStreamingServer()
}

// shorter returns the shorter one of two timeouts. Zero and less stand for no timeout.
func shorter(a, b time.Duration) time.Duration {
	if a <= 0 || b <= 0 {
		return max(a, b)
	}
	return min(a, b)
}
