package contract

import (
	"net/http"
	"slices"

	"google.golang.org/grpc/codes"
)

// The table is in table_gen.go, as arrays, so that a lookup is an array access. Programs do not read the descriptor
// at run time, because the first use of its options takes half a millisecond. TestTableIsTheDescriptors compares the
// arrays with the descriptor, and writes them.

const (
	definedCodes = 17  // 0..16, google/rpc/code.proto
	statusLimit  = 600 // RFC 9110 section 15: the last class is 5xx
)

// Row is one documented status.
type Row struct {
	HTTPStatus  int
	GRPCCode    codes.Code
	MappedCodes []codes.Code
	Meaning     string
}

// Rows returns a copy of the table, in the order of the statuses.
func Rows() []Row {
	out := slices.Clone(rows)
	for i := range out {
		out[i].MappedCodes = slices.Clone(out[i].MappedCodes)
		out[i].Meaning = meanings[out[i].HTTPStatus]
	}
	return out
}

// HTTPStatus returns the status that a code maps to. It is 500 for a code that no row lists.
func HTTPStatus(code codes.Code) int {
	if code < definedCodes {
		return int(outbound[code])
	}
	return http.StatusInternalServerError
}

// GRPCCode returns the code that a status is read as. It is Unknown for a status outside 2xx, 4xx and 5xx.
func GRPCCode(httpStatus int) codes.Code {
	if uint(httpStatus) < statusLimit {
		return codes.Code(inbound[httpStatus])
	}
	return codes.Unknown
}

// Documented reports whether the status is documented.
func Documented(httpStatus int) bool {
	return uint(httpStatus) < statusLimit && meanings[httpStatus] != ""
}

// IsError reports whether the status is one that an error may carry: 400..599.
func IsError(httpStatus int) bool {
	return httpStatus >= 400 && httpStatus < statusLimit
}

// Meaning returns the documented sentence of a status. For an undocumented status it returns the phrase of RFC 9110,
// or the sentence of its class. It is never empty for an error.
func Meaning(httpStatus int) string {
	if Documented(httpStatus) {
		return meanings[httpStatus]
	}
	if text := http.StatusText(httpStatus); text != "" {
		return text
	}
	if class := httpStatus / 100 * 100; Documented(class) {
		return meanings[class]
	}
	return meanings[http.StatusInternalServerError]
}
