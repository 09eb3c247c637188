package mapping

import (
	spb "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/anypb"

	"github.com/statusbridge/statusbridge/internal/contract"
)

// encoding is a gRPC status in parts, so that it can be made to fit the trailers.
type encoding struct {
	httpStatus int
	code       codes.Code
	message    string
	own        contract.ErrorDetail
	hasOwn     bool         // own is sent, because the status table is not exact
	others     []*anypb.Any // the details of other types
}

// encode returns the status of an Error that a service made, or that was changed after it had been read.
func (e *Error) encode() encoding {
	out := encoding{httpStatus: e.effectiveStatus(), code: e.code(), message: contract.ValidUTF8(e.Message)}
	out.others = append(e.keptDetails(), e.attached...)
	if out.message == "" {
		out.message = contract.Meaning(out.httpStatus)
	}
	byTable := contract.HTTPStatus(out.code)
	out.own = contract.ErrorDetail{Code: int32(out.httpStatus), Details: contract.ValidUTF8(e.Details)}
	// Under a 5xx, clients read only the message of our detail. If an Error is wrapped once more, grpc-go sends the
	// text of the whole chain as the message of the status, and the cause would be in it.
	if (out.httpStatus >= 500 || byTable >= 500 || e.hidesCause) && out.message != contract.Meaning(out.httpStatus) {
		out.own.Message = out.message
	}
	if e.keepsMessage() && e.source.status != nil {
		out.message, out.own.Message = contract.ValidUTF8(e.source.status.Message()), e.source.own.Message
	}
	if e.keepsDetails() {
		out.own.Details = e.source.own.Details
	}
	if e.grpcMessage != "" {
		out.message = contract.ValidUTF8(e.grpcMessage)
	}
	out.hasOwn = out.httpStatus != byTable || out.own.Message != "" || out.own.Details != ""
	return out
}

// keepsMessage reports whether the message is still the one that the error was read with.
func (e *Error) keepsMessage() bool {
	s := e.source
	return s != nil && s.httpStatus == e.HTTPStatus && s.message == e.Message
}

// keepsDetails reports whether Details is still the text of the details that the error was read with.
func (e *Error) keepsDetails() bool {
	s := e.source
	return s != nil && s.httpStatus == e.HTTPStatus && s.details == e.Details
}

// keptDetails returns the details of other types that the error was read with. A changed text replaces the details
// that it was made of.
func (e *Error) keptDetails() []*anypb.Any {
	if e.source == nil {
		return nil
	}
	others := e.source.others
	if e.source.status != nil {
		others = decode(e.source.status).others
	}
	var kept []*anypb.Any
	for _, detail := range others {
		replaced := contract.HasText(detail.GetTypeUrl()) && !e.keepsDetails() ||
			contract.IsLocalizedMessage(detail.GetTypeUrl()) && !e.keepsMessage()
		if !replaced {
			kept = append(kept, detail)
		}
	}
	return kept
}

// decode takes a status apart.
func decode(st *status.Status) encoding {
	p := st.Proto()
	out := encoding{code: codes.Code(p.GetCode()), message: contract.ValidUTF8(p.GetMessage())}
	out.httpStatus = contract.HTTPStatus(out.code)
	for _, detail := range p.GetDetails() {
		if own, ok := contract.ReadErrorDetail(detail); ok && !out.hasOwn {
			out.own, out.hasOwn = own, true
			if claimed := int(own.Code); contract.IsError(claimed) {
				out.httpStatus = claimed
			}
			continue
		}
		out.others = append(out.others, detail)
	}
	return out
}

// status puts the parts together.
func (c *encoding) status() *status.Status {
	if !c.hasOwn && len(c.others) == 0 {
		return status.New(c.code, c.message)
	}
	p := &spb.Status{Code: int32(c.code), Message: c.message}
	if c.hasOwn {
		p.Details = append(p.Details, c.own.Any())
	}
	p.Details = append(p.Details, c.others...)
	return status.FromProto(p)
}

// cut returns the encoding with each text cut to limit bytes.
func (c *encoding) cut(limit int) *encoding {
	out := *c
	out.message = contract.Cut(c.message, limit)
	out.own.Message = contract.Cut(c.own.Message, limit)
	out.own.Details = contract.Cut(c.own.Details, limit)
	return &out
}
