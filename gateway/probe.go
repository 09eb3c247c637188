package gateway

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"sync"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/genproto/googleapis/api/annotations"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
)

// probe is the ResponseWriter of a request that asks the mux whether it has a route. The outermost middleware or a
// routing error answers it, so that it never reaches a handler.
type probe struct {
	headerSink
	mux     *runtime.ServeMux
	request *http.Request
	refused bool
	pattern string // the route that was found
}

// found notes the route of the request that the mux gave the outermost middleware.
func (p *probe) found(r *http.Request) {
	if pattern, ok := runtime.HTTPPattern(r.Context()); ok {
		p.pattern = pattern.String()
	}
}

// probe returns a probe for a path. Its request has no headers and no body, so that a route depends on nothing but the
// method and the path.
func (h *hooks) probe(ctx context.Context, path, rawPath string) *probe {
	request := &http.Request{
		URL: &url.URL{Path: path, RawPath: rawPath}, Header: http.Header{}, Body: http.NoBody,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
	}
	return &probe{headerSink: headerSink{}, mux: h.mux, request: request.WithContext(ctx)}
}

// route asks the mux for the route of a method.
func (p *probe) route(method string) (pattern string, ok bool) {
	p.request.Method, p.refused, p.pattern = method, false, ""
	p.mux.ServeHTTP(p, p.request)
	return p.pattern, !p.refused
}

// allowed returns the Allow header of a path: the methods that are bound to it, sorted. It asks for the methods of RFC
// 9110 section 9 and RFC 5789, and for the custom ones of linked google.api.http rules.
// Refused is the method of a request that matched no route, or empty.
func (h *hooks) allowed(r *http.Request, path, rawPath, refused string) string {
	var allowed []string
	p := h.probe(r.Context(), path, rawPath)
	for _, method := range methods() {
		if method == refused {
			continue
		}
		if _, ok := p.route(method); ok {
			allowed = append(allowed, method)
		}
	}
	return strings.Join(allowed, ", ")
}

// methods returns the sorted methods that a route may have.
var methods = sync.OnceValue(func() []string {
	set := map[string]bool{}
	for _, method := range []string{
		http.MethodConnect, http.MethodDelete, http.MethodGet, http.MethodHead, http.MethodOptions, http.MethodPatch,
		http.MethodPost, http.MethodPut, http.MethodTrace,
	} {
		set[method] = true
	}
	eachRule(func(_ protoreflect.MethodDescriptor, rule *annotations.HttpRule) {
		if custom := rule.GetCustom(); custom != nil && custom.GetKind() != "*" {
			set[custom.GetKind()] = true
		}
	})
	return sortedKeys(set)
})

// eachRule calls visit for each linked google.api.http rule and its additional bindings.
func eachRule(visit func(protoreflect.MethodDescriptor, *annotations.HttpRule)) {
	protoregistry.GlobalFiles.RangeFiles(func(file protoreflect.FileDescriptor) bool {
		for i := range file.Services().Len() {
			service := file.Services().Get(i)
			for j := range service.Methods().Len() {
				method := service.Methods().Get(j)
				rule, ok := proto.GetExtension(method.Options(), annotations.E_Http).(*annotations.HttpRule)
				if !ok || rule == nil {
					continue
				}
				visit(method, rule)
				for _, additional := range rule.GetAdditionalBindings() {
					visit(method, additional)
				}
			}
		}
		return true
	})
}
