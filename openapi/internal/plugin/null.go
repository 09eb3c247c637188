package plugin

import (
	"slices"

	"github.com/pb33f/libopenapi/datamodel/high/base"
	v3 "github.com/pb33f/libopenapi/datamodel/high/v3"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
)

// allowNull lets the properties of the components be null that protojson writes as null when they are not set and
// EmitUnpopulated is on, as it is in the marshaler of runtime.NewServeMux.
func allowNull(components *v3.Components, files *protoregistry.Files) {
	for name, proxy := range components.Schemas.FromOldest() {
		found, err := files.FindDescriptorByName(protoreflect.FullName(name))
		if err != nil {
			continue // not everything that protoc-gen-openapiv3 names is a message
		}
		message, ok := found.(protoreflect.MessageDescriptor)
		if !ok {
			continue
		}
		properties := proxy.Schema().Properties
		for i := range message.Fields().Len() {
			field := message.Fields().Get(i)
			// protojson leaves out what is in a oneof, which a field with the keyword optional is as well.
			if !field.HasPresence() || field.ContainingOneof() != nil {
				continue
			}
			if property := properties.GetOrZero(field.JSONName()); property != nil {
				properties.Set(field.JSONName(), orNull(property))
			}
		}
	}
}

const null = "null"

// orNull returns a schema that allows null beside what a schema of protoc-gen-openapiv3 allows: one with a type, a
// reference with or without a description beside it, or a wrapper around a reference. What has neither allows anything.
func orNull(property *base.SchemaProxy) *base.SchemaProxy {
	var referred *base.SchemaProxy
	choice := &base.Schema{}
	if property.IsReference() {
		referred = base.CreateSchemaProxyRef(property.GetReference())
		if property.IsTransformedRefWithSiblings() {
			choice.Description = property.Schema().Description
		}
	} else {
		choice = property.Schema()
		switch {
		case len(choice.Type) > 0 && !slices.Contains(choice.Type, null):
			choice.Type = append(choice.Type, null)
			return property
		case len(choice.AllOf) != 1:
			return property
		}
		referred, choice.AllOf = choice.AllOf[0], nil
	}
	choice.AnyOf = []*base.SchemaProxy{referred, base.CreateSchemaProxy(&base.Schema{Type: []string{null}})}
	return base.CreateSchemaProxy(choice)
}
