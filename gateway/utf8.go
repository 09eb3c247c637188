package gateway

import (
	"net/http"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/genproto/googleapis/api/annotations"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/reflect/protoreflect"
)

var errInvalidUTF8 = status.Error(codes.InvalidArgument, "the request has a text that is not valid UTF-8")

// hasInvalidUTF8 reports whether a path or query parameter of an RPC is not UTF-8. A connection would refuse the
// message, and a service in this process would get it. Parameters of handlers that were registered with HandlePath are
// not checked.
func hasInvalidUTF8(r *http.Request, pathParams map[string]string) bool {
	if !utf8.ValidString(r.URL.Path) {
		for name, value := range pathParams {
			if !utf8.ValidString(value) && isText(methodOf(r), name) {
				return true
			}
		}
	}
	if !strings.Contains(r.URL.RawQuery, "%") && utf8.ValidString(r.URL.RawQuery) {
		return false
	}
	for name, values := range r.URL.Query() {
		if !utf8.ValidString(strings.Join(values, "")) && isText(methodOf(r), name) {
			return true
		}
	}
	return false
}

// isText reports whether a parameter sets a text field of the method's request. grpc-gateway ignores a parameter that
// names no field, and refuses a malformed number.
func isText(method protoreflect.MethodDescriptor, parameter string) bool {
	if method == nil {
		return false
	}
	message := method.Input()
	var field protoreflect.FieldDescriptor
	for name := range strings.SplitSeq(parameter, ".") {
		if message == nil {
			return false
		}
		name, _, _ = strings.Cut(name, "[")
		fields := message.Fields()
		if field = fields.ByName(protoreflect.Name(name)); field == nil {
			field = fields.ByJSONName(name)
		}
		if field == nil {
			return false
		}
		message = field.Message()
	}
	if message != nil { // FieldMask, StringValue and the like are written as a text
		return field.IsMap() || message.ParentFile().Package() == "google.protobuf"
	}
	return field.Kind() == protoreflect.StringKind
}

// methodOf returns the method of the google.api.http rule that the request's route was made from, or nil.
func methodOf(r *http.Request) protoreflect.MethodDescriptor {
	pattern, ok := runtime.HTTPPattern(r.Context())
	if !ok {
		return nil
	}
	return rules()[binding{r.Method, plainTemplate(pattern.String())}]
}

// rules returns the method of each linked google.api.http rule.
var rules = sync.OnceValue(func() map[binding]protoreflect.MethodDescriptor {
	found := map[binding]protoreflect.MethodDescriptor{}
	eachRule(func(method protoreflect.MethodDescriptor, rule *annotations.HttpRule) {
		var b binding
		switch pattern := rule.GetPattern().(type) {
		case *annotations.HttpRule_Get:
			b = binding{http.MethodGet, pattern.Get}
		case *annotations.HttpRule_Put:
			b = binding{http.MethodPut, pattern.Put}
		case *annotations.HttpRule_Post:
			b = binding{http.MethodPost, pattern.Post}
		case *annotations.HttpRule_Delete:
			b = binding{http.MethodDelete, pattern.Delete}
		case *annotations.HttpRule_Patch:
			b = binding{http.MethodPatch, pattern.Patch}
		case *annotations.HttpRule_Custom:
			b = binding{pattern.Custom.GetKind(), pattern.Custom.GetPath()}
		}
		b.template = plainTemplate(b.template)
		found[b] = method
	})
	return found
})
