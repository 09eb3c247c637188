package upstream

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"github.com/grpc-ecosystem/grpc-gateway/v2/utilities"
	attributes "google.golang.org/genproto/googleapis/rpc/context/attribute_context"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/structpb"
	"google.golang.org/protobuf/types/known/timestamppb"
	"google.golang.org/protobuf/types/known/typepb"
	"google.golang.org/protobuf/types/known/wrapperspb"
)

// TestParameterOfWellKnownType sends grpc-gateway's query parser values that do not fit a well-known type.
func TestParameterOfWellKnownType(t *testing.T) {
	for _, c := range []struct {
		into        proto.Message
		name, value string
		want        string
	}{
		{&attributes.AttributeContext_Auth{}, "claims", "foo",
			`invalid parameter "claims" at line 1:1: invalid value f…`},
		{&attributes.AttributeContext_Auth{}, "claims", "[]",
			`invalid parameter "claims" at line 1:1: unexpected token [`},
		{&attributes.AttributeContext_Auth{}, "claims", `"correct horse"`,
			`invalid parameter "claims" at line 1:1: unexpected token "cor…"`},
		{&attributes.AttributeContext_Auth{}, "claims", "{", `invalid parameter "claims": unexpected EOF`},
		{&attributes.AttributeContext_Request{}, "time", "noon",
			`invalid parameter "time": "noon" is not a timestamp (RFC 3339)`},
		{&attributes.AttributeContext_Request{}, "time", "2026-13-01T00:00:00Z",
			`invalid parameter "time": "2026-13-01T00:00:00Z": month out of range`},
		{&errdetails.RetryInfo{}, "retry_delay", "soon", `invalid parameter "retry_delay": invalid duration "soon"`},
		{&errdetails.RetryInfo{}, "retry_delay", "5", `invalid parameter "retry_delay": missing unit in duration "5"`},
		{&errdetails.RetryInfo{}, "retry_delay", "5y",
			`invalid parameter "retry_delay": unknown unit "y" in duration "5y"`},
		{&typepb.Field{}, "number", strings.Repeat("9", 1000),
			`invalid parameter "number": "` + strings.Repeat("9", 64) + `…": value out of range`},
	} {
		values := map[string][]string{c.name: {c.value}}
		err := runtime.PopulateQueryParameters(c.into, values, utilities.NewDoubleArray(nil))
		if err == nil {
			t.Errorf("%s=%s is read", c.name, c.value)
			continue
		}
		if got := PlainRefusal(err.Error()); got != c.want {
			t.Errorf("%q is said as %q, want %q", err, got, c.want)
		}
	}
}

// TestPathOfWellKnownType sends grpc-gateway's converters of path parameters such values, as generated handlers do.
func TestPathOfWellKnownType(t *testing.T) {
	for _, c := range []struct {
		convert func(string) error
		want    string
	}{
		{func(s string) error { _, err := runtime.Timestamp(s); return err },
			`invalid parameter "id" at line 1:1: invalid google.protobuf.Timestamp value "cor…"`},
		{func(s string) error { _, err := runtime.Duration(s); return err },
			`invalid parameter "id" at line 1:1: invalid google.protobuf.Duration value "cor…"`},
		{func(s string) error { _, err := runtime.Int32Value(s); return err },
			`invalid parameter "id": "correct horse": invalid syntax`},
		{func(s string) error { _, err := runtime.Bytes(s); return err },
			`invalid parameter "id": illegal base64 data at input byte 7`},
	} {
		err := c.convert("correct horse")
		if err == nil {
			t.Error("no error")
			continue
		}
		if got := PlainRefusal("type mismatch, parameter: id, error: " + err.Error()); got != c.want {
			t.Errorf("%q is said as %q, want %q", err, got, c.want)
		}
	}
}

// bodies are the types into which TestBodyValue and FuzzBodyValue read a value that does not fit.
func bodies() []proto.Message {
	return []proto.Message{
		&wrapperspb.Int32Value{}, &wrapperspb.BoolValue{}, &structpb.Struct{}, &structpb.ListValue{}, &typepb.Field{},
		&timestamppb.Timestamp{}, &durationpb.Duration{},
	}
}

// TestBodyValue has a secret where another value is due. The text repeats few characters of it.
func TestBodyValue(t *testing.T) {
	for _, secret := range []string{
		"hunter2", "12", "correct horse battery staple", strings.Repeat("p4ss", 35000), `qu"oted\`,
	} {
		quoted, err := json.Marshal(secret)
		if err != nil {
			t.Fatal(err)
		}
		for _, into := range bodies() {
			for _, body := range []string{
				string(quoted), `{"number":` + string(quoted) + `}`, `{"name":1,` + string(quoted),
			} {
				err := protojson.Unmarshal([]byte(body), into)
				if err == nil {
					continue
				}
				got := PlainRefusal(err.Error())
				if strings.Contains(got, secret) && strings.Contains(body, ":"+string(quoted)) || len(got) > 400 ||
					!strings.HasPrefix(got, "invalid request body") || strings.Contains(got, "\u00a0") {
					t.Errorf("%T: %.200q is said as %.200q", into, err, got)
				}
			}
		}
	}
}

// FuzzBodyValue does so with any secret.
func FuzzBodyValue(f *testing.F) {
	f.Add("hunter2")
	f.Add(`\"`)
	f.Add("\u2028\x00")
	f.Fuzz(func(t *testing.T, secret string) {
		quoted, err := json.Marshal(secret)
		if err != nil || !utf8.ValidString(secret) || len(quoted) < 12 {
			return
		}
		for _, into := range bodies() {
			if err := protojson.Unmarshal(quoted, into); err != nil {
				got := PlainRefusal(err.Error())
				if strings.Contains(got, string(quoted[1:len(quoted)-1])) || len(got) > 400 {
					t.Errorf("%q is said as %q", err, got)
				}
			}
		}
	})
}

// FuzzPlainRefusal reads any text. A text of an unknown shape stays the same, and a plain text stays short and valid.
func FuzzPlainRefusal(f *testing.F) {
	for _, text := range []string{
		"proto: syntax error (line 1:1): unexpected token \"x", `type mismatch, parameter: id, error: parsing time "x"`,
		`parsing field "a": strconv.ParseInt: parsing "\`, "json: cannot unmarshal number into Go value of type int",
		"proto:\u00a0(line 1:1): invalid value for int32 field a: \"\\", "http: request body too large",
		"mime: no media type",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		plain, known := plainRefusal(text)
		if !known && plain != text {
			t.Errorf("%q became %q", text, plain)
		}
		if len(plain) > len(text)+len(invalidBody)+64 {
			t.Errorf("%q grew to %q", text, plain)
		}
		if utf8.ValidString(text) && !utf8.ValidString(plain) {
			t.Errorf("%q became %q", text, plain)
		}
	})
}
