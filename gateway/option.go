package gateway

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"golang.org/x/net/http/httpguts"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/grpclog"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/statusbridge/statusbridge/internal/contract"
)

// Option configures a [Bridge]. The functions that return an Option panic if the contract does not allow a value,
// with a text that says why.
type Option interface {
	apply(*config)
}

type optionFunc func(*config)

func (f optionFunc) apply(c *config) { f(c) }

type config struct {
	challenge      string
	extra          map[int]bool
	mappings       []codeMapping // the last one that knows a code counts
	serverMessages bool
	abortStreams   bool
	observers      []observer
	deadlines      deadlines
	passthrough    []*http.ServeMux
	detailsText    func(*status.Status) string
	errorTrailers  []string
	localReply     func(header, trailer metadata.MD) bool
}

func newConfig(options []Option) config {
	c := config{challenge: "Bearer", extra: map[int]bool{}, deadlines: deadlines{}}
	for _, option := range options {
		if option == nil {
			panic("gateway: New was given a nil Option")
		}
		option.apply(&c)
	}
	return c
}

// honours reports whether a service may choose the status.
func (c *config) honours(httpStatus int) bool {
	return contract.Documented(httpStatus) || c.extra[httpStatus]
}

func (c *config) honoursSuccess(httpStatus int) bool {
	return isSuccess(httpStatus) && c.honours(httpStatus)
}

func isSuccess(httpStatus int) bool {
	return httpStatus >= http.StatusOK && httpStatus < http.StatusMultipleChoices
}

// httpStatus returns the status that a code maps to.
func (c *config) httpStatus(code codes.Code) int {
	for _, mapping := range slices.Backward(c.mappings) {
		if httpStatus, ok := mapping.call(code); ok && contract.IsError(httpStatus) {
			return httpStatus
		}
	}
	return contract.HTTPStatus(code)
}

type codeMapping func(codes.Code) (httpStatus int, ok bool)

// call recovers from a panic of the mapping, because the response to a panic is mapped as well.
func (mapping codeMapping) call(code codes.Code) (httpStatus int, ok bool) {
	defer func() {
		if v := recover(); v != nil {
			grpclog.Errorf("gateway: a mapping panicked: %v", v)
			ok = false
		}
	}()
	return mapping(code)
}

// WithChallenge sets the WWW-Authenticate challenge of a 401 (RFC 9110 section 11.6.1), for example
// `Bearer realm="api"`. A challenge of the backend or of middleware takes precedence. The default is `Bearer`. It
// panics if the text is not a list of challenges.
func WithChallenge(challenge string) Option {
	if !isChallenge(challenge) {
		panic(fmt.Sprintf("gateway: WithChallenge(%q): not a value for WWW-Authenticate", challenge))
	}
	return optionFunc(func(c *config) { c.challenge = challenge })
}

// WithExtraStatuses allows statuses that are not documented, 200..299 or 400..599. Services choose them with
// mapping.SetHTTPStatus and mapping.Errorf, and [Bridge.Handler] sends them unchanged. By default, only the documented
// statuses are allowed. It panics for a status of another class.
func WithExtraStatuses(httpStatuses ...int) Option {
	httpStatuses = slices.Clone(httpStatuses)
	for _, httpStatus := range httpStatuses {
		if !contract.IsError(httpStatus) && !isSuccess(httpStatus) {
			panic(fmt.Sprintf("gateway: WithExtraStatuses(%d): neither a success (200..299) nor an error (400..599)",
				httpStatus))
		}
	}
	return optionFunc(func(c *config) {
		for _, httpStatus := range httpStatuses {
			c.extra[httpStatus] = true
		}
	})
}

