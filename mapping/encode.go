package mapping

import (
	"encoding/base64"
	"slices"
	"sort"
	"unicode/utf8"

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

// detailURL is the type of the detail, as google/protobuf/any.proto writes it.
const detailURL = "type.googleapis.com/statusbridge.v1.Error"

// encoding is a status before its texts are cut to fit.
type encoding struct {
	code    codes.Code
	message string
	detail  *statusbridgev1.Error // nil where the table says it all
	carried []*anypb.Any          // the details of other types, which belong to the status that was read
}

// encode makes the status that the fields ask for: with a detail only where the table alone would lose something.
func (e *Error) encode() encoding {
	httpStatus := e.effectiveStatus()
	out := encoding{code: e.code(), message: contract.ValidUTF8(e.Message)}
	if e.origin != nil {
		out.carried = slices.Concat(decode(e.origin.status).carried, e.origin.carried)
	}
	if out.message == "" {
		out.message = contract.Meaning(httpStatus)
	}
	byTable := contract.HTTPStatus(out.code)
	detail := &statusbridgev1.Error{Code: int32(httpStatus), Details: contract.ValidUTF8(e.Details)}
	// grpc-go sends the text of all the errors around a status that is wrapped once more, causes included, as its message.
	if (httpStatus >= 500 || byTable >= 500 || e.explicit) && out.message != contract.Meaning(httpStatus) {
		detail.Message = out.message
	}
	if httpStatus != byTable || detail.GetMessage() != "" || detail.GetDetails() != "" {
		out.detail = detail
	}
	return out
}

// decode takes a status apart.
func decode(st *status.Status) encoding {
	p := st.Proto()
	out := encoding{code: codes.Code(p.GetCode()), message: contract.ValidUTF8(p.GetMessage())}
	for _, detail := range p.GetDetails() {
		own := &statusbridgev1.Error{}
		if out.detail == nil && detail.MessageIs(own) && detail.UnmarshalTo(own) == nil {
			out.detail = own
			continue
		}
		out.carried = append(out.carried, detail)
	}
	return out
}

// smallDetails is how many bytes of details are not worth cutting a text for: a google.rpc.RetryInfo takes half of it.
const smallDetails = 128

// fit gives up what does not fit the budget: first the details that are not ours, but for few small ones, then the ends
// of the texts, of either the longest first.
func (c encoding) fit() *status.Status {
	st := c.status(trailerBudget)
	if trailerSize(st) <= trailerBudget {
		return status.FromProto(st)
	}
	slices.SortStableFunc(c.carried, func(a, b *anypb.Any) int { return proto.Size(a) - proto.Size(b) })
	size := 0
	for _, detail := range c.carried {
		size += proto.Size(detail)
	}
	for last := len(c.carried) - 1; size > smallDetails && trailerSize(st) > trailerBudget; last-- {
		size -= proto.Size(c.carried[last])
		c.carried = c.carried[:last]
		st = c.status(trailerBudget)
	}
	if trailerSize(st) > trailerBudget {
		// The greatest common length that fits: cutting all texts to it cuts the longest first.
		st = c.status(sort.Search(trailerBudget, func(length int) bool {
			return trailerSize(c.status(length+1)) > trailerBudget
		}))
	}
	return status.FromProto(st)
}

// status puts the parts together, with each text cut to limit.
func (c encoding) status(limit int) *spb.Status {
	st := &spb.Status{Code: int32(c.code), Message: contract.Cut(c.message, limit)}
	if c.detail != nil {
		detail := c.detail
		if max(len(detail.GetMessage()), len(detail.GetDetails())) > limit {
			detail = &statusbridgev1.Error{
				Code:    detail.GetCode(),
				Message: contract.Cut(detail.GetMessage(), limit),
				Details: contract.Cut(detail.GetDetails(), limit),
			}
		}
		value, err := proto.Marshal(detail)
		if err == nil { // it always is: the texts are valid UTF-8
			st.Details = append(st.Details, &anypb.Any{TypeUrl: detailURL, Value: value})
		}
	}
	st.Details = append(st.Details, c.carried...)
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

// fits reports whether a status can be sent as it is: within the budget, and in UTF-8, without which it would lose its
// details.
func fits(st *status.Status) bool {
	return utf8.ValidString(st.Message()) && trailerSize(st.Proto()) <= trailerBudget
}
