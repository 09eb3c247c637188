package contract

import (
	"strings"
	"unicode/utf8"

	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protowire"
)

// The details of a status are read from their wire form, and only the three types that mean something here, so that
// what else a backend attaches, and which types are linked, costs nothing and changes nothing. A detail that does not
// parse as proto3 says it should is as if it were not there.

const (
	errorType      = "statusbridge.v1.Error"
	badRequestType = "google.rpc.BadRequest"
	retryInfoType  = "google.rpc.RetryInfo"
)

// readDetails takes what the details of a status say into the reading. Of several errors the first counts.
func (r *Reading) readDetails(st *status.Status) {
	seen := false
	for _, detail := range detailsOf(st) {
		r.Detailed = true
		value := detail.GetValue()
		switch typeName(detail.GetTypeUrl()) {
		case errorType:
			if !seen {
				seen = r.readError(value)
			}
		case badRequestType:
			if violations, ok := readBadRequest(value); ok {
				r.violations = joinText(r.violations, violations)
			}
		case retryInfoType:
			if delay, ok := readRetryInfo(value); ok {
				r.RetryAfter = delay
			}
		}
	}
}

// typeName is what follows the last slash (google/protobuf/any.proto).
func typeName(url string) string {
	return url[strings.LastIndexByte(url, '/')+1:]
}

func (r *Reading) readError(value []byte) bool {
	var code int32
	var message, details []byte
	for len(value) > 0 {
		f, rest, ok := nextField(value)
		if !ok {
			return false
		}
		value = rest
		switch {
		case f.is(1, protowire.VarintType):
			code = int32(f.varint)
			continue
		case f.is(2, protowire.BytesType):
			message = f.bytes
		case f.is(3, protowire.BytesType):
			details = f.bytes
		default:
			continue
		}
		if !utf8.Valid(f.bytes) {
			return false
		}
	}
	if IsError(int(code)) {
		r.Claimed = int(code)
	}
	r.ClientText, r.details = string(message), string(details)
	return true
}

// violationsLimit bounds the text made of field violations; 4 KiB is what mapping allows an error on the wire.
const violationsLimit = 4 << 10

// readBadRequest reads google.rpc.BadRequest as `field: what; field: what`.
func readBadRequest(value []byte) (string, bool) {
	var text strings.Builder
	text.Grow(min(len(value), violationsLimit))
	for len(value) > 0 {
		f, rest, ok := nextField(value)
		if !ok {
			return "", false
		}
		value = rest
		if !f.is(1, protowire.BytesType) {
			continue
		}
		name, what, ok := readViolation(f.bytes)
		if !ok {
			return "", false
		}
		if len(name)+len(what) == 0 || text.Len() > violationsLimit {
			continue
		}
		if text.Len() > 0 {
			text.WriteString("; ")
		}
		text.Write(name)
		if len(name) > 0 && len(what) > 0 {
			text.WriteString(": ")
		}
		text.Write(what)
	}
	return text.String(), true
}

func readViolation(value []byte) (name, what []byte, ok bool) {
	for len(value) > 0 {
		f, rest, ok := nextField(value)
		if !ok {
			return nil, nil, false
		}
		value = rest
		switch {
		case f.is(1, protowire.BytesType):
			name = f.bytes
		case f.is(2, protowire.BytesType):
			what = f.bytes
		default:
			continue
		}
		if !utf8.Valid(f.bytes) {
			return nil, nil, false
		}
	}
	return name, what, true
}

func joinText(a, b string) string {
	if a == "" || b == "" {
		return a + b
	}
	return a + "; " + b
}

// readRetryInfo reads the retry_delay of google.rpc.RetryInfo in seconds; one that is negative, or none that
// google/protobuf/duration.proto allows, does not count.
func readRetryInfo(value []byte) (int64, bool) {
	var seconds, nanos int64
	present := false
	ok := fields(value, func(f field) bool {
		if !f.is(1, protowire.BytesType) {
			return true
		}
		present = true
		return fields(f.bytes, func(f field) bool {
			switch {
			case f.is(1, protowire.VarintType):
				seconds = int64(f.varint)
			case f.is(2, protowire.VarintType):
				nanos = int64(int32(f.varint))
			}
			return true
		})
	})
	const limit = 315_576_000_000 // ten thousand years
	if !ok || !present || seconds < 0 || seconds > limit || nanos < 0 || nanos > 999_999_999 {
		return 0, false
	}
	if nanos > 0 {
		seconds++
	}
	return seconds, true
}

// field is one field on the wire. One whose wire type is not that of its number is an unknown field.
type field struct {
	number protowire.Number
	wire   protowire.Type
	varint uint64
	bytes  []byte
}

func (f *field) is(number protowire.Number, wire protowire.Type) bool {
	return f.number == number && f.wire == wire
}

// fields calls f for each field of a message, until f refuses one. It reports whether the message is well-formed and
// nothing was refused.
func fields(message []byte, f func(field) bool) bool {
	for len(message) > 0 {
		next, rest, ok := nextField(message)
		if !ok || !f(next) {
			return false
		}
		message = rest
	}
	return true
}

// nextField takes the first field off a message that is not empty.
func nextField(message []byte) (f field, rest []byte, ok bool) {
	number, wire, n := protowire.ConsumeTag(message)
	if n < 0 || number > protowire.MaxValidNumber {
		return f, nil, false
	}
	message = message[n:]
	f.number, f.wire = number, wire
	switch wire {
	case protowire.VarintType:
		f.varint, n = protowire.ConsumeVarint(message)
	case protowire.BytesType:
		f.bytes, n = protowire.ConsumeBytes(message)
	default:
		n = protowire.ConsumeFieldValue(number, wire, message)
	}
	if n < 0 {
		return f, nil, false
	}
	return f, message[n:], true
}
