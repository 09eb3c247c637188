package contracttest

import (
	"regexp"
	"strings"

	"google.golang.org/protobuf/reflect/protoreflect"
)

// A path template of google/api/http.proto has variables: {name} or {name=segments}.
var variable = regexp.MustCompile(`\{([^=}]+)(?:=([^}]*))?\}`)

// fill returns a path that a template matches, with values that the fields of the request can hold.
func fill(template string, request protoreflect.MessageDescriptor) string {
	path := variable.ReplaceAllStringFunc(template, func(text string) string {
		parts := variable.FindStringSubmatch(text)
		if parts[2] != "" {
			return parts[2]
		}
		return sample(fieldAt(request, parts[1]))
	})
	return strings.NewReplacer("**", "1", "*", "1").Replace(path)
}

// matcher returns an expression for the paths of a template. Its second result counts the literal bytes, so that the
// most specific template can be chosen.
func matcher(template string) (expression *regexp.Regexp, literal int) {
	text := variable.ReplaceAllStringFunc(template, func(text string) string {
		if parts := variable.FindStringSubmatch(text); parts[2] != "" {
			return parts[2]
		}
		return "*"
	})
	literal = len(strings.ReplaceAll(text, "*", ""))
	quoted := regexp.QuoteMeta(text)
	quoted = strings.NewReplacer(`\*\*`, `.*`, `\*`, `[^/]+`).Replace(quoted)
	return regexp.MustCompile("^" + quoted + "$"), literal
}

// fieldAt returns the field of a message by its path, or nil.
func fieldAt(message protoreflect.MessageDescriptor, path string) protoreflect.FieldDescriptor {
	var field protoreflect.FieldDescriptor
	for name := range strings.SplitSeq(path, ".") {
		if message == nil {
			return nil
		}
		if field = message.Fields().ByName(protoreflect.Name(name)); field == nil {
			return nil
		}
		message = field.Message()
	}
	return field
}

// sample returns a value of a field as grpc-gateway reads it from a path or a query.
func sample(field protoreflect.FieldDescriptor) string {
	if field == nil {
		return "1"
	}
	switch field.Kind() {
	case protoreflect.BoolKind:
		return "true"
	case protoreflect.BytesKind:
		return "MQ=="
	case protoreflect.EnumKind:
		return string(field.Enum().Values().Get(0).Name())
	case protoreflect.MessageKind, protoreflect.GroupKind:
		return sampleOfMessage(field.Message().FullName())
	default:
		return "1"
	}
}

func sampleOfMessage(name protoreflect.FullName) string {
	switch name {
	case "google.protobuf.Timestamp":
		return "2006-01-02T15:04:05Z"
	case "google.protobuf.Duration":
		return "1s"
	case "google.protobuf.BoolValue":
		return "true"
	case "google.protobuf.BytesValue":
		return "MQ=="
	default:
		return "1"
	}
}

// sampleBody returns a request body for a google.api.http rule, and whether it is a JSON object.
func sampleBody(body string, request protoreflect.MessageDescriptor) (text string, object bool) {
	switch body {
	case "":
		return "", false
	case "*":
		return "{}", request.FullName() != "google.api.HttpBody"
	}
	field := fieldAt(request, body)
	switch {
	case field == nil:
		return "{}", false
	case field.IsMap():
		return "{}", true
	case field.IsList():
		return "[]", false
	case field.Kind() == protoreflect.MessageKind:
		return sampleMessageBody(field.Message().FullName())
	case field.Kind() == protoreflect.BoolKind:
		return "true", false
	case field.Kind() == protoreflect.EnumKind:
		return "0", false
	case field.Kind() == protoreflect.StringKind, field.Kind() == protoreflect.BytesKind:
		return `"MQ=="`, false
	default:
		return "1", false
	}
}

func sampleMessageBody(name protoreflect.FullName) (text string, object bool) {
	switch name {
	case "google.protobuf.Timestamp", "google.protobuf.Duration", "google.protobuf.BytesValue":
		return `"` + sampleOfMessage(name) + `"`, false
	case "google.protobuf.StringValue", "google.protobuf.FieldMask":
		return `""`, false
	case "google.protobuf.ListValue":
		return "[]", false
	case "google.protobuf.Value", "google.protobuf.BoolValue":
		return "true", false
	case "google.protobuf.Struct", "google.protobuf.Any", "google.protobuf.Empty":
		return "{}", true
	case "google.api.HttpBody":
		return "{}", false
	}
	if strings.HasPrefix(string(name), "google.protobuf.") {
		return "1", false // the wrappers of numbers
	}
	return "{}", true
}
