package upstream_test

import (
	"encoding/json"
	"fmt"
	"mime"
	"strconv"
	"strings"
	"testing"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"github.com/statusbridge/statusbridge/internal/testkit/testkitv1"
	"github.com/statusbridge/statusbridge/internal/upstream"
)

// TestPlainRefusalOfBodies says in plain words why a decoder refused a body.
func TestPlainRefusalOfBodies(t *testing.T) {
	intoStruct := func(body string) error {
		return json.Unmarshal([]byte(body), &struct{ Name string }{})
	}
	intoThing := func(body string) error { return protojson.Unmarshal([]byte(body), &testkitv1.Thing{}) }
	intoNumber := func(body string) error { return protojson.Unmarshal([]byte(body), &wrapperspb.Int32Value{}) }
	intoMask := func(body string) error {
		_, err := runtime.FieldMaskFromRequestBody(strings.NewReader(body), &testkitv1.Thing{})
		return err
	}
	mediaType := func(text string) error { _, _, err := mime.ParseMediaType(text); return err }
	for _, c := range []struct {
		decode func(string) error
		body   string
		want   string
	}{
		{intoStruct, "{name}",
			"invalid request body: invalid character 'n' looking for beginning of object key string"},
		{intoStruct, `{"Name":"a" "b"}`, `invalid request body: invalid character '"' after object key:value pair`},
		{intoStruct, `{} x`, "invalid request body: invalid character 'x' after top-level value"},
		{intoStruct, `[1 2]`, "invalid request body: invalid character '2' after array element"},
		{intoStruct, `{"Name":"\x"}`, "invalid request body: invalid character 'x' in string escape code"},
		{intoStruct, `{`, "invalid request body: unexpected end of JSON input"},
		{intoStruct, `{"Name":1}`, "invalid request body: unexpected JSON number"},
		{intoMask, `{"nope":1}`, `invalid request body: unknown field "nope"`},
		{intoThing, `{"nope":1}`, `invalid request body at line 1:2: unknown field "nope"`},
		{intoThing, "{\n\"name\": \"\xff\"}", "invalid request body at line 2:9: invalid UTF-8 in string"},
		{intoThing, `{"id":"hunter2"}`, `invalid request body at line 1:7: invalid value for int32 field id: "hun…"`},
		{intoNumber, "true", "invalid request body at line 1:1: invalid value for int32 field value: true"},
		{intoNumber, "hunter2", "invalid request body at line 1:1: invalid value hun…"},
		{intoNumber, `"\u0041bcdefg"`, `invalid request body at line 1:1: invalid value for int32 field value: "…"`},
		{intoNumber, `"a\u0041bcdefg"`, `invalid request body at line 1:1: invalid value for int32 field value: "a…"`},
		{mediaType, "text/plain; =", "invalid media parameter"},
		{mediaType, "text/plain; a=b; a=c", "duplicate parameter name"},
	} {
		err := c.decode(c.body)
		if err == nil {
			t.Errorf("%s is read", c.body)
			continue
		}
		if got := upstream.PlainRefusal(err.Error()); got != c.want {
			t.Errorf("%q is said as %q, want %q", err, got, c.want)
		}
	}
}

// TestPlainRefusalOfNames keeps the first 64 characters of a name, and never half an escape sequence.
func TestPlainRefusalOfNames(t *testing.T) {
	for before := range 66 {
		for _, special := range []string{"", "x", "é", `\`, `"`, "\n", "\x00", "\u200b", "\U000e0001"} {
			for _, after := range []string{"", `\`, "\n", "xxxxxxxxxxxx"} {
				name := strings.Repeat("a", before) + special + after
				quoted := strconv.Quote(name)
				got := upstream.PlainRefusal(fmt.Sprintf("invalid path: %s is not a message", quoted))
				shown := strings.TrimSuffix(strings.TrimPrefix(got, "invalid path: "), " is not a message")
				if runes := len([]rune(quoted)) - len(`""`); runes <= 64 {
					if shown != quoted {
						t.Errorf("%s of %d characters became %s", quoted, runes, shown)
					}
					continue
				}
				kept, ok := strings.CutSuffix(shown, `…"`)
				begin, err := strconv.Unquote(kept + `"`)
				longest := min(before, 64)
				if !ok || err != nil || !strings.HasPrefix(name, begin) || len([]rune(kept))-1 > 64 ||
					len(begin) < longest-len(`\`) {
					t.Errorf("%s became %s: %v", quoted, shown, err)
				}
			}
		}
	}
}
