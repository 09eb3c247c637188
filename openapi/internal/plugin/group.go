package plugin

import (
	"cmp"
	"path"
	"slices"
	"strings"

	"github.com/pb33f/libopenapi"
	v3 "github.com/pb33f/libopenapi/datamodel/high/v3"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/descriptorpb"
	"google.golang.org/protobuf/types/pluginpb"

	v3options "github.com/grpc-ecosystem/grpc-gateway/v2/protoc-gen-openapiv3/options"
)

// group is the protos that share one document.
type group struct {
	name  string
	parts []*part
}

// part is the generated document of one proto.
type part struct {
	file    *descriptorpb.FileDescriptorProto
	content string
}

// annotation returns what the proto says about its document, nil if it says nothing.
func (p *part) annotation() *v3options.Document {
	document, _ := proto.GetExtension(p.file.GetOptions(), v3options.E_Openapiv3Document).(*v3options.Document)
	return document
}

// groups puts the documents of protoc-gen-openapiv3 together by directory, or all of them if there is a name for the
// document. The groups and their parts have the order of the request.
func groups(
	request *pluginpb.CodeGeneratorRequest, generated *pluginpb.CodeGeneratorResponse, document string,
) []*group {
	contents := map[string]string{}
	for _, file := range generated.GetFile() {
		contents[file.GetName()] = file.GetContent()
	}
	var all []*group
	for _, file := range request.GetProtoFile() {
		content, ok := contents[strings.TrimSuffix(file.GetName(), path.Ext(file.GetName()))+".openapi.json"]
		if !ok {
			continue
		}
		name := document
		if name == "" {
			name = path.Join(path.Dir(file.GetName()), "openapi.json")
		}
		i := slices.IndexFunc(all, func(g *group) bool { return g.name == name })
		if i < 0 {
			i = len(all)
			all = append(all, &group{name: name})
		}
		all[i].parts = append(all[i].parts, &part{file: file, content: content})
	}
	return all
}

// described returns the first part whose proto says something about the document as a whole, or else the first part.
func (g *group) described() *part {
	for _, p := range g.parts {
		if p.annotation().GetInfo() != nil {
			return p
		}
	}
	return g.parts[0]
}

// document returns the merged and completed document of a group.
func (g *group) document(bindings []*binding, files *protoregistry.Files, o *options) ([]byte, error) {
	merged, err := g.merge()
	if err != nil {
		return nil, err
	}
	read, err := libopenapi.NewDocument(merged)
	if err != nil {
		return nil, err
	}
	built, err := read.BuildV3Model()
	if err != nil {
		return nil, err
	}
	model := &built.Model
	info := g.described()
	model.Info.Title = cmp.Or(info.annotation().GetInfo().GetTitle(), info.file.GetPackage())
	if model.Components == nil {
		model.Components = &v3.Components{}
	}
	if o.emitUnpopulated {
		allowNull(model.Components, files)
	}
	if err := addErrors(model.Components); err != nil {
		return nil, err
	}
	operations, err := operationsOf(model.Paths, bindings)
	if err != nil {
		return nil, err
	}
	ambiguous := g.ambiguousServices()
	for _, operation := range operations {
		operation.identify(ambiguous)
		if o.commaArrays {
			joinArrays(operation.generated)
		}
		if err := operation.setResponses(); err != nil {
			return nil, err
		}
	}
	if err := checkIDs(operations); err != nil {
		return nil, err
	}
	if err := setPaths(model.Paths, operations); err != nil {
		return nil, err
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
