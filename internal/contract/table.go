package contract

import (
	"net/http"
	"slices"
	"sync"

	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	statusbridgev1 "github.com/statusbridge/statusbridge/gen/go/statusbridge/v1"
)

const (
	definedCodes = 17  // 0..16, google/rpc/code.proto
	statusLimit  = 600 // RFC 9110 section 15: the last class is 5xx
)

// Row is one documented status.
type Row struct {
	HTTPStatus int
	GRPCCode   codes.Code
	LeavesAs   []codes.Code
	Meaning    string
}

// The table as arrays, so that a lookup is an array access. They are read from the descriptor once, at the first
// lookup and not at start-up: the first use of descriptor.proto's options in a process takes half a millisecond,
// which a program that never fails should not pay.
var (
	once     sync.Once
	rows     []Row
	inbound  [statusLimit]uint8
	outbound [definedCodes]uint16
	meanings [statusLimit]string
)

func load() {
	enum := statusbridgev1.HttpStatus_HTTP_STATUS_UNSPECIFIED.Descriptor()
	readRows(enum.Values())
	readInbound(enum.Options())
	for code := range outbound {
		outbound[code] = http.StatusInternalServerError
	}
	for _, row := range rows {
		for _, code := range row.LeavesAs {
			outbound[code] = uint16(row.HTTPStatus)
		}
	}
}

func readRows(values protoreflect.EnumValueDescriptors) {
	for i := range values.Len() {
		value := values.Get(i)
		if !proto.HasExtension(value.Options(), statusbridgev1.E_Row) {
			continue
		}
		row := proto.GetExtension(value.Options(), statusbridgev1.E_Row).(*statusbridgev1.Row)
		leaves := make([]codes.Code, len(row.GetLeavesAs()))
		for j, code := range row.GetLeavesAs() {
			leaves[j] = codes.Code(code)
		}
		rows = append(rows, Row{
			HTTPStatus: int(value.Number()),
			GRPCCode:   codes.Code(row.GetGrpcCode()),
			LeavesAs:   leaves,
			Meaning:    row.GetMeaning(),
		})
	}
}

func readInbound(options proto.Message) {
	rowCodes := map[int]codes.Code{}
	for _, row := range rows {
		rowCodes[row.HTTPStatus] = row.GRPCCode
		meanings[row.HTTPStatus] = row.Meaning
	}
	for status := range inbound {
		code, ok := rowCodes[status]
		if !ok {
			code, ok = rowCodes[status/100*100]
		}
		if !ok {
			code = codes.Unknown
		}
		inbound[status] = uint8(code)
	}
	for _, unlisted := range proto.GetExtension(options, statusbridgev1.E_Unlisted).([]*statusbridgev1.UnlistedStatus) {
		inbound[unlisted.GetStatus()] = uint8(unlisted.GetGrpcCode())
	}
}

// Rows returns a copy of the table, in the order of the statuses.
func Rows() []Row {
	once.Do(load)
	out := slices.Clone(rows)
	for i := range out {
		out[i].LeavesAs = slices.Clone(out[i].LeavesAs)
	}
	return out
}

// HTTPStatus is the status that a code leaves as; 500 for a code that no row claims.
func HTTPStatus(code codes.Code) int {
	once.Do(load)
	if code < definedCodes {
		return int(outbound[code])
	}
	return http.StatusInternalServerError
}

// GRPCCode is the code that a status is read as; Unknown for whatever is not in a class of RFC 9110 with a row.
func GRPCCode(httpStatus int) codes.Code {
	once.Do(load)
	if uint(httpStatus) < statusLimit {
		return codes.Code(inbound[httpStatus])
	}
	return codes.Unknown
}

// Documented reports whether the page lists the status.
func Documented(httpStatus int) bool {
	once.Do(load)
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
