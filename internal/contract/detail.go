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
		url, value := detail.GetTypeUrl(), detail.GetValue()
		switch {
		case names(url, errorType):
			if !seen {
				seen = r.readError(value)
			}
		case names(url, badRequestType):
			if violations, ok := readBadRequest(value); ok {
				r.violations = joinText(r.violations, violations)
			}
		case names(url, retryInfoType):
			if delay, ok := readRetryInfo(value); ok {
				r.RetryAfter = delay
			}
		}
	}
}

// names reports whether a type's name is what follows the last slash of a URL (google/protobuf/any.proto).
func names(url, name string) bool {
	before, ok := strings.CutSuffix(url, name)
	return ok && (before == "" || before[len(before)-1] == '/')
}

func (r *Reading) readError(value []byte) bool {
	var f field
	var code int32
	var message, details []byte
	for len(value) > 0 {
		rest, ok := f.take(value)
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
	var f field
	for len(value) > 0 {
		rest, ok := f.take(value)
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
	var f field
	for len(value) > 0 {
		rest, ok := f.take(value)
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
	switch {
	case a == "":
		return b
	case b == "":
		return a
	}
	return a + "; " + b
}

// readRetryInfo reads the retry_delay of google.rpc.RetryInfo in seconds; one that is negative, or none that
// google/protobuf/duration.proto allows, does not count.
func readRetryInfo(value []byte) (int64, bool) {
	var seconds, nanos int64
	present := false
	ok := fields(value, func(f *field) bool {
		if !f.is(1, protowire.BytesType) {
			return true
		}
		present = true
		return fields(f.bytes, func(f *field) bool {
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

// fields calls each for each field of a message, until it refuses one. It reports whether the message is well-formed and
// nothing was refused.
func fields(message []byte, each func(*field) bool) bool {
	var f field
	for len(message) > 0 {
		rest, ok := f.take(message)
		if !ok || !each(&f) {
			return false
		}
		message = rest
	}
	return true
}

// take reads the first field of a message that is not empty, and returns what is behind it. It writes the field where
// it is instead of returning it, since it is no small thing to copy.
func (f *field) take(message []byte) (rest []byte, ok bool) {
	const maxShort = 0x7f // of a varint of one byte
	if len(message) >= 2 && message[0] <= maxShort && message[0] >= 1<<3 && message[1] <= maxShort {
		// Nearly all fields are texts, with a tag and a length of a byte each.
		end := 2 + int(message[1])
		if wire := protowire.Type(message[0] & 7); wire == protowire.BytesType && end <= len(message) {
			f.number, f.wire, f.bytes = protowire.Number(message[0]>>3), wire, message[2:end]
			return message[end:], true
		}
	}
	number, wire, n := protowire.ConsumeTag(message)
	if n < 0 || number > protowire.MaxValidNumber {
		return nil, false
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
		return nil, false
	}
	return message[n:], true
}
