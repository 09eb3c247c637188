package plugin

import (
	"cmp"
	"path"
	"slices"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/descriptorpb"
	"google.golang.org/protobuf/types/pluginpb"

	v2options "github.com/grpc-ecosystem/grpc-gateway/v2/protoc-gen-openapiv2/options"
	v3options "github.com/grpc-ecosystem/grpc-gateway/v2/protoc-gen-openapiv3/options"
)

// translateOpenAPIv2 writes the annotations of protoc-gen-openapiv2 as those of protoc-gen-openapiv3, which ignores the
// former. A member that the proto sets in both keeps the value of the latter.
func translateOpenAPIv2(request *pluginpb.CodeGeneratorRequest) {
	schemes := map[string]map[string]*v3options.SecurityScheme{} // by directory
	for _, file := range request.GetProtoFile() {
		directory := path.Dir(file.GetName())
		if schemes[directory] == nil {
			schemes[directory] = map[string]*v3options.SecurityScheme{}
		}
		for name, scheme := range swagger(file).GetSecurityDefinitions().GetSecurity() {
			schemes[directory][name] = securityScheme(scheme)
		}
	}
	for _, file := range request.GetProtoFile() {
		if !slices.Contains(request.GetFileToGenerate(), file.GetName()) {
			continue
		}
		tags := translateOperations(file)
		translateDocument(file, schemes[path.Dir(file.GetName())], tags)
	}
}

func swagger(file *descriptorpb.FileDescriptorProto) *v2options.Swagger {
	swagger, _ := proto.GetExtension(file.GetOptions(), v2options.E_Openapiv2Swagger).(*v2options.Swagger)
	return swagger
}

// translateDocument gives a file the annotation openapiv3_document. The schemes are those of the directory, because
// each proto of a document may use them, and the tags are those of the operations.
func translateDocument(
	file *descriptorpb.FileDescriptorProto, schemes map[string]*v3options.SecurityScheme, tags []string,
) {
	from := swagger(file)
	if from == nil && len(schemes) == 0 && len(tags) == 0 {
		return
	}
	to, _ := proto.GetExtension(file.GetOptions(), v3options.E_Openapiv3Document).(*v3options.Document)
	if to == nil {
		to = &v3options.Document{}
	}
	if to.Info == nil {
		to.Info = documentInfo(from.GetInfo())
	}
	if to.ExternalDocs == nil {
		to.ExternalDocs = externalDocs(from.GetExternalDocs())
	}
	if to.Security == nil {
		to.Security = security(from.GetSecurity())
	}
	if to.Extensions == nil {
		to.Extensions = from.GetExtensions()
	}
	for name, scheme := range schemes {
		if to.Components == nil {
			to.Components = &v3options.Components{}
		}
		if to.Components.SecuritySchemes == nil {
			to.Components.SecuritySchemes = map[string]*v3options.SecurityScheme{}
		}
		if to.Components.SecuritySchemes[name] == nil {
			to.Components.SecuritySchemes[name] = scheme
		}
	}
	declared := func(name string) bool {
		return slices.ContainsFunc(to.Tags, func(t *v3options.Tag) bool { return t.GetName() == name })
	}
	for _, tag := range from.GetTags() {
		if !declared(tag.GetName()) {
			to.Tags = append(to.Tags, &v3options.Tag{
				Name: tag.GetName(), Description: tag.GetDescription(),
				ExternalDocs: externalDocs(tag.GetExternalDocs()),
			})
		}
	}
	for _, name := range tags {
		isService := slices.ContainsFunc(file.GetService(),
			func(s *descriptorpb.ServiceDescriptorProto) bool { return s.GetName() == name })
		if !isService && !declared(name) {
			to.Tags = append(to.Tags, &v3options.Tag{Name: name})
		}
	}
	proto.SetExtension(file.Options, v3options.E_Openapiv3Document, to)
}

// translateOperations gives the methods of a file the annotation openapiv3_operation. It returns the tags that the
// annotations of protoc-gen-openapiv2 name, which need no declaration there.
func translateOperations(file *descriptorpb.FileDescriptorProto) []string {
	var tags []string
	for _, service := range file.GetService() {
		for _, method := range service.GetMethod() {
			from, _ := proto.GetExtension(method.GetOptions(), v2options.E_Openapiv2Operation).(*v2options.Operation)
			if from == nil {
				continue
			}
			to := operationAnnotation(method.GetOptions())
			if to == nil {
				to = &v3options.Operation{}
			}
			to.Summary = cmp.Or(to.Summary, from.GetSummary())
			to.Description = cmp.Or(to.Description, from.GetDescription())
			to.OperationId = cmp.Or(to.OperationId, from.GetOperationId())
			to.Deprecated = to.Deprecated || from.GetDeprecated()
			if to.Tags == nil {
				to.Tags = from.GetTags()
				tags = append(tags, from.GetTags()...)
			}
			if to.ExternalDocs == nil {
				to.ExternalDocs = externalDocs(from.GetExternalDocs())
			}
			if to.Security == nil {
				to.Security = security(from.GetSecurity())
			}
			if to.Extensions == nil {
				to.Extensions = from.GetExtensions()
			}
			proto.SetExtension(method.Options, v3options.E_Openapiv3Operation, to)
		}
	}
	return tags
}

func documentInfo(from *v2options.Info) *v3options.Info {
	if from == nil {
		return nil
	}
	to := &v3options.Info{
		Title: from.GetTitle(), Description: from.GetDescription(), TermsOfService: from.GetTermsOfService(),
		Version: from.GetVersion(), Extensions: from.GetExtensions(),
	}
	if c := from.GetContact(); c != nil {
		to.Contact = &v3options.Contact{Name: c.GetName(), Url: c.GetUrl(), Email: c.GetEmail()}
	}
	if l := from.GetLicense(); l.GetName() != "" {
		to.License = &v3options.License{Name: l.GetName()}
		if l.GetUrl() != "" {
			to.License.Source = &v3options.License_Url{Url: l.GetUrl()}
		}
	}
	return to
}

// externalDocs returns nil without a URL, because OpenAPI 3.1 requires it.
func externalDocs(from *v2options.ExternalDocumentation) *v3options.ExternalDocs {
	if from.GetUrl() == "" {
		return nil
	}
	return &v3options.ExternalDocs{Description: from.GetDescription(), Url: from.GetUrl()}
}
