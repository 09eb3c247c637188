package plugin

import (
	"slices"

	"github.com/pb33f/libopenapi/datamodel/high/base"
	v3 "github.com/pb33f/libopenapi/datamodel/high/v3"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
)

// allowNull allows null for the properties that protojson writes as null when they are unset. It does so with
// EmitUnpopulated, which the marshaler of runtime.NewServeMux sets.
func allowNull(components *v3.Components, files *protoregistry.Files) {
	for name, proxy := range components.Schemas.FromOldest() {
		found, err := files.FindDescriptorByName(protoreflect.FullName(name))
		if err != nil {
			continue // a schema that protoc-gen-openapiv3 made up
		}
		message, ok := found.(protoreflect.MessageDescriptor)
		if !ok {
			continue
		}
		properties := proxy.Schema().Properties
		for i := range message.Fields().Len() {
			field := message.Fields().Get(i)
			// protojson omits unset fields of a oneof. The keyword optional makes such a oneof.
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

// orNull returns a schema that allows null as well. protoc-gen-openapiv3 writes a type, a reference with or without a
// description, or a wrapper around a reference. A schema with none of them allows anything already.
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
