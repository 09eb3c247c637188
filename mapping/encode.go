package mapping

import (
	"slices"

	spb "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/anypb"

	statusbridgev1 "github.com/statusbridge/statusbridge/gen/go/statusbridge/v1"
	"github.com/statusbridge/statusbridge/internal/contract"
)

// detailURL is the type of our detail, as google/protobuf/any.proto writes it.
const detailURL = "type.googleapis.com/statusbridge.v1.Error"

// encoding is a status in parts, before it is made to fit the trailers.
type encoding struct {
	httpStatus int
	code       codes.Code
	message    string
	detail     *statusbridgev1.Error // nil if the status table is exact
	carried    []*anypb.Any          // the details of other types
}

// encode returns the status that the fields ask for.
func (e *Error) encode() encoding {
	out := encoding{httpStatus: e.effectiveStatus(), code: e.code(), message: contract.ValidUTF8(e.Message)}
	out.carried = slices.Concat(e.carried(), e.attached)
	if out.message == "" {
		out.message = contract.Meaning(out.httpStatus)
	}
	byTable := contract.HTTPStatus(out.code)
	detail := &statusbridgev1.Error{Code: int32(out.httpStatus), Details: contract.ValidUTF8(e.Details)}
	// If an Error is wrapped once more, grpc-go sends the text of the whole chain as the message of the status.
	if (out.httpStatus >= 500 || byTable >= 500 || e.explicit) && out.message != contract.Meaning(out.httpStatus) {
		detail.Message = out.message
	}
	if e.keepsMessage() {
		out.message, detail.Message = contract.ValidUTF8(e.origin.status.Message()), e.origin.ownMessage
	}
	if e.keepsDetails() {
		detail.Details = e.origin.ownDetails
	}
	if e.text != "" {
		out.message = contract.ValidUTF8(e.text)
	}
	if out.httpStatus != byTable || detail.GetMessage() != "" || detail.GetDetails() != "" {
		out.detail = detail
	}
	return out
}

// keepsMessage reports whether the message is still that of the status that the error was read from.
func (e *Error) keepsMessage() bool {
	o := e.origin
	return o != nil && o.status != nil && o.httpStatus == e.HTTPStatus && o.message == e.Message
}

// keepsDetails reports whether Details is still the text of the details that the error was read from.
func (e *Error) keepsDetails() bool {
	o := e.origin
	return o != nil && o.httpStatus == e.HTTPStatus && o.details == e.Details
}

// carried returns the details of other types that the error was read with. A changed text replaces the details that
// it was made of.
func (e *Error) carried() []*anypb.Any {
	if e.origin == nil {
		return nil
	}
	carried := slices.Concat(decode(e.origin.status).carried, e.origin.carried)
	keepsMessage := e.origin.httpStatus == e.HTTPStatus && e.origin.message == e.Message
	return slices.DeleteFunc(carried, func(detail *anypb.Any) bool {
		return contract.HasText(detail.GetTypeUrl()) && !e.keepsDetails() ||
			contract.IsLocalizedMessage(detail.GetTypeUrl()) && !keepsMessage
	})
}

// decode takes a status apart.
func decode(st *status.Status) encoding {
	p := st.Proto()
	out := encoding{code: codes.Code(p.GetCode()), message: contract.ValidUTF8(p.GetMessage())}
	out.httpStatus = contract.HTTPStatus(out.code)
	for _, detail := range p.GetDetails() {
		own := &statusbridgev1.Error{}
		if out.detail == nil && detail.MessageIs(own) && detail.UnmarshalTo(own) == nil {
			out.detail = own
			if claimed := int(own.GetCode()); contract.IsError(claimed) {
				out.httpStatus = claimed
			}
			continue
		}
		out.carried = append(out.carried, detail)
	}
	return out
}

// status puts the parts together, with each text cut to limit.
func (c *encoding) status(limit int) *spb.Status {
	st := &spb.Status{Code: int32(c.code), Message: contract.Cut(c.message, limit)}
	if c.detail != nil {
		value, err := proto.Marshal(&statusbridgev1.Error{
			Code:    c.detail.GetCode(),
			Message: contract.Cut(c.detail.GetMessage(), limit),
			Details: contract.Cut(c.detail.GetDetails(), limit),
		})
		if err == nil { // it always is, because the texts are valid UTF-8
			st.Details = append(st.Details, &anypb.Any{TypeUrl: detailURL, Value: value})
		}
	}
	st.Details = append(st.Details, c.carried...)
	return st
}
