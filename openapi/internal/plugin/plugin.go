// Package plugin makes the OpenAPI documents of protoc-gen-statusbridge-openapi. protoc-gen-openapiv3 writes paths,
// parameters and schemas, openapiv3-merge puts the documents of several files together, and this package completes
// them with what a gateway with package gateway answers: the declared success status, the documented errors with their
// body and their headers, and null where a response has it.
package plugin

import (
	"context"
	"fmt"
	"path"
	"slices"
	"strings"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/types/descriptorpb"
	"google.golang.org/protobuf/types/pluginpb"

	v3options "github.com/grpc-ecosystem/grpc-gateway/v2/protoc-gen-openapiv3/options"
)

// Generate returns the documents for a request of protoc or buf: one for each directory of protos, named openapi.json,
// or a single one under the name of the parameter document. The error says what is wrong with the protos or the
// parameter, or which program is missing.
func Generate(ctx context.Context, request *pluginpb.CodeGeneratorRequest) (*pluginpb.CodeGeneratorResponse, error) {
	options, err := parseParameter(request.GetParameter())
	if err != nil {
		return nil, err
	}
	files, err := protodesc.NewFiles(&descriptorpb.FileDescriptorSet{File: request.GetProtoFile()})
	if err != nil {
		return nil, fmt.Errorf("the descriptors: %w", err)
	}
	generated, err := generateOpenAPIv3(ctx, request, options.generator)
	if err != nil {
		return nil, err
	}
	response := &pluginpb.CodeGeneratorResponse{
		SupportedFeatures: generated.SupportedFeatures,
		MinimumEdition:    generated.MinimumEdition,
		MaximumEdition:    generated.MaximumEdition,
	}
	for _, group := range groups(request, generated, options.document) {
		document, err := mergeOpenAPIv3(ctx, group.parts)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", group.name, err)
		}
		completed, err := complete(document, group, files, options)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", group.name, err)
		}
		response.File = append(response.File, &pluginpb.CodeGeneratorResponse_File{
			Name: proto.String(group.name), Content: proto.String(string(completed)),
		})
	}
	return response, nil
}

// group is what becomes one document.
type group struct {
	name  string
	title string // for a document that no proto gives one
	parts []*pluginpb.CodeGeneratorResponse_File
}

// groups puts the documents of protoc-gen-openapiv3, one for each proto with a service, together by directory, or all of
// them under one name. The one whose proto describes the document comes first, because openapiv3-merge keeps its info.
func groups(request *pluginpb.CodeGeneratorRequest, generated *pluginpb.CodeGeneratorResponse, document string) []*group {
	parts := map[string]*pluginpb.CodeGeneratorResponse_File{}
	for _, part := range generated.GetFile() {
		parts[part.GetName()] = part
	}
	byName := map[string]*group{}
	var names []string
	for _, file := range request.GetProtoFile() {
		part, ok := parts[strings.TrimSuffix(file.GetName(), path.Ext(file.GetName()))+".openapi.json"]
		if !ok {
			continue
		}
		name := document
		if name == "" {
			name = path.Join(path.Dir(file.GetName()), "openapi.json")
		}
		g, ok := byName[name]
		if !ok {
			g = &group{name: name, title: file.GetPackage()}
			byName[name] = g
			names = append(names, name)
		}
		description, _ := proto.GetExtension(file.GetOptions(), v3options.E_Openapiv3Document).(*v3options.Document)
		if description == nil {
			g.parts = append(g.parts, part)
			continue
		}
		g.parts = slices.Insert(g.parts, 0, part)
		if description.GetInfo().GetTitle() != "" {
			g.title = ""
		}
	}
	all := make([]*group, len(names))
	for i, name := range names {
		all[i] = byName[name]
	}
	return all
}
