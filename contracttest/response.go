package contracttest

import (
	"net/http"
	"slices"
	"strings"
)

// Violations returns the violations of one response, by the rules that need only a response. body is the complete body,
// which may have been read from response.Body before. If response.Request is set, its method and path count too.
//
// The result is empty for a response of gRPC, gRPC-Web or Connect.
func Violations(response *http.Response, body []byte, options ...Option) []Violation {
	x := newExchange(newConfig(options), response, body, true)
	x.checkResponse()
	x.checkRaw()
	return x.violations
}

func newExchange(c *config, response *http.Response, body []byte, whole bool) *exchange {
	return &exchange{
		config: c, request: response.Request, status: response.StatusCode,
		header: canonical(response.Header), trailer: canonical(response.Trailer), body: body, whole: whole,
		decoded: response.Uncompressed, proto: response.Proto,
	}
}

// checkResponse applies the rules that hold for a response wherever it was received.
func (x *exchange) checkResponse() {
	if x.otherProtocol() {
		return
	}
	if x.status < 200 {
		return // the contract is about final responses
	}
	if !x.config.allowed[x.status] && !x.config.mapped[x.status] {
		x.breaks(ruleStatus, "the status %d is not documented", x.status)
	}
	x.checkKeys()
	x.checkOnce()
	if x.header.Get("Retry-After") != "" {
		x.checkRetryAfter()
	}
	if x.status == http.StatusNoContent {
		x.checkEmpty()
	}
	if isError(x.status) {
		x.checkError()
	}
}

func (x *exchange) checkError() {
	if got := x.header.Values("Content-Type"); len(got) == 0 || got[0] != "application/json" {
		x.breaks(ruleMediaType, "the Content-Type is %q", strings.Join(got, ", "))
	}
	x.checkLength()
	switch x.status {
	case http.StatusUnauthorized:
		x.checkChallenge()
	case http.StatusMethodNotAllowed:
		x.checkAllow()
	}
	x.checkStale()
	x.checkBody()
	x.checkDeclared()
}

// checkEmpty judges a 204.
func (x *exchange) checkEmpty() {
	if len(x.body) > 0 {
		x.breaks(ruleEmpty, "a 204 has a body")
	}
	for _, name := range []string{"Content-Type", "Content-Length"} {
		if values := x.header.Values(name); len(values) > 0 {
			x.breaks(ruleEmpty, "a 204 has a %s", name)
		}
	}
}

// checkRaw applies the rules that a server repairs, so that they show only in what the handler wrote.
func (x *exchange) checkRaw() {
	if x.otherProtocol() || x.status < 200 {
		return
	}
	if values := x.header["Transfer-Encoding"]; len(values) > 0 {
		x.breaks(ruleFraming, "the handler set Transfer-Encoding: %s", strings.Join(values, ", "))
	}
	for name, values := range x.header {
		if name == "" || !isToken(strings.TrimPrefix(name, http.TrailerPrefix)) {
			x.breaks(ruleHeaderSyntax, "%q is not a header name", name)
		}
		if slices.ContainsFunc(values, func(value string) bool { return !isFieldValue(value) }) {
			x.breaks(ruleHeaderSyntax, "the value of %s is not valid: %q", name, values)
		}
	}
	if x.isHead() && isError(x.status) && len(x.body) > 0 {
		x.breaks(ruleHead, "the error answers HEAD and has a body")
	}
}

// otherProtocol reports whether the exchange is gRPC, gRPC-Web or Connect.
func (x *exchange) otherProtocol() bool {
	if isRPC(x.header.Get("Content-Type")) {
		return true
	}
	return x.request != nil && (isRPC(x.request.Header.Get("Content-Type")) ||
		x.request.Header.Get("Connect-Protocol-Version") != "" || x.request.URL.Query().Has("connect"))
}

func isRPC(mediaType string) bool {
	return strings.HasPrefix(mediaType, "application/grpc") || strings.HasPrefix(mediaType, "application/connect+")
}
