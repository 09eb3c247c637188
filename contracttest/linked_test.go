package contracttest_test

import (
	"fmt"

	"google.golang.org/genproto/googleapis/api/annotations"
	_ "google.golang.org/genproto/googleapis/api/httpbody" // link registers a file that imports httpbody.proto
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/descriptorpb"
	"google.golang.org/protobuf/types/dynamicpb"
	_ "google.golang.org/protobuf/types/known/anypb" // and the files of these packages
	_ "google.golang.org/protobuf/types/known/durationpb"
	_ "google.golang.org/protobuf/types/known/emptypb"
	_ "google.golang.org/protobuf/types/known/fieldmaskpb"
	_ "google.golang.org/protobuf/types/known/structpb"
	_ "google.golang.org/protobuf/types/known/timestamppb"
	_ "google.golang.org/protobuf/types/known/wrapperspb"

	statusbridgev1 "github.com/statusbridge/statusbridge/gen/go/statusbridge/v1"
)

// A linkedMethod is a method of the service contracttest.linked.LinkedService, which exists only in these tests.
type linkedMethod struct {
	rule    *annotations.HttpRule
	raw     bool // the request is a google.api.HttpBody
	success statusbridgev1.HttpStatus
	errors  []statusbridgev1.HttpStatus
}

// rules returns the rule of a method with its additional bindings.
func (m linkedMethod) rules() []*annotations.HttpRule {
	return append([]*annotations.HttpRule{m.rule}, m.rule.GetAdditionalBindings()...)
}

func get(template string) *annotations.HttpRule {
	return &annotations.HttpRule{Pattern: &annotations.HttpRule_Get{Get: template}}
}

// post binds a field of the request to the body.
func post(template, body string) *annotations.HttpRule {
	return &annotations.HttpRule{Pattern: &annotations.HttpRule_Post{Post: template}, Body: body}
}

func custom(method, template string) *annotations.HttpRule {
	return &annotations.HttpRule{Pattern: &annotations.HttpRule_Custom{
		Custom: &annotations.CustomHttpPattern{Kind: method, Path: template},
	}}
}

// declaring lists methods that declare their errors.
var declaring = []linkedMethod{
	{rule: get("/contracttest/v1/declared/{text}"), errors: []statusbridgev1.HttpStatus{404}},
	{rule: get("/contracttest/v1/declared/special"), errors: []statusbridgev1.HttpStatus{409}},
	{rule: get("/contracttest/v1/declared/{text=a/*/b/**}"), errors: []statusbridgev1.HttpStatus{403}},
	{rule: get("/contracttest/v1/declared/*/x.y:stop"), errors: []statusbridgev1.HttpStatus{401}},
	{rule: get("/contracttest/v1/declared/*/end"), errors: []statusbridgev1.HttpStatus{404}},
	{rule: get("/contracttest/v1/declared/deep/end"), errors: []statusbridgev1.HttpStatus{409}},
}

// choosing lists methods that declare the status of their success: one that is allowed, an error, and one that needs
// WithExtraStatuses.
var choosing = []linkedMethod{
	{rule: get("/contracttest/v1/success/accepted"), success: 202},
	{rule: get("/contracttest/v1/success/missing"), success: 404},
	{rule: get("/contracttest/v1/success/created"), success: 201},
}

// inPath lists the fields that grpc-gateway reads from a path.
var inPath = []string{
	"flag", "data", "kind", "number", "text", "time", "wait", "maybe", "blob", "count", "note", "mask", "ratio",
}

// inBody lists the fields of every kind that a body can have.
var inBody = append([]string{
	"list", "value", "object", "any", "nothing", "raw", "nested", "names", "labels",
}, inPath...)

