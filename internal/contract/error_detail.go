package contract

import (
	"unicode/utf8"

	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/types/known/anypb"
)

// ErrorDetail is a statusbridge.v1.Error, the status detail with which a service chooses the HTTP status and the texts
// for the client. The field numbers are those of proto/statusbridge/v1.
type ErrorDetail struct {
	Code    int32
	Message string
	Details string
}

// errorURL is the type of the detail, as google/protobuf/any.proto writes it.
const errorURL = typePrefix + errorType

// ReadErrorDetail reads a status detail. It reports false if the detail has another type or does not parse.
func ReadErrorDetail(detail *anypb.Any) (ErrorDetail, bool) {
	if typeName(detail.GetTypeUrl()) != errorType {
		return ErrorDetail{}, false
	}
	return parseErrorDetail(detail.GetValue())
}

func parseErrorDetail(value []byte) (d ErrorDetail, ok bool) {
	ok = fields(value, func(f field) bool {
		switch {
		case f.is(1, protowire.VarintType):
			d.Code = int32(f.varint)
		case f.is(2, protowire.BytesType):
			d.Message = string(f.bytes)
			return utf8.Valid(f.bytes)
		case f.is(3, protowire.BytesType):
			d.Details = string(f.bytes)
			return utf8.Valid(f.bytes)
		}
		return true
	})
	return d, ok
}

// Any returns the status detail. The texts must be valid UTF-8.
func (d *ErrorDetail) Any() *anypb.Any {
	const tags = 16 // three tags, the code and two lengths
	value := make([]byte, 0, tags+len(d.Message)+len(d.Details))
	if d.Code != 0 {
		value = protowire.AppendTag(value, 1, protowire.VarintType)
		value = protowire.AppendVarint(value, uint64(d.Code))
	}
	if d.Message != "" {
		value = appendField(value, 2, d.Message)
	}
	if d.Details != "" {
		value = appendField(value, 3, d.Details)
	}
	return &anypb.Any{TypeUrl: errorURL, Value: value}
}

// Size returns how many bytes the status detail takes on the wire.
func (d *ErrorDetail) Size() int {
	size := 0
	if d.Code != 0 {
		size += 1 + protowire.SizeVarint(uint64(d.Code))
	}
	if d.Message != "" {
		size += FieldSize(len(d.Message))
	}
	if d.Details != "" {
		size += FieldSize(len(d.Details))
	}
	return FieldSize(len(errorURL)) + FieldSize(size)
}