// WithMapping maps a gRPC code to another error status than the status table does, and allows that status. The status
// is one of 400..599, and the code may be one that gRPC does not define. The option does not affect an error with a
// statusbridge.v1.Error detail. Services attach that detail only if the code and the message alone would lose
// something. The text of an error with codes.Unknown is not sent even under a 4xx, because grpc-go gives this code to
// plain Go errors. WithMapping panics for codes.OK, and for a status that is not an error.
func WithMapping(code codes.Code, httpStatus int) Option {
	if code == codes.OK {
		panic("gateway: WithMapping(OK): a success is not mapped")
	}
	if !contract.IsError(httpStatus) {
		panic(fmt.Sprintf("gateway: WithMapping(%v, %d): not an error status (400..599)", code, httpStatus))
	}
	return optionFunc(func(c *config) {
		c.extra[httpStatus] = true
		c.mappings = append(c.mappings, func(asked codes.Code) (int, bool) { return httpStatus, asked == code })
	})
}

// WithMappingFunc maps gRPC codes to error statuses by a function, for teams with many codes. If ok is false, or if the
// status is not one of 400..599, an earlier mapping option or the status table decides. The results may be statuses
// that are not documented. If services also choose such a status by mapping.Errorf, allow it with [WithExtraStatuses].
// It panics if mapping is nil.
func WithMappingFunc(mapping func(code codes.Code) (httpStatus int, ok bool)) Option {
	if mapping == nil {
		panic("gateway: WithMappingFunc(nil): nothing to call")
	}
	return optionFunc(func(c *config) { c.mappings = append(c.mappings, mapping) })
}

// WithServerMessages sends the messages of 5xx errors to clients. They may contain addresses and SQL, so the option
// is meant for development. By default clients read the documented sentence, unless the service attached a message
// for them.
func WithServerMessages() Option {
	return optionFunc(func(c *config) { c.serverMessages = true })
}

// WithStreamAbort aborts the connection of a stream that fails after its first message. Clients that ignore error
// chunks then notice the failure. By default the stream ends in an error chunk. Downloads (google.api.HttpBody) are
// always aborted.
func WithStreamAbort() Option {
	return optionFunc(func(c *config) { c.abortStreams = true })
}

// WithObserver calls observe after each error response, in the goroutine of the request. Several observers are called
// in the order of the options. By default none is called. It panics if observe is nil.
func WithObserver(observe func(context.Context, Observation)) Option {
	if observe == nil {
		panic("gateway: WithObserver(nil): nothing to call")
	}
	return optionFunc(func(c *config) { c.observers = append(c.observers, observe) })
}

// WithDetailsText makes a text for `details` from a team's own detail types. The function text is called with the
// status of each 4xx error that has details. Its result follows the service's own details text, and precedes the text
// of standard details. An empty result adds nothing. By default, clients do not read details of other types. It panics
// if text is nil.
func WithDetailsText(text func(*status.Status) string) Option {
	if text == nil {
		panic("gateway: WithDetailsText(nil): nothing to call")
	}
	return optionFunc(func(c *config) { c.detailsText = text })
}

// WithErrorTrailers names keys of trailer metadata, such as "x-request-id", that are sent as headers of an error. An
// error has a Content-Length, so it cannot have trailers. For streams, the connection needs [DialOptions]. By default,
// an error contains no trailer metadata. It panics if a key is not a header name, has the suffix -bin, or belongs to
// gRPC or to the framing of the message.
func WithErrorTrailers(keys ...string) Option {
	keys = slices.Clone(keys)
	for i, key := range keys {
		keys[i] = strings.ToLower(key)
		if !validFieldName(key) || !isForwarded(key) {
			panic(fmt.Sprintf("gateway: WithErrorTrailers(%q): not a key that can be sent as a header", key))
		}
	}
	return optionFunc(func(c *config) {
		for _, key := range keys {
			if !slices.Contains(c.errorTrailers, key) {
				c.errorTrailers = append(c.errorTrailers, key)
			}
		}
	})
}

// validFieldName reports whether a string is a token, like the name of a header (RFC 9110 section 5.1).
func validFieldName(name string) bool { return httpguts.ValidHeaderFieldName(name) }

func sortedKeys(set map[string]bool) []string { return slices.Sorted(maps.Keys(set)) }