// routing lists methods with every form of a template, and with bodies of every kind.
var routing = func() []linkedMethod {
	rules := []*annotations.HttpRule{
		get("/contracttest/v1/nested/{nested.nested.number}"),
		get("/contracttest/v1/several/{text}/and/{number}"),
		get("/contracttest/v1/named/{text=projects/*/things/*}"),
		get("/contracttest/v1/named/{text=projects/*}/more/{number}"),
		get("/contracttest/v1/files/{text=**}"),
		get("/contracttest/v1/star/*/end"),
		get("/contracttest/v1/rest/**"),
		get("/contracttest/v1/verb/{text}:stop"),
		get("/contracttest/v1/verb/{text=a/*}:stop"),
		post("/contracttest/v1/whole", "*"),
		{Pattern: &annotations.HttpRule_Put{Put: "/contracttest/v1/methods"}, Body: "*"},
		{Pattern: &annotations.HttpRule_Patch{Patch: "/contracttest/v1/methods"}, Body: "*"},
		{Pattern: &annotations.HttpRule_Delete{Delete: "/contracttest/v1/methods"}},
		custom("PURGE", "/contracttest/v1/methods"),
		{
			Pattern: &annotations.HttpRule_Get{Get: "/contracttest/v1/first"},
			AdditionalBindings: []*annotations.HttpRule{
				get("/contracttest/v1/second"), post("/contracttest/v1/first", "text"),
			},
		},
	}
	for _, field := range inPath {
		rules = append(rules, get("/contracttest/v1/path/"+field+"/{"+field+"}"))
	}
	for _, field := range inBody {
		rules = append(rules, post("/contracttest/v1/body/"+field, field))
	}
	var methods []linkedMethod
	for _, rule := range rules {
		methods = append(methods, linkedMethod{rule: rule})
	}
	return append(methods, linkedMethod{rule: post("/contracttest/v1/upload", "*"), raw: true})
}()

// unserved lists methods whose rules no gateway can serve, and a method without a rule.
var unserved = []linkedMethod{
	{rule: get("/contracttest/v1/unknown/{missing}/{text.sub}")},
	{rule: post("/contracttest/v1/body/missing", "missing")},
	{rule: &annotations.HttpRule{}},
	{},
}

// linked lists the methods of the service.
var linked = func() []linkedMethod {
	var all []linkedMethod
	for _, some := range [][]linkedMethod{declaring, choosing, routing, unserved} {
		all = append(all, some...)
	}
	return all
}()

// service describes the service. Run finds its methods, but only the server of dynamic serves them.
var service = link()

