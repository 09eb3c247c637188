package plugin

import (
	"fmt"
	"slices"
	"strings"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/descriptorpb"

	v3options "github.com/grpc-ecosystem/grpc-gateway/v2/protoc-gen-openapiv3/options"
)

// ambiguousServices returns, by package, the names of the services that another package of the group has as well.
func (g *group) ambiguousServices() map[string][]string {
	packages := map[string][]string{}
	for _, part := range g.parts {
		for _, service := range part.file.GetService() {
			if pkg := part.file.GetPackage(); !slices.Contains(packages[service.GetName()], pkg) {
				packages[service.GetName()] = append(packages[service.GetName()], pkg)
			}
		}
	}
	ambiguous := map[string][]string{}
	for service, in := range packages {
		for _, pkg := range in {
			if len(in) > 1 {
				ambiguous[pkg] = append(ambiguous[pkg], service)
			}
		}
	}
	return ambiguous
}

// qualified returns the full name of a service.
func qualified(pkg, service string) string { return strings.TrimPrefix(pkg+"."+service, ".") }

// identify qualifies the generated tag and operationId of an operation if its service is ambiguous. An operationId that
// an annotation chose stays.
func (o *operation) identify(ambiguous map[string][]string) {
	service := o.method.Parent()
	pkg := string(o.method.ParentFile().Package())
	if !slices.Contains(ambiguous[pkg], string(service.Name())) {
		return
	}
	for i, name := range o.generated.Tags {
		if name == string(service.Name()) {
			o.generated.Tags[i] = qualified(pkg, name)
		}
	}
	if o.annotation.GetOperationId() == "" && pkg != "" {
		o.generated.OperationId = strings.ReplaceAll(pkg, ".", "_") + "_" + o.generated.OperationId
	}
}

// checkIDs returns an error if two operations have the same operationId. It names their methods.
func checkIDs(operations []*operation) error {
	first := map[string]*operation{}
	for _, o := range operations {
		id := o.generated.OperationId
		if other, taken := first[id]; taken {
			return fmt.Errorf("%s and %s have the operationId %s: choose another one with "+
				"openapiv3_operation.operation_id", other.binding, o.binding, id)
		}
		first[id] = o
	}
	return nil
}

// operationAnnotation returns what the options of a method say about its operations, nil if they say nothing.
func operationAnnotation(options *descriptorpb.MethodOptions) *v3options.Operation {
	operation, _ := proto.GetExtension(options, v3options.E_Openapiv3Operation).(*v3options.Operation)
	return operation
}
