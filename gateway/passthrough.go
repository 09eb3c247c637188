package gateway

import (
	"fmt"
	"net/http"
	"path"
	"strings"
)

// WithPassthrough names requests that [Bridge.Handler] does not change. Use it for other protocols (OAuth, OTLP, SCIM),
// and for errors that programs read (health probes). Patterns have the syntax of http.ServeMux: "/oauth/" matches
// everything below that path, and "GET /healthz" matches one method of one path. gRPC, gRPC-Web and Connect requests
// always pass. By default no other request does. It panics if a pattern is invalid, matches no request, or conflicts
// with another one of the same call.
func WithPassthrough(patterns ...string) Option {
	matcher := http.NewServeMux()
	for _, pattern := range patterns {
		handle(matcher, pattern)
	}
	return optionFunc(func(c *config) { c.passthrough = append(c.passthrough, matcher) })
}

func handle(matcher *http.ServeMux, pattern string) {
	defer func() {
		if v := recover(); v != nil {
			panic(fmt.Sprintf("gateway: WithPassthrough(%q): %v", pattern, v))
		}
	}()
	if matchesNothing(pattern) {
		panic("no request matches it: want a method in upper case, a host without a port, and a clean path")
	}
	matcher.HandleFunc(pattern, func(http.ResponseWriter, *http.Request) {})
}

// matchesNothing reports whether http.ServeMux accepts a pattern that it never matches.
func matchesNothing(pattern string) bool {
	method, rest, ok := strings.Cut(pattern, " ")
	if !ok {
		method, rest = "", pattern
	}
	host, address, _ := strings.Cut(strings.TrimLeft(rest, " \t"), "/")
	clean := path.Clean("/" + address)
	if clean != "/" && strings.HasSuffix(address, "/") {
		clean += "/"
	}
	return method != strings.ToUpper(method) || strings.Contains(host, ":") || clean != "/"+address
}

// passes reports whether a request belongs to another protocol.
func (c *config) passes(r *http.Request) bool {
	if isRPC(r) {
		return true
	}
	for _, matcher := range c.passthrough {
		if _, pattern := matcher.Handler(r); pattern != "" {
			return true
		}
	}
	return false
}

// isRPC reports whether a request speaks gRPC, gRPC-Web or Connect. A unary Connect request is known by its version
// header or query parameter, which clients of the protocol send.
func isRPC(r *http.Request) bool {
	if len(r.Header["Connect-Protocol-Version"]) > 0 {
		return true
	}
	if contentType := r.Header["Content-Type"]; len(contentType) > 0 {
		mediaType := strings.ToLower(contentType[0])
		if rest, ok := strings.CutPrefix(mediaType, "application/grpc"); ok &&
			(rest == "" || strings.ContainsRune("+-; ", rune(rest[0]))) {
			return true
		}
		if strings.HasPrefix(mediaType, "application/connect+") {
			return true
		}
	}
	return r.Method == http.MethodGet && strings.Contains(r.URL.RawQuery, "connect=v1") &&
		r.URL.Query().Get("connect") == "v1"
}