// link registers a file with the service. Its type of request has fields of every kind.
func link() protoreflect.ServiceDescriptor {
	const request = ".contracttest.linked.Request"
	message, str := descriptorpb.FieldDescriptorProto_TYPE_MESSAGE, descriptorpb.FieldDescriptorProto_TYPE_STRING
	fields := []struct {
		name, of string
		kind     descriptorpb.FieldDescriptorProto_Type
	}{
		{"flag", "", descriptorpb.FieldDescriptorProto_TYPE_BOOL},
		{"data", "", descriptorpb.FieldDescriptorProto_TYPE_BYTES},
		{"kind", ".contracttest.linked.Kind", descriptorpb.FieldDescriptorProto_TYPE_ENUM},
		{"number", "", descriptorpb.FieldDescriptorProto_TYPE_INT64},
		{"ratio", "", descriptorpb.FieldDescriptorProto_TYPE_DOUBLE},
		{"text", "", str},
		{"names", "", str},
		{"labels", request + ".LabelsEntry", message},
		{"nested", request, message},
		{"time", ".google.protobuf.Timestamp", message},
		{"wait", ".google.protobuf.Duration", message},
		{"maybe", ".google.protobuf.BoolValue", message},
		{"blob", ".google.protobuf.BytesValue", message},
		{"count", ".google.protobuf.Int32Value", message},
		{"note", ".google.protobuf.StringValue", message},
		{"mask", ".google.protobuf.FieldMask", message},
		{"list", ".google.protobuf.ListValue", message},
		{"value", ".google.protobuf.Value", message},
		{"object", ".google.protobuf.Struct", message},
		{"any", ".google.protobuf.Any", message},
		{"nothing", ".google.protobuf.Empty", message},
		{"raw", ".google.api.HttpBody", message},
	}
	labels := &descriptorpb.DescriptorProto{
		Name: proto.String("LabelsEntry"), Options: &descriptorpb.MessageOptions{MapEntry: proto.Bool(true)},
		Field: []*descriptorpb.FieldDescriptorProto{field("key", 1, str, ""), field("value", 2, str, "")},
	}
	described := &descriptorpb.DescriptorProto{
		Name: proto.String("Request"), NestedType: []*descriptorpb.DescriptorProto{labels},
	}
	zero := &descriptorpb.EnumValueDescriptorProto{Name: proto.String("KIND_UNSPECIFIED"), Number: proto.Int32(0)}
	for i, f := range fields {
		described.Field = append(described.Field, field(f.name, int32(i+1), f.kind, f.of))
		if f.name == "names" || f.name == "labels" {
			described.Field[i].Label = descriptorpb.FieldDescriptorProto_LABEL_REPEATED.Enum()
		}
	}
	methods := make([]*descriptorpb.MethodDescriptorProto, 0, len(linked))
	for i, method := range linked {
		options := &descriptorpb.MethodOptions{}
		if method.rule != nil {
			proto.SetExtension(options, annotations.E_Http, method.rule)
		}
		if method.success != 0 {
			proto.SetExtension(options, statusbridgev1.E_Success, method.success)
		}
		if method.errors != nil {
			proto.SetExtension(options, statusbridgev1.E_Errors, method.errors)
		}
		input := request
		if method.raw {
			input = ".google.api.HttpBody"
		}
		methods = append(methods, &descriptorpb.MethodDescriptorProto{
			Name: proto.String(fmt.Sprintf("Method%d", i)), InputType: proto.String(input),
			OutputType: proto.String(".google.protobuf.Empty"), Options: options,
		})
	}
	file, err := protodesc.NewFile(&descriptorpb.FileDescriptorProto{
		Name:    proto.String("contracttest/linked.proto"),
		Package: proto.String("contracttest.linked"),
		Syntax:  proto.String("proto3"),
		Dependency: []string{
			"google/api/httpbody.proto", "google/protobuf/any.proto", "google/protobuf/duration.proto",
			"google/protobuf/empty.proto", "google/protobuf/field_mask.proto", "google/protobuf/struct.proto",
			"google/protobuf/timestamp.proto", "google/protobuf/wrappers.proto",
		},
		MessageType: []*descriptorpb.DescriptorProto{described},
		EnumType: []*descriptorpb.EnumDescriptorProto{{
			Name: proto.String("Kind"), Value: []*descriptorpb.EnumValueDescriptorProto{zero},
		}},
		Service: []*descriptorpb.ServiceDescriptorProto{{Name: proto.String("LinkedService"), Method: methods}},
	}, protoregistry.GlobalFiles)
	if err != nil {
		panic(err)
	}
	if err := protoregistry.GlobalFiles.RegisterFile(file); err != nil {
		panic(err)
	}
	if err := protoregistry.GlobalTypes.RegisterEnum(dynamicpb.NewEnumType(file.Enums().Get(0))); err != nil {
		panic(err)
	}
	return file.Services().Get(0)
}

func field(
	name string, number int32, kind descriptorpb.FieldDescriptorProto_Type, of string,
) *descriptorpb.FieldDescriptorProto {
	described := &descriptorpb.FieldDescriptorProto{
		Name: proto.String(name), JsonName: proto.String(name), Number: proto.Int32(number), Type: kind.Enum(),
		Label: descriptorpb.FieldDescriptorProto_LABEL_OPTIONAL.Enum(),
	}
	if of != "" {
		described.TypeName = proto.String(of)
	}
	return described
}
