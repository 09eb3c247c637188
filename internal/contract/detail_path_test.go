package contract_test

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"google.golang.org/protobuf/encoding/prototext"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/descriptorpb"
	"google.golang.org/protobuf/types/dynamicpb"

	"github.com/statusbridge/statusbridge/internal/contract"
)

// violationsFile declares the fields of buf/validate/validate.proto that a message of protovalidate consists of. It is
// in proto3, whose strings are UTF-8.
const violationsFile = `
	name: "buf/validate/test.proto" package: "buf.validate" syntax: "proto3"
	message_type { name: "Violations"
		field { name: "violations" number: 1 label: LABEL_REPEATED type: TYPE_MESSAGE type_name: "Violation" } }
	message_type { name: "Violation"
		field { name: "field" number: 5 label: LABEL_OPTIONAL type: TYPE_MESSAGE type_name: "FieldPath" }
		field { name: "rule_id" number: 2 label: LABEL_OPTIONAL type: TYPE_STRING }
		field { name: "message" number: 3 label: LABEL_OPTIONAL type: TYPE_STRING } }
	message_type { name: "FieldPath"
		field { name: "elements" number: 1 label: LABEL_REPEATED type: TYPE_MESSAGE type_name: "FieldPathElement" } }
	message_type { name: "FieldPathElement" oneof_decl { name: "subscript" }
		field { name: "field_name" number: 2 label: LABEL_OPTIONAL type: TYPE_STRING }
		field { name: "index" number: 6 label: LABEL_OPTIONAL type: TYPE_UINT64 oneof_index: 0 }
		field { name: "bool_key" number: 7 label: LABEL_OPTIONAL type: TYPE_BOOL oneof_index: 0 }
		field { name: "int_key" number: 8 label: LABEL_OPTIONAL type: TYPE_INT64 oneof_index: 0 }
		field { name: "uint_key" number: 9 label: LABEL_OPTIONAL type: TYPE_UINT64 oneof_index: 0 }
		field { name: "string_key" number: 10 label: LABEL_OPTIONAL type: TYPE_STRING oneof_index: 0 } }`

// violationsType returns the descriptor of buf.validate.Violations.
func violationsType(t testing.TB) protoreflect.MessageDescriptor {
	t.Helper()
	file := &descriptorpb.FileDescriptorProto{}
	if err := prototext.Unmarshal([]byte(violationsFile), file); err != nil {
		t.Fatal(err)
	}
	described, err := protodesc.NewFile(file, nil)
	if err != nil {
		t.Fatal(err)
	}
	return described.Messages().ByName("Violations")
}

// violations returns the wire form of a buf.validate.Violations in the text format.
func violations(t testing.TB, text string) []byte {
	t.Helper()
	message := dynamicpb.NewMessage(violationsType(t))
	if err := prototext.Unmarshal([]byte(text), message); err != nil {
		t.Fatal(err)
	}
	value, err := proto.Marshal(message)
	if err != nil {
		t.Fatal(err)
	}
	return value
}

// violation returns the text format of one violation. Each step is the text format of a path element.
func violation(message, rule string, steps ...string) string {
	path := ""
	for _, step := range steps {
		path += fmt.Sprintf("elements { %s } ", step)
	}
	return fmt.Sprintf("violations { field { %s } message: %q rule_id: %q } ", path, message, rule)
}

// TestDetails_protovalidate expects the path that protovalidate.FieldPathString writes.
func TestDetails_protovalidate(t *testing.T) {
	subscript := func(text string) string { return violation("m", "r", `field_name: "a" `+text) }
	for want, text := range map[string]string{
		"name: is empty":       violation("is empty", "string.min_len", `field_name: "name"`),
		"name: string.min_len": violation("", "string.min_len", `field_name: "name"`),
		"is empty":             violation("is empty", "r"),
		"spec.tags[3].name: m": violation("m", "r", `field_name: "spec"`, `field_name: "tags" index: 3`,
			`field_name: "name"`),
		"a[0]: m":                    subscript("index: 0"),
		"a[true]: m":                 subscript("bool_key: true"),
		"a[false]: m":                subscript("bool_key: false"),
		"a[-1]: m":                   subscript("int_key: -1"),
		"a[18446744073709551615]: m": subscript("uint_key: 18446744073709551615"),
		`a["b\"c"]: m`:               subscript(`string_key: "b\"c"`),
		`a[""]: m`:                   subscript(`string_key: ""`),
		"a: m; b.c: n": violation("m", "r", `field_name: "a"`) +
			violation("n", "r", `field_name: "b"`, `field_name: "c"`),
	} {
		r := readDetail("type.googleapis.com/buf.validate.Violations", violations(t, text))
		if got := r.Details(400); got != want {
			t.Errorf("read %q, want %q", got, want)
		}
	}
}

