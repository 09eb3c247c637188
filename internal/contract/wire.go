package contract

import "google.golang.org/protobuf/encoding/protowire"

// field is one field of a message on the wire.
type field struct {
	number protowire.Number
	wire   protowire.Type
	varint uint64
	bytes  []byte
}

// is reports whether the field has the number and the wire type. A field with another wire type is an unknown field.
func (f field) is(number protowire.Number, wire protowire.Type) bool {
	return f.number == number && f.wire == wire
}

// fields calls each for every field of a message, until each returns false. It reports whether the message is
// well-formed and each accepted all of its fields.
func fields(message []byte, each func(field) bool) bool {
	for len(message) > 0 {
		number, wire, n := protowire.ConsumeTag(message)
		if n < 0 || number > protowire.MaxValidNumber {
			return false
		}
		message = message[n:]
		f := field{number: number, wire: wire}
		switch wire {
		case protowire.VarintType:
			f.varint, n = protowire.ConsumeVarint(message)
		case protowire.BytesType:
			f.bytes, n = protowire.ConsumeBytes(message)
		default:
			n = protowire.ConsumeFieldValue(number, wire, message)
		}
		if n < 0 || !each(f) {
			return false
		}
		message = message[n:]
	}
	return true
}

// appendField appends a field with a text or a message.
func appendField[T string | []byte](wire []byte, number protowire.Number, value T) []byte {
	wire = protowire.AppendTag(wire, number, protowire.BytesType)
	wire = protowire.AppendVarint(wire, uint64(len(value)))
	return append(wire, value...)
}

// FieldSize returns how many bytes a field takes whose value has the given length: its tag, its length and its value.
// The field number is at most 15.
func FieldSize(length int) int {
	return 1 + protowire.SizeBytes(length)
}
