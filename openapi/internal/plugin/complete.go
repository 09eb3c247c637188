package plugin

import (
	"fmt"

	"github.com/pb33f/libopenapi"
	v3 "github.com/pb33f/libopenapi/datamodel/high/v3"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
)

// complete returns a document of protoc-gen-openapiv3, made from a marked request, with everything that it lacks.
func complete(document []byte, g *group, files *protoregistry.Files, o *options) ([]byte, error) {
	read, err := libopenapi.NewDocument(document)
	if err != nil {
		return nil, err
	}
	built, err := read.BuildV3Model()
	if err != nil {
		return nil, err
	}
	model := &built.Model
	if g.title != "" {
		model.Info.Title = g.title
	}
	if model.Components == nil {
		model.Components = &v3.Components{}
	}
	if o.emitUnpopulated {
		allowNull(model.Components, files)
	}
	if err := addErrors(model.Components); err != nil {
		return nil, err
	}
	if err := unifyPaths(model.Paths); err != nil {
		return nil, err
	}
	for _, item := range model.Paths.PathItems.FromOldest() {
		for _, operation := range item.GetOperations().FromOldest() {
			method, err := methodOf(operation, files)
			if err != nil {
				return nil, err
			}
			if err := completeOperation(operation, method); err != nil {
				return nil, err
			}
		}
	}
	if err := prune(model); err != nil {
		return nil, err
	}
	out, err := model.RenderJSON("  ")
	if err != nil {
		return nil, err
	}
	return append(out, '\n'), nil
}

// methodOf takes the mark off an operation.
func methodOf(operation *v3.Operation, files *protoregistry.Files) (protoreflect.MethodDescriptor, error) {
	mark, ok := operation.Extensions.Get(methodMark)
	if !ok {
		return nil, fmt.Errorf("the operation %s has lost its method", operation.OperationId)
	}
	operation.Extensions.Delete(methodMark)
	found, err := files.FindDescriptorByName(protoreflect.FullName(mark.Value))
	if err != nil {
		return nil, err
	}
	return found.(protoreflect.MethodDescriptor), nil
}
