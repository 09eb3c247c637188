package contracttest

import (
	"cmp"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"google.golang.org/genproto/googleapis/api/annotations"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"

	statusbridgev1 "github.com/statusbridge/statusbridge/gen/go/statusbridge/v1"
)

// A route is a method and a path that a server may have.
type route struct {
	method  string
	pattern string                        // the template of the rule
	path    string                        // a path that matches the template
	body    string                        // a request body that the route accepts
	object  bool                          // the body is a JSON object
	rpc     protoreflect.MethodDescriptor // nil for a route by hand that calls no linked method
	byHand  bool

	matches *regexp.Regexp
	literal int
}

func (r *route) String() string { return r.method + " " + r.pattern }

// grpcMethod returns the name of the gRPC method in the form /package.Service/Method.
func (r *route) grpcMethod() string {
	return "/" + string(r.rpc.Parent().FullName()) + "/" + string(r.rpc.Name())
}

func (r *route) serverStream() bool { return r.rpc.IsStreamingServer() }

func (r *route) clientStream() bool { return r.rpc.IsStreamingClient() }

// download reports whether the response is raw bytes.
func (r *route) download() bool {
	return r.rpc.Output().FullName() == "google.api.HttpBody"
}

// linkedRoutes returns the routes of the google.api.http rules of all services that are linked into the program.
func linkedRoutes() []route {
	var routes []route
	protoregistry.GlobalFiles.RangeFiles(func(file protoreflect.FileDescriptor) bool {
		for i := range file.Services().Len() {
			methods := file.Services().Get(i).Methods()
			for j := range methods.Len() {
				routes = append(routes, routesOf(methods.Get(j))...)
			}
		}
		return true
	})
	slices.SortStableFunc(routes, func(a, b route) int {
		return cmp.Or(strings.Compare(a.pattern, b.pattern), strings.Compare(a.method, b.method),
			strings.Compare(a.grpcMethod(), b.grpcMethod()))
	})
	return routes
}

func routesOf(method protoreflect.MethodDescriptor) []route {
	first, _ := proto.GetExtension(method.Options(), annotations.E_Http).(*annotations.HttpRule) // nil without a rule
	var routes []route
	for _, rule := range append([]*annotations.HttpRule{first}, first.GetAdditionalBindings()...) {
		verb, template := binding(rule)
		if template == "" {
			continue
		}
		r := route{method: verb, pattern: template, rpc: method, path: fill(template, method.Input())}
		r.body, r.object = sampleBody(rule.GetBody(), method.Input())
		r.matches, r.literal = matcher(template)
		routes = append(routes, r)
	}
	return routes
}

func binding(rule *annotations.HttpRule) (method, template string) {
	switch pattern := rule.GetPattern().(type) {
	case *annotations.HttpRule_Get:
		return http.MethodGet, pattern.Get
	case *annotations.HttpRule_Put:
		return http.MethodPut, pattern.Put
	case *annotations.HttpRule_Post:
		return http.MethodPost, pattern.Post
	case *annotations.HttpRule_Delete:
		return http.MethodDelete, pattern.Delete
	case *annotations.HttpRule_Patch:
		return http.MethodPatch, pattern.Patch
	case *annotations.HttpRule_Custom:
		return pattern.Custom.GetKind(), pattern.Custom.GetPath()
	default:
		return "", ""
	}
}

// declared returns the errors that a method declares with the option statusbridge.v1.errors.
func declared(method protoreflect.MethodDescriptor) []statusbridgev1.HttpStatus {
	statuses, _ := proto.GetExtension(method.Options(), statusbridgev1.E_Errors).([]statusbridgev1.HttpStatus)
	return statuses
}

// declaredSuccess returns the success status that a method declares, or 200 if it declares no success that is allowed.
func (r *route) declaredSuccess(c *config) int {
	success, _ := proto.GetExtension(r.rpc.Options(), statusbridgev1.E_Success).(statusbridgev1.HttpStatus)
	if status := int(success); isSuccess(status) && c.allowed[status] {
		return status
	}
	return http.StatusOK
}

// methodOf finds the linked method with a name such as /package.Service/Method, or returns nil.
func methodOf(full string) protoreflect.MethodDescriptor {
	name := strings.ReplaceAll(strings.TrimPrefix(full, "/"), "/", ".")
	found, err := protoregistry.GlobalFiles.FindDescriptorByName(protoreflect.FullName(name))
	if err != nil {
		return nil
	}
	method, _ := found.(protoreflect.MethodDescriptor)
	return method
}
