package plugin

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"google.golang.org/genproto/googleapis/api/annotations"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/pluginpb"

	v3options "github.com/grpc-ecosystem/grpc-gateway/v2/protoc-gen-openapiv3/options"
)

// binding is one pattern of a google.api.http rule.
type binding struct {
	method protoreflect.MethodDescriptor
	// verb is the HTTP method.
	verb string
	// path is the template as the proto has it.
	path string
	// body is the body field of the rule: empty, a field, or an asterisk.
	body string
	// annotation is what the proto says about the operations of the method, nil if it says nothing.
	annotation *v3options.Operation
}

// String returns the HTTP method and the path with the name of the gRPC method.
func (b *binding) String() string {
	return fmt.Sprintf("%s %s (%s)", b.verb, b.path, b.method.FullName())
}

// verbs are the methods that a Path Item Object of OpenAPI 3.1 can have.
var verbs = []string{"GET", "PUT", "POST", "DELETE", "OPTIONS", "HEAD", "PATCH", "TRACE"}

// describable reports whether OpenAPI 3.1 can describe the HTTP method.
func (b *binding) describable() bool { return slices.Contains(verbs, b.verb) }

// bindingPrefix starts every path that protoc-gen-openapiv3 reads. A number follows.
const bindingPrefix = "/statusbridge-binding-"

// markBindings puts a prefix with a number before each path in the request and returns the bindings by their numbers.
// With unique paths protoc-gen-openapiv3 writes one operation for each binding. Without them it replaces an operation
// by another one with the same path, and an operation cannot be traced back to its method.
func markBindings(request *pluginpb.CodeGeneratorRequest, files *protoregistry.Files) ([]*binding, error) {
	var bindings []*binding
	for _, file := range request.GetProtoFile() {
		if !slices.Contains(request.GetFileToGenerate(), file.GetName()) {
			continue
		}
		descriptor, err := files.FindFileByPath(file.GetName())
		if err != nil {
			return nil, err
		}
		for i, service := range file.GetService() {
			for j, method := range service.GetMethod() {
				rule, _ := proto.GetExtension(method.GetOptions(), annotations.E_Http).(*annotations.HttpRule)
				if rule == nil {
					continue
				}
				annotation := operationAnnotation(method.GetOptions())
				of := descriptor.Services().Get(i).Methods().Get(j)
				for _, rule := range append([]*annotations.HttpRule{rule}, rule.GetAdditionalBindings()...) {
					verb, path := pattern(rule)
					if path == nil || !strings.HasPrefix(*path, "/") {
						continue // protoc-gen-openapiv3 says why it refuses it
					}
					b := &binding{method: of, verb: verb, path: *path, body: rule.GetBody(), annotation: annotation}
					*path = strings.TrimSuffix(bindingPrefix+strconv.Itoa(len(bindings))+*path, "/")
					bindings = append(bindings, b)
				}
			}
		}
	}
	return bindings, nil
}

// pattern returns the HTTP method of a rule and a pointer to its path, or nil for a rule without a path.
func pattern(rule *annotations.HttpRule) (verb string, path *string) {
	switch p := rule.GetPattern().(type) {
	case *annotations.HttpRule_Get:
		return "GET", &p.Get
	case *annotations.HttpRule_Put:
		return "PUT", &p.Put
	case *annotations.HttpRule_Post:
		return "POST", &p.Post
	case *annotations.HttpRule_Delete:
		return "DELETE", &p.Delete
	case *annotations.HttpRule_Patch:
		return "PATCH", &p.Patch
	case *annotations.HttpRule_Custom:
		return p.Custom.GetKind(), &p.Custom.Path
	}
	return "", nil
}

var markedPath = regexp.MustCompile(`^` + bindingPrefix + `(\d+)(/.*)?$`)

// unmark returns the number of the binding of a path in a generated document, and the path without the prefix.
func unmark(path string, bindings int) (int, string, error) {
	parts := markedPath.FindStringSubmatch(path)
	if parts == nil {
		return 0, "", fmt.Errorf("%s wrote the unknown path %s", generator, path)
	}
	number, err := strconv.Atoi(parts[1])
	if err != nil || number >= bindings {
		return 0, "", fmt.Errorf("%s wrote the unknown path %s", generator, path)
	}
	return number, cmp.Or(parts[2], "/"), nil
}

var marks = regexp.MustCompile(bindingPrefix + `\d+`)

// withoutMarks returns a text of protoc-gen-openapiv3 with the paths as the proto has them.
func withoutMarks(text string) string { return marks.ReplaceAllString(text, "") }
