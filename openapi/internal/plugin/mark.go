package plugin

import (
	"path"
	"slices"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/descriptorpb"
	"google.golang.org/protobuf/types/known/structpb"
	"google.golang.org/protobuf/types/pluginpb"

	v3options "github.com/grpc-ecosystem/grpc-gateway/v2/protoc-gen-openapiv3/options"
)

// methodMark is the extension of an operation that holds the full name of its method. An operation cannot be known by
// its id or its path: annotations change the one, and the other is not written as in the proto.
const methodMark = "x-statusbridge-method"

// markMethods returns a copy of the request whose methods ask protoc-gen-openapiv3 for the mark. That plugin also wants to
// know a Go package of every file, which has no influence on what it writes.
func markMethods(request *pluginpb.CodeGeneratorRequest) *pluginpb.CodeGeneratorRequest {
	marked := proto.CloneOf(request)
	for _, file := range marked.GetProtoFile() {
		if file.GetOptions().GetGoPackage() == "" {
			if file.Options == nil {
				file.Options = &descriptorpb.FileOptions{}
			}
			file.Options.GoPackage = proto.String("openapi.invalid/" + path.Dir(file.GetName()))
		}
		if !slices.Contains(marked.GetFileToGenerate(), file.GetName()) {
			continue
		}
		for _, service := range file.GetService() {
			for _, method := range service.GetMethod() {
				name := service.GetName() + "." + method.GetName()
				if file.GetPackage() != "" {
					name = file.GetPackage() + "." + name
				}
				mark(method, name)
			}
		}
	}
	return marked
}

func mark(method *descriptorpb.MethodDescriptorProto, name string) {
	if method.Options == nil {
		method.Options = &descriptorpb.MethodOptions{}
	}
	operation, _ := proto.GetExtension(method.Options, v3options.E_Openapiv3Operation).(*v3options.Operation)
	if operation == nil {
		operation = &v3options.Operation{}
	}
	if operation.Extensions == nil {
		operation.Extensions = map[string]*structpb.Value{}
	}
	operation.Extensions[methodMark] = structpb.NewStringValue(name)
	proto.SetExtension(method.Options, v3options.E_Openapiv3Operation, operation)
}
