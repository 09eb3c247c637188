package contract_test

import (
	"math"
	"strings"
	"testing"
	"unicode/utf8"

	"google.golang.org/protobuf/encoding/protowire"
)

// field appends a field with a message or a string.
func field[Text string | []byte](wire []byte, number protowire.Number, value Text) []byte {
	return protowire.AppendBytes(protowire.AppendTag(wire, number, protowire.BytesType), []byte(value))
}

// number appends a field with a number.
func number(wire []byte, n protowire.Number, value uint64) []byte {
	return protowire.AppendVarint(protowire.AppendTag(wire, n, protowire.VarintType), value)
}

// step returns an element of a buf.validate.FieldPath, in the field numbers of buf/validate/validate.proto.
func step(name string, subscript func([]byte) []byte) []byte {
	wire := field(nil, 2, name)
	if subscript != nil {
		wire = subscript(wire)
	}
	return wire
}

func violation(message, rule string, steps ...[]byte) []byte {
	var path []byte
	for _, step := range steps {
		path = field(path, 1, step)
	}
	return field(nil, 1, field(field(field(nil, 5, path), 3, message), 2, rule))
}

// The path is what protovalidate.FieldPathString writes.
func TestDetails_protovalidate(t *testing.T) {
	minusOne := int64(-1)
	for want, value := range map[string][]byte{
		"name: is empty":             violation("is empty", "string.min_len", step("name", nil)),
		"name: string.min_len":       violation("", "string.min_len", step("name", nil)),
		"is empty":                   violation("is empty", "r"),
		"spec.tags[3].name: m":       violation("m", "r", step("spec", nil), step("tags", func(w []byte) []byte { return number(w, 6, 3) }), step("name", nil)),
		"a[0]: m":                    violation("m", "r", step("a", func(w []byte) []byte { return number(w, 6, 0) })),
		"a[true]: m":                 violation("m", "r", step("a", func(w []byte) []byte { return number(w, 7, 1) })),
		"a[false]: m":                violation("m", "r", step("a", func(w []byte) []byte { return number(w, 7, 0) })),
		"a[-1]: m":                   violation("m", "r", step("a", func(w []byte) []byte { return number(w, 8, uint64(minusOne)) })),
		"a[18446744073709551615]: m": violation("m", "r", step("a", func(w []byte) []byte { return number(w, 9, math.MaxUint64) })),
		`a["b\"c"]: m`:               violation("m", "r", step("a", func(w []byte) []byte { return field(w, 10, `b"c`) })),
		`a[""]: m`:                   violation("m", "r", step("a", func(w []byte) []byte { return field(w, 10, "") })),
		"a: m; b.c: n": append(violation("m", "r", step("a", nil)),
			violation("n", "r", step("b", nil), step("c", nil))...),
	} {
		r := readDetail("type.googleapis.com/buf.validate.Violations", value)
		if got := r.Details(400); got != want {
			t.Errorf("read %q, want %q", got, want)
		}
	}
}

// FuzzProtovalidate checks that every detail is read as valid and bounded text.
func FuzzProtovalidate(f *testing.F) {
	f.Add(violation("m", "r", step("a", func(w []byte) []byte { return field(w, 10, `b"c`) }), step("b", nil)))
	f.Add(violation(strings.Repeat("m", 5000), "r", step(strings.Repeat("é", 5000), nil)))
	f.Fuzz(func(t *testing.T, value []byte) {
		r := readDetail("buf.validate.Violations", value)
		if got := r.Details(400); len(got) > 4096 || !utf8.ValidString(got) {
			t.Errorf("read %d bytes, valid: %t", len(got), utf8.ValidString(got))
		}
	})
}
