package contract

import (
	"net/http"
	"slices"

	"google.golang.org/grpc/codes"
)

// The table lies in table_gen.go, as arrays that the compiler lays out, so that a lookup is an array access and no
// program reads the descriptor at run time: the first use of descriptor.proto's options in a process takes half a
// millisecond. TestTableIsTheDescriptors holds it to the descriptor, and writes it.

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
	}
	return out
}

// HTTPStatus is the status that a code leaves as; 500 for a code that no row claims.
func HTTPStatus(code codes.Code) int {
	if code < definedCodes {
		return int(outbound[code])
	}
	return http.StatusInternalServerError
}

// GRPCCode is the code that a status is read as; Unknown for whatever is not in a class of RFC 9110 with a row.
func GRPCCode(httpStatus int) codes.Code {
	if uint(httpStatus) < statusLimit {
		return codes.Code(inbound[httpStatus])
	}
	return codes.Unknown
}

// Documented reports whether the page lists the status.
func Documented(httpStatus int) bool {
	return uint(httpStatus) < statusLimit && meanings[httpStatus] != ""
}

// IsError reports whether the status is one that an error may carry: 400..599.
func IsError(httpStatus int) bool {
	return httpStatus >= 400 && httpStatus < statusLimit
}

// Meaning is the page's sentence for a documented status. For another one it is the phrase of RFC 9110, or failing
// that the sentence of the status's class, so that it is never empty for an error.
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
