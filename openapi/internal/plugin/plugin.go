// Package plugin makes the OpenAPI documents of protoc-gen-statusbridge-openapi. protoc-gen-openapiv3 writes paths,
// parameters and schemas for each proto. This package merges its documents and adds the responses that a gateway with
// package gateway sends: the declared success status and the documented errors.
package plugin

import (
	"context"
	"fmt"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/types/descriptorpb"
	"google.golang.org/protobuf/types/pluginpb"
)

// Generate returns the documents for a request of protoc or buf. There is one document for each directory of protos,
// named openapi.json, or a single one with the name in the parameter document. The warnings name bindings that OpenAPI
// cannot describe. The error describes a mistake in the protos or the parameter, or names a missing program.
func Generate(ctx context.Context, request *pluginpb.CodeGeneratorRequest) (
	response *pluginpb.CodeGeneratorResponse, warnings []string, err error,
) {
	options, err := parseParameter(request.GetParameter())
	if err != nil {
		return nil, nil, err
	}
	files, err := protodesc.NewFiles(&descriptorpb.FileDescriptorSet{File: request.GetProtoFile()})
	if err != nil {
		return nil, nil, fmt.Errorf("the descriptors: %w", err)
	}
	prepared := proto.CloneOf(request)
	setGoPackages(prepared)
	translateOpenAPIv2(prepared)
	bindings, err := markBindings(prepared, files)
	if err != nil {
		return nil, nil, err
	}
	for _, b := range bindings {
		if !b.describable() {
			warnings = append(warnings, fmt.Sprintf("%s is left out: OpenAPI 3.1 has no such method", b))
			continue
		}
		if err := b.checkQuery(options.visible); err != nil {
			return nil, nil, err
		}
	}
	generated, err := generateOpenAPIv3(ctx, prepared, options.generator)
	if err != nil {
		return nil, nil, err
	}
	response = &pluginpb.CodeGeneratorResponse{
		SupportedFeatures: generated.SupportedFeatures,
		MinimumEdition:    generated.MinimumEdition,
		MaximumEdition:    generated.MaximumEdition,
	}
	for _, group := range groups(prepared, generated, options.document) {
		document, err := group.document(bindings, files, options)
		if err != nil {
			return nil, nil, fmt.Errorf("%s: %w", group.name, err)
		}
		response.File = append(response.File, &pluginpb.CodeGeneratorResponse_File{
			Name: proto.String(group.name), Content: proto.String(string(document)),
		})
	}
	return response, warnings, nil
}

// setGoPackages gives all files the same Go package, which does not affect the document. protoc-gen-openapiv3 otherwise
// refuses a file whose Go package is missing or is not an import path.
func setGoPackages(request *pluginpb.CodeGeneratorRequest) {
	for _, file := range request.GetProtoFile() {
		if file.Options == nil {
			file.Options = &descriptorpb.FileOptions{}
		}
		file.Options.GoPackage = proto.String("openapi.invalid/protos;protos")
	}
}
