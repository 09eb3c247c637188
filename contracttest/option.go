package contracttest

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"

	"github.com/statusbridge/statusbridge/mapping"
)

// Option configures [Run], [Check], [RoundTripper] and [Violations]. The functions that return an Option panic if an
// argument is invalid, with a text that says why.
type Option interface {
	apply(*config)
}

type optionFunc func(*config)

func (f optionFunc) apply(c *config) { f(c) }

type config struct {
	prepare     []func(*http.Request)
	dial        []grpc.DialOption
	routes      []route
	allowed     map[int]bool // statuses that services may choose
	mapped      map[int]bool // statuses that are sent for some codes
	mapping     func(codes.Code) (int, bool)
	without     map[string]string // the reason, by rule
	abortStream bool
	patience    time.Duration
}

func newConfig(options []Option) *config {
	c := &config{
		allowed: map[int]bool{}, mapped: map[int]bool{}, without: map[string]string{}, patience: patience,
	}
	for _, row := range mapping.Rows() {
		c.allowed[row.HTTPStatus] = true
	}
	for _, option := range options {
		if option == nil {
			panic("contracttest: a nil Option")
		}
		option.apply(c)
	}
	return c
}

// WithRequest calls prepare for each request of Run before it is sent, for example to add credentials. It panics if
// prepare is nil.
func WithRequest(prepare func(*http.Request)) Option {
	if prepare == nil {
		panic("contracttest: WithRequest(nil): nothing to call")
	}
	return optionFunc(func(c *config) { c.prepare = append(c.prepare, prepare) })
}

// WithDialOptions adds dial options to the connection that Run passes to the handler. Pass the options of production,
// above all gateway.DialOptions(). Credentials are replaced, because the fake backend does not use TLS.
func WithDialOptions(options ...grpc.DialOption) Option {
	options = slices.Clone(options)
	return optionFunc(func(c *config) { c.dial = append(c.dial, options...) })
}

// WithRoutes names routes that are registered by hand, each as a method and a path: "POST /v1/files/7". Run finds the
// routes of google.api.http rules itself. WithRoutes panics for a text of another form.
func WithRoutes(routes ...string) Option {
	var parsed []route
	for _, text := range routes {
		method, path, ok := strings.Cut(text, " ")
		if !ok || !isToken(method) || !strings.HasPrefix(path, "/") {
			panic(fmt.Sprintf("contracttest: WithRoutes(%q): want the form \"GET /v1/files/7\"", text))
		}
		parsed = append(parsed, route{method: method, path: path, pattern: path, byHand: true})
	}
	return optionFunc(func(c *config) { c.routes = append(c.routes, parsed...) })
}

// WithExtraStatuses allows statuses that are not documented, like the option of the same name in package gateway. It
// panics for a status outside 200..599.
func WithExtraStatuses(httpStatuses ...int) Option {
	httpStatuses = slices.Clone(httpStatuses)
	for _, status := range httpStatuses {
		if status < 200 || status > 599 {
			panic(fmt.Sprintf("contracttest: WithExtraStatuses(%d): want a status from 200 to 599", status))
		}
	}
	return optionFunc(func(c *config) {
		for _, status := range httpStatuses {
			c.allowed[status] = true
		}
	})
}

// WithMapping sets the statuses of gRPC codes, for a gateway that maps them differently. If ok is false, the status
// table decides. The statuses that mapping returns for codes below 1024 are allowed for these codes. If services also
// choose them by mapping.Errorf, add [WithExtraStatuses]. WithMapping panics if mapping is nil.
func WithMapping(mapping func(code codes.Code) (httpStatus int, ok bool)) Option {
	if mapping == nil {
		panic("contracttest: WithMapping(nil): nothing to call")
	}
	return optionFunc(func(c *config) {
		c.mapping = mapping
		for code := codes.Code(1); code < 1024; code++ {
			if status, ok := mapping(code); ok && isError(status) {
				c.mapped[status] = true
			}
		}
	})
}

// WithStreamAbort expects a broken connection if a stream fails after its first message, as with
// gateway.WithStreamAbort. By default, Run expects an error chunk, and a broken connection only for downloads.
func WithStreamAbort() Option {
	return optionFunc(func(c *config) { c.abortStream = true })
}

// WithoutRule switches a rule off. name is one that [Violation] has in Rule. The report of Run prints the reason. It
// panics for a name that is not a rule, and for an empty reason.
func WithoutRule(name, reason string) Option {
	if _, ok := ruleOf(name); !ok {
		panic(fmt.Sprintf("contracttest: WithoutRule(%q): no rule has this name", name))
	}
	if strings.TrimSpace(reason) == "" {
		panic(fmt.Sprintf("contracttest: WithoutRule(%q): a reason is required", name))
	}
	return optionFunc(func(c *config) { c.without[name] = reason })
}

// httpStatus returns the status of a gRPC code.
func (c *config) httpStatus(code codes.Code) int {
	if c.mapping != nil {
		if status, ok := c.mapping(code); ok && isError(status) {
			return status
		}
	}
	return mapping.HTTPStatus(code)
}

func isError(status int) bool { return status >= 400 && status < 600 }

func isSuccess(status int) bool { return status >= 200 && status < 300 }