// FuzzProtovalidate compares the text with that of the protobuf library, if the library accepts the input.
func FuzzProtovalidate(f *testing.F) {
	f.Add(violations(f, violation("m", "r", `field_name: "a" string_key: "b\"c"`, `field_name: "b" index: 7`)))
	f.Add(violations(f, violation("", "r", `field_name: "a" int_key: -1`)+violation("n", "r", `bool_key: true`)))
	f.Add([]byte("\x0a\x0d\x2a\x02\x0a\x00\x2a\x07\x0a\x05\x12\x03def"))            // an element without a name
	f.Add([]byte("\x0a\x12\x2a\x07\x0a\x05\x12\x03abc\x2a\x07\x0a\x05\x12\x03def")) // a path in two parts
	// An unknown field of a path, and an element.
	f.Add([]byte("\x0a\x08\x2a\x06\x08\x01\x0a\x02\x12\x00"))
	f.Add(violations(f, violation(strings.Repeat("m", 5000), "r", `field_name: "`+strings.Repeat("é", 5000)+`"`)))
	kind := violationsType(f)
	f.Fuzz(func(t *testing.T, value []byte) {
		r := readDetail("buf.validate.Violations", value)
		got := r.Details(400)
		if len(got) > contract.DetailsLimit || !utf8.ValidString(got) {
			t.Errorf("read %d bytes, valid: %t", len(got), utf8.ValidString(got))
		}
		message := dynamicpb.NewMessage(kind)
		if proto.Unmarshal(value, message) != nil {
			return // our reader ignores the fields that it does not need, so it may accept more
		}
		if want := violationsText(message); utf8.ValidString(want) && !isDetails(got, want) {
			t.Errorf("read %q, want %q", got, want)
		}
	})
}

// violationsText returns the details text of a buf.validate.Violations.
func violationsText(message protoreflect.Message) string {
	var items [][2]string
	violations := message.Get(message.Descriptor().Fields().ByName("violations")).List()
	for i := range violations.Len() {
		violation := fieldsOf(violations.Get(i).Message())
		text := violation["message"].String()
		if text == "" {
			text = violation["rule_id"].String()
		}
		items = append(items, [2]string{pathText(violation["field"].Message()), text})
	}
	return itemsText(items)
}

// pathText writes a path as protovalidate.FieldPathString does.
func pathText(path protoreflect.Message) string {
	var steps []string
	elements := fieldsOf(path)["elements"].List()
	for i := range elements.Len() {
		element := elements.Get(i).Message()
		step := fieldsOf(element)["field_name"].String()
		if key := element.WhichOneof(element.Descriptor().Oneofs().ByName("subscript")); key != nil {
			text := element.Get(key).String()
			if key.Kind() == protoreflect.StringKind {
				text = strconv.Quote(text)
			}
			step += "[" + text + "]"
		}
		steps = append(steps, step)
	}
	return strings.Join(steps, ".")
}

// fieldsOf returns the fields of a message by their names.
func fieldsOf(message protoreflect.Message) map[protoreflect.Name]protoreflect.Value {
	fields := map[protoreflect.Name]protoreflect.Value{}
	for i := range message.Descriptor().Fields().Len() {
		field := message.Descriptor().Fields().Get(i)
		fields[field.Name()] = message.Get(field)
	}
	return fields
}

// TestDetails_protovalidate_invalid_UTF8 reads long names and keys that consist of the middle bytes of characters.
func TestDetails_protovalidate_invalid_UTF8(t *testing.T) {
	text := func(number protowire.Number, value []byte) []byte {
		return protowire.AppendBytes(protowire.AppendTag(nil, number, protowire.BytesType), value)
	}
	middle := bytes.Repeat([]byte{0x80}, 5000)
	key := bytes.Repeat([]byte(`\x80`), 5000)
	for number, want := range map[protowire.Number]string{
		2:  "", // a name that is not UTF-8 makes the detail malformed
		10: `["` + string(key),
	} {
		elements := text(1, text(number, middle))
		r := readDetail("buf.validate.Violations", text(1, text(5, elements)))
		if got := r.Details(400); got != contract.Cut(want, contract.DetailsLimit) {
			t.Errorf("field %d: read %q", number, got)
		}
	}
}
