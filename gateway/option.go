package gateway

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"

	"github.com/statusbridge/statusbridge/internal/contract"
)

// Option configures [Bridge] and [Handler]. An option that is given a value it cannot honour panics where it is made, with a text
// that says what is wrong: options are written into programs, and a program that starts should be right.
type Option interface {
	apply(*config)
}

type optionFunc func(*config)

func (f optionFunc) apply(c *config) { f(c) }

type config struct {
	challenge      string
	allowed        map[int]bool
	overrides      map[codes.Code]int
	mapping        func(codes.Code) (int, bool)
	serverMessages bool
	abortStreams   bool
	observers      []observer
	localReply     func(header, trailer metadata.MD) bool
	deadlines      deadlines
}

// newConfig reads the options of the named function.
func newConfig(of string, options []Option) config {
	c := config{challenge: "Bearer"}
	for _, option := range options {
		if option == nil {
			panic("gateway: " + of + " was given a nil Option")
		}
		option.apply(&c)
	}
	return c
}

// allow adds a status to those that are honoured.
func (c *config) allow(httpStatus int) {
	if c.allowed == nil {
		c.allowed = map[int]bool{}
	}
	c.allowed[httpStatus] = true
}

// honours reports whether a service may choose the status.
func (c *config) honours(httpStatus int) bool {
	return contract.Documented(httpStatus) || c.allowed[httpStatus]
}

// httpStatus is the status that a code leaves as.
func (c *config) httpStatus(code codes.Code) int {
	if httpStatus, ok := c.overrides[code]; ok {
		return httpStatus
	}
	if c.mapping != nil {
		if httpStatus, ok := c.mapping(code); ok && contract.IsError(httpStatus) {
			return httpStatus
		}
	}
	return contract.HTTPStatus(code)
}

// WithChallenge sets the WWW-Authenticate challenge of a 401 (RFC 9110 section 11.6.1), for example
// `Bearer realm="api"`. A challenge that the backend sent, or that middleware set, wins. The default is `Bearer`.
// It panics when the challenge is empty or not a header value.
func WithChallenge(challenge string) Option {
	if strings.TrimSpace(challenge) == "" || !validFieldValue(challenge) {
		panic(fmt.Sprintf("gateway: WithChallenge(%q): not a value for WWW-Authenticate", challenge))
	}
	return optionFunc(func(c *config) { c.challenge = challenge })
}

// WithExtraStatuses honours further statuses, 200..299 or 400..599, when a service chooses them. By default only the
// documented ones are. It panics for a status of another class. A service in Go chooses errors so; mapping.SetHTTPStatus
// takes the documented successes alone.
func WithExtraStatuses(httpStatuses ...int) Option {
	httpStatuses = slices.Clone(httpStatuses)
	for _, httpStatus := range httpStatuses {
		if !contract.IsError(httpStatus) && !isSuccess(httpStatus) {
			panic(fmt.Sprintf("gateway: WithExtraStatuses(%d): neither a success (200..299) nor an error (400..599)", httpStatus))
		}
	}
	return optionFunc(func(c *config) {
		for _, httpStatus := range httpStatuses {
			c.allow(httpStatus)
		}
	})
}

// WithMapping makes a gRPC code leave as another error status, 400..599, than the table's, and honours that
// status. The code may be one that gRPC does not define. A status that travels in a statusbridge.v1.Error detail is not
// touched, but one that its code alone says is: for an exact status, choose one that is not the table's. It panics for codes.OK and for a status that is not an
// error.
func WithMapping(code codes.Code, httpStatus int) Option {
	if code == codes.OK {
		panic("gateway: WithMapping(OK): a success is not mapped")
	}
	if !contract.IsError(httpStatus) {
		panic(fmt.Sprintf("gateway: WithMapping(%v, %d): not an error status (400..599)", code, httpStatus))
	}
	return optionFunc(func(c *config) {
		if c.overrides == nil {
			c.overrides = map[codes.Code]int{}
		}
		c.overrides[code] = httpStatus
		c.allow(httpStatus)
	})
}

// WithServerMessages passes the messages of 5xx errors to the client. They may hold addresses, SQL and the like: it
// is meant for development. By default a client reads the page's sentence, unless the service attached a message
// for it.
func WithServerMessages() Option {
	return optionFunc(func(c *config) { c.serverMessages = true })
}

// WithStreamAbort aborts the connection of a stream that fails after its first message, where by default the stream ends
// in an error chunk: a client that does not look at chunks then sees that data is missing. Downloads
// (google.api.HttpBody) are always aborted.
func WithStreamAbort() Option {
	return optionFunc(func(c *config) { c.abortStreams = true })
}

// WithObserver calls observe after each answer that is not a plain success, in the goroutine of the request. Of several
// observers each is called, in the order in which they are given. By default nothing is called. It panics when observe is
// nil.
func WithObserver(observe func(context.Context, Observation)) Option {
	if observe == nil {
		panic("gateway: WithObserver(nil): nothing to call")
	}
	return optionFunc(func(c *config) { c.observers = append(c.observers, observe) })
}

func isSuccess(httpStatus int) bool {
	return httpStatus >= http.StatusOK && httpStatus < http.StatusMultipleChoices
}

// WithMappingFunc maps gRPC codes to error statuses, 400..599, by a function. If ok is false, the status table decides.
func WithMappingFunc(mapping func(code codes.Code) (httpStatus int, ok bool)) Option {
	if mapping == nil {
		panic("gateway: WithMappingFunc(nil): nothing to call")
	}
	return optionFunc(func(c *config) { c.mapping = mapping })
}
