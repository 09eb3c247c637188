package conformance_test

import (
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"github.com/grpc-ecosystem/grpc-gateway/v2/utilities"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/testing/protocmp"
	"google.golang.org/protobuf/types/descriptorpb"
)

// docs: commas

// commaParser reads ?tag=a,b as ?tag=a&tag=b. Register it with runtime.SetQueryParameterParser.
type commaParser struct{ runtime.DefaultQueryParser }

func (p commaParser) Parse(m proto.Message, values url.Values, filter *utilities.DoubleArray) error {
	split := url.Values{}
	for name, texts := range values {
		if isList(m.ProtoReflect().Descriptor(), strings.Split(name, ".")) {
			texts = strings.Split(strings.Join(texts, ","), ",")
		}
		split[name] = texts
	}
	return p.DefaultQueryParser.Parse(m, split, filter)
}

// isList reports whether a path of JSON or proto names ends in a repeated field.
func isList(message protoreflect.MessageDescriptor, path []string) bool {
	for i, name := range path {
		if message == nil {
			return false
		}
		field := message.Fields().ByJSONName(name)
		if field == nil {
			field = message.Fields().ByTextName(name)
		}
		if field == nil {
			return false
		}
		if i == len(path)-1 {
			return field.IsList()
		}
		message = field.Message()
	}
	return false
}

// docs: end

func TestCommaParser(t *testing.T) {
	filter := utilities.NewDoubleArray(nil)
	got := &descriptorpb.FieldDescriptorProto{}
	err := commaParser{}.Parse(got, url.Values{
		"name": {"a,b"}, "options.targets": {"TARGET_TYPE_FILE,TARGET_TYPE_FIELD", "TARGET_TYPE_ENUM"},
		"jsonName": {"c,d"}, "options.deprecated": {"true"},
	}, filter)
	if err != nil {
		t.Fatal(err)
	}
	type target = descriptorpb.FieldOptions_OptionTargetType
	want := &descriptorpb.FieldDescriptorProto{
		Name: proto.String("a,b"), JsonName: proto.String("c,d"),
		Options: &descriptorpb.FieldOptions{Deprecated: proto.Bool(true), Targets: []target{
			descriptorpb.FieldOptions_TARGET_TYPE_FILE, descriptorpb.FieldOptions_TARGET_TYPE_FIELD,
			descriptorpb.FieldOptions_TARGET_TYPE_ENUM,
		}},
	}
	if diff := cmp.Diff(want, got, protocmp.Transform()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	for _, name := range []string{"absent", "name.more", "", "options.absent.more", "."} {
		if err := (commaParser{}).Parse(got, url.Values{name: {"a,b"}}, filter); err != nil && name != "name.more" {
			t.Errorf("%q: %v", name, err)
		}
	}
}
