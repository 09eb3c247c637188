package contract

import (
	"cmp"
	"strings"
	"unicode/utf8"

	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protowire"
)

// Details are read from the wire, by field number. Unknown types therefore cost nothing, and no type has to be linked.
// A detail that does not parse counts as absent.

// DetailsLimit bounds the text that is made of foreign details, in bytes. An error has 4 KiB on the wire, so a longer
// text would not arrive.
const DetailsLimit = 4 << 10

const (
	errorType     = "statusbridge.v1.Error"
	localizedType = "google.rpc.LocalizedMessage"
	retryInfoType = "google.rpc.RetryInfo"
	errorInfoType = "google.rpc.ErrorInfo"
	requestType   = "google.rpc.RequestInfo"
)

// listing says which fields of a detail type become `name: text` in the `details` of a 4xx.
type listing struct {
	items   protowire.Number // the repeated field of the items; 0 if the message itself is the only item
	columns []column         // the name, and then the texts, of which the first that is not empty counts
}

// column is a field of an item: a string, a message of which one string counts, or a buf.validate.FieldPath.
type column struct {
	number protowire.Number
	inner  protowire.Number // the string of a message
	path   bool
}

// listings is the table of the types that clients read under a 4xx. The numbers are those of
// google/rpc/error_details.proto and buf/validate/validate.proto.
var listings = map[string]listing{
	"google.rpc.BadRequest":          {1, []column{{number: 1}, {number: 2}, {number: 4, inner: 2}, {number: 3}}},
	"google.rpc.PreconditionFailure": {1, []column{{number: 2}, {number: 3}}},
	"google.rpc.QuotaFailure":        {1, []column{{number: 1}, {number: 2}}},
	"google.rpc.ResourceInfo":        {0, []column{{number: 2}, {number: 4}}},
	"google.rpc.Help":                {1, []column{{number: 1}, {number: 2}}},
	"buf.validate.Violations":        {1, []column{{number: 5, path: true}, {number: 3}, {number: 2}}},
}

// typeName returns the name of a detail's type: it follows the last slash of the URL (google/protobuf/any.proto).
func typeName(url string) string {
	return url[strings.LastIndexByte(url, '/')+1:]
}

// HasText reports whether clients read text of a detail of this type under a 4xx.
func HasText(typeURL string) bool {
	_, ok := listings[typeName(typeURL)]
	return ok
}

// IsLocalizedMessage reports whether a detail of this type replaces the message.
func IsLocalizedMessage(typeURL string) bool {
	return typeName(typeURL) == localizedType
}

// readDetails reads the details of a status. If several details have the same meaning, the first one counts, except
// for RetryInfo, where the last one does.
func (r *Reading) readDetails(st *status.Status) {
	details := st.Proto().GetDetails()
	r.Detailed = len(details) > 0
	var text listText
	hasOwn, localized := false, ""
	for _, detail := range details {
		name, value := typeName(detail.GetTypeUrl()), detail.GetValue()
		switch name {
		case errorType:
			if own, ok := parseErrorDetail(value); ok && !hasOwn {
				r.Own, hasOwn = own, true
			}
		case localizedType:
			if found, ok := texts(value, 2); ok && localized == "" {
				localized = found[0]
			}
		case retryInfoType:
			r.readRetryInfo(value)
		case errorInfoType:
			if found, ok := texts(value, 1, 2); ok && r.Reason == "" && r.Domain == "" {
				r.Reason, r.Domain = found[0], found[1]
			}
		case requestType:
			if found, ok := texts(value, 1); ok && r.RequestID == "" {
				r.RequestID = found[0]
			}
		default:
			if list, ok := listings[name]; ok {
				text.addDetail(list, value)
			}
		}
	}
	r.Listed = text.String()
	r.ClientText = cmp.Or(localized, r.Own.Message)
	if claimed := int(r.Own.Code); IsError(claimed) {
		r.Claimed = claimed
	}
}

// readRetryInfo reads the delay in seconds, rounded up. A delay that is negative, or that
// google/protobuf/duration.proto does not allow, does not count.
func (r *Reading) readRetryInfo(value []byte) {
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
		return
	}
	if nanos > 0 {
		seconds++
	}
	r.RetryAfter = seconds
}

// texts reads the string fields with the given numbers. It reports whether the message is well-formed and these
// strings are valid UTF-8.
func texts(message []byte, numbers ...protowire.Number) (found [2]string, ok bool) {
	ok = fields(message, func(f field) bool {
		for i, number := range numbers {
			if f.is(number, protowire.BytesType) {
				found[i] = string(f.bytes)
				return utf8.Valid(f.bytes)
			}
		}
		return true
	})
	return found, ok
}
