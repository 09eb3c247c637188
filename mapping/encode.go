package mapping

import (
	"encoding/base64"
	"sort"
	"strings"

	spb "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/anypb"

	statusbridgev1 "github.com/statusbridge/statusbridge/gen/go/statusbridge/v1"
	"github.com/statusbridge/statusbridge/internal/contract"
)

// trailerBudget is what an Error may cost in the trailers grpc-message and grpc-status-details-bin together, in
// bytes on the wire. Proxies and HTTP/2 stacks commonly allow 8 KiB of header list in all; past a client's limit
// the whole status is lost, and in some stacks the connection with it.
const trailerBudget = 4 << 10

// encode builds the status from the fields, within the budget.
func (e *Error) encode() *status.Status {
	httpStatus := e.effectiveStatus()
	code := e.code(httpStatus)
	message := strings.ToValidUTF8(e.Message, "\uFFFD")
	details := strings.ToValidUTF8(e.Details, "\uFFFD")
	carried := e.carriedDetails()

	build := func(limit int) *spb.Status {
		return attach(code, httpStatus, contract.Cut(message, limit), contract.Cut(details, limit), carried)
	}
	st := build(trailerBudget)
	if trailerSize(st) > trailerBudget && carried != nil {
		carried = nil
		st = build(trailerBudget)
	}
	if trailerSize(st) > trailerBudget {
		// The greatest common length that fits: cutting both texts to it cuts the longest first.
		st = build(sort.Search(trailerBudget, func(length int) bool {
			return trailerSize(build(length+1)) > trailerBudget
		}))
	}
	return status.FromProto(st)
}

// carriedDetails are the details of the status that the error was read from, but for the one made anew.
func (e *Error) carriedDetails() []*anypb.Any {
	if e.origin == nil {
		return nil
	}
	var carried []*anypb.Any
	for _, detail := range e.origin.status.Proto().GetDetails() {
		if !detail.MessageIs((*statusbridgev1.Error)(nil)) {
			carried = append(carried, detail)
		}
	}
	return carried
}

// attach makes the status, with a statusbridge.v1.Error only where the table alone would lose something.
func attach(code codes.Code, httpStatus int, message, details string, carried []*anypb.Any) *spb.Status {
	if message == "" {
		message = contract.Meaning(httpStatus)
	}
	st := &spb.Status{Code: int32(code), Message: message, Details: carried}
	byTable := contract.HTTPStatus(code)
	clientText := ""
	if (httpStatus >= 500 || byTable >= 500) && message != contract.Meaning(httpStatus) {
		clientText = message
	}
	if httpStatus == byTable && clientText == "" && details == "" {
		return st
	}
	detail, err := anypb.New(&statusbridgev1.Error{Code: int32(httpStatus), Message: clientText, Details: details})
	if err == nil {
		// A fresh slice: the carried details belong to the status that they were read from.
		st.Details = append([]*anypb.Any{detail}, carried...)
	}
	return st
}

// trailerSize is what a status costs in trailers: its message percent-encoded, and, when it has details, the whole
// of it in base64 (gRPC over HTTP/2, section "Responses").
func trailerSize(st *spb.Status) int {
	size := 0
	for i := range len(st.GetMessage()) {
		if c := st.GetMessage()[i]; c < ' ' || c > '~' || c == '%' {
			size += 2
		}
		size++
	}
	if len(st.GetDetails()) > 0 {
		size += base64.RawStdEncoding.EncodedLen(proto.Size(st))
	}
	return size
}
