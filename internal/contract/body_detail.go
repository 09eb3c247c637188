package contract

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/anypb"

	statusbridgev1 "github.com/statusbridge/statusbridge/gen/go/statusbridge/v1"
)

const typePrefix = "type.googleapis.com/"

// jsonTypes are the detail types that are read from JSON.
var jsonTypes = map[string]proto.Message{
	errorType:                        (*statusbridgev1.Error)(nil),
	localizedType:                    (*errdetails.LocalizedMessage)(nil),
	retryInfoType:                    (*errdetails.RetryInfo)(nil),
	errorInfoType:                    (*errdetails.ErrorInfo)(nil),
	requestType:                      (*errdetails.RequestInfo)(nil),
	"google.rpc.BadRequest":          (*errdetails.BadRequest)(nil),
	"google.rpc.PreconditionFailure": (*errdetails.PreconditionFailure)(nil),
	"google.rpc.QuotaFailure":        (*errdetails.QuotaFailure)(nil),
	"google.rpc.ResourceInfo":        (*errdetails.ResourceInfo)(nil),
	"google.rpc.Help":                (*errdetails.Help)(nil),
}

// jsonDetail returns a detail that JSON contains as protojson writes it (`@type`), or as Connect does (`type` and
// `value`). It returns nil for a type that clients do not read, and for a detail that does not parse.
func jsonDetail(object members) *anypb.Any {
	name := typeName(object.word("@type"))
	if name == "" {
		return connectDetail(object)
	}
	if name == violationsType {
		return &anypb.Any{TypeUrl: typePrefix + name, Value: violationsFromJSON(object)}
	}
	kind, ok := jsonTypes[name]
	if !ok {
		return nil
	}
	message := kind.ProtoReflect().New().Interface()
	value, err := json.Marshal(object)
	if err != nil || (protojson.UnmarshalOptions{DiscardUnknown: true}).Unmarshal(value, message) != nil {
		return nil
	}
	if retry, ok := message.(*errdetails.RetryInfo); ok && !retry.GetRetryDelay().IsValid() {
		return nil
	}
	wire, err := proto.Marshal(message)
	if err != nil {
		return nil
	}
	return &anypb.Any{TypeUrl: typePrefix + name, Value: wire}
}

// connectDetail returns a detail as Connect writes it: the name of the type, and the message in base64 without
// padding.
func connectDetail(object members) *anypb.Any {
	name, encoded := object.word("type"), object.word("value")
	if name == "" || strings.ContainsRune(name, '/') || encoded == "" {
		return nil
	}
	wire, err := base64.RawStdEncoding.DecodeString(strings.TrimRight(encoded, "="))
	if err != nil {
		return nil
	}
	return &anypb.Any{TypeUrl: typePrefix + name, Value: wire}
}

const violationsType = "buf.validate.Violations"

// violationsFromJSON returns the wire form of a buf.validate.Violations, with the fields that clients read.
func violationsFromJSON(object members) (wire []byte) {
	for _, item := range object.list("violations") {
		violation := objectOf(item)
		var path, message []byte
		for _, item := range violation.object("field").list("elements") {
			path = appendField(path, 1, pathElementFromJSON(objectOf(item)))
		}
		message = appendField(message, 2, violation.word("ruleId", "rule_id"))
		message = appendField(message, 3, violation.word("message"))
		message = appendField(message, 5, path)
		wire = appendField(wire, 1, message)
	}
	return wire
}

// pathElementFromJSON returns the wire form of a buf.validate.FieldPathElement.
func pathElementFromJSON(object members) []byte {
	wire := appendField(nil, 2, object.word("fieldName", "field_name"))
	for _, key := range []struct {
		name   string
		number protowire.Number
	}{{"index", 6}, {"boolKey", 7}, {"bool_key", 7}, {"intKey", 8}, {"int_key", 8}, {"uintKey", 9}, {"uint_key", 9}} {
		if value, ok := varintFromJSON(object[key.name]); ok {
			wire = protowire.AppendTag(wire, key.number, protowire.VarintType)
			wire = protowire.AppendVarint(wire, value)
		}
	}
	for _, name := range []string{"stringKey", "string_key"} {
		if key, ok := object.text(name); ok {
			wire = appendField(wire, 10, key)
		}
	}
	return wire
}

// varintFromJSON returns the wire form of an integer or a boolean. protojson writes 64-bit integers as strings.
func varintFromJSON(value any) (uint64, bool) {
	if truth, ok := value.(bool); ok {
		return protowire.EncodeBool(truth), true
	}
	text := fmt.Sprint(value)
	if signed, err := strconv.ParseInt(text, 10, 64); err == nil {
		return uint64(signed), true
	}
	unsigned, err := strconv.ParseUint(text, 10, 64)
	return unsigned, err == nil
}
