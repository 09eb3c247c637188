package languages

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/durationpb"

	statusbridgev1 "github.com/statusbridge/statusbridge/gen/go/statusbridge/v1"
	"github.com/statusbridge/statusbridge/mapping"
)

// detailsVector is an error with violations, a delay, a localized message and debug information. The last fields are
// the status as which it is sent.
type detailsVector struct {
	HTTPStatus  int           `json:"httpStatus"`
	Message     text          `json:"message"`
	Details     text          `json:"details"`
	Violations  int           `json:"violations"` // field0 to fieldN, each with the text below
	Violation   text          `json:"violation"`
	RetryAfter  int           `json:"retryAfter"` // in seconds
	Localized   text          `json:"localized"`
	Debug       text          `json:"debug"`
	GRPCCode    int           `json:"grpcCode"`
	GRPCMessage text          `json:"grpcMessage"`
	Own         *detailVector `json:"own"`
	Foreign     []string      `json:"foreign"` // the names of the other details that are sent
}

func detailsVectors(t *testing.T) []detailsVector {
	long := text(strings.Repeat("x", 5000))
	wide := text(strings.Repeat("€", 3000))
	vectors := []detailsVector{
		{HTTPStatus: 400, Message: "refused", Violations: 2, Violation: "is empty", RetryAfter: 7},
		{HTTPStatus: 409, Message: long, Violations: 2, Violation: "is empty", RetryAfter: 7},
		{HTTPStatus: 409, Message: "taken", Violations: 200, Violation: "is not valid"},
		{HTTPStatus: 409, Message: "taken", Details: "more", Violations: 200, Violation: "is not valid", RetryAfter: 7},
		{HTTPStatus: 409, Message: "taken", Details: long, Violations: 200, Violation: "is not valid"},
		{HTTPStatus: 409, Message: wide, Details: wide, Violations: 3, Violation: wide, Debug: long},
		{HTTPStatus: 404, Message: "gone", Violations: 2, Violation: "is empty", Debug: long},
		{HTTPStatus: 404, Message: "gone", Localized: "parti", Debug: long},
		{HTTPStatus: 404, Message: "gone", Localized: wide, RetryAfter: 7},
		{HTTPStatus: 503, Message: "busy", Violations: 200, Violation: "is not valid", RetryAfter: 7},
		{HTTPStatus: 502, Message: long, Details: long, Localized: "brisé", Debug: long, RetryAfter: 7},
		{HTTPStatus: 405, Message: wide, Violations: 100, Violation: "is not valid", RetryAfter: 7},
	}
	for i := range vectors {
		vectors[i].send(t)
	}
	return vectors
}

// send fills in the status as which Go sends the error.
func (v *detailsVector) send(t *testing.T) {
	e := &mapping.Error{HTTPStatus: v.HTTPStatus, Message: string(v.Message), Details: string(v.Details)}
	var details []proto.Message
	if v.Violations > 0 {
		refused := &errdetails.BadRequest{}
		for i := range v.Violations {
			refused.FieldViolations = append(refused.FieldViolations, &errdetails.BadRequest_FieldViolation{
				Field: fmt.Sprint("field", i), Description: string(v.Violation),
			})
		}
		details = append(details, refused)
	}
	if v.RetryAfter > 0 {
		delay := durationpb.New(time.Duration(v.RetryAfter) * time.Second)
		details = append(details, &errdetails.RetryInfo{RetryDelay: delay})
	}
	if v.Localized != "" {
		details = append(details, &errdetails.LocalizedMessage{Message: string(v.Localized)})
	}
	if v.Debug != "" {
		details = append(details, &errdetails.DebugInfo{Detail: string(v.Debug)})
	}
	st := e.WithDetails(details...).GRPCStatus()
	v.GRPCCode, v.GRPCMessage = int(st.Code()), text(st.Message())
	v.Foreign = []string{}
	for _, detail := range st.Proto().GetDetails() {
		own := &statusbridgev1.Error{}
		if !detail.MessageIs(own) {
			v.Foreign = append(v.Foreign, string(detail.MessageName()))
			continue
		}
		if err := detail.UnmarshalTo(own); err != nil {
			t.Fatal(err)
		}
		v.Own = &detailVector{int(own.GetCode()), text(own.GetMessage()), text(own.GetDetails())}
	}
}
