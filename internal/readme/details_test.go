package readme

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/durationpb"

	"github.com/statusbridge/statusbridge/gateway"
	"github.com/statusbridge/statusbridge/internal/testkit"
	"github.com/statusbridge/statusbridge/mapping"
)

// details shows the response to an error with each standard detail, under a 4xx and under a 5xx.
func details(t *testing.T) string {
	t.Helper()
	service := &testkit.Service{}
	base := testkit.Start(t, testkit.Network, service, gateway.New().NewServeMux())
	var b strings.Builder
	b.WriteString("| detail | under a 4xx | under a 5xx |\n|---|---|---|\n")
	for _, row := range []struct {
		example string
		detail  proto.Message
	}{
		{"`field: name, description: is taken`", &errdetails.BadRequest{
			FieldViolations: []*errdetails.BadRequest_FieldViolation{{Field: "name", Description: "is taken"}},
		}},
		{"`subject: project/a, description: is locked`", &errdetails.PreconditionFailure{
			Violations: []*errdetails.PreconditionFailure_Violation{{Subject: "project/a", Description: "is locked"}},
		}},
		{"`subject: gpu, description: 8 of 8`", &errdetails.QuotaFailure{
			Violations: []*errdetails.QuotaFailure_Violation{{Subject: "gpu", Description: "8 of 8"}},
		}},
		{"`resource_name: project/a, description: was deleted`", &errdetails.ResourceInfo{
			ResourceName: "project/a", Description: "was deleted",
		}},
		{"`description: quotas, url: https://example.com`", &errdetails.Help{
			Links: []*errdetails.Help_Link{{Description: "quotas", Url: "https://example.com"}},
		}},
		{"`message: Bitte warten.`", &errdetails.LocalizedMessage{Locale: "de", Message: "Bitte warten."}},
		{"`retry_delay: 1.5s`", &errdetails.RetryInfo{RetryDelay: durationpb.New(1500 * time.Millisecond)}},
		{"`reason: LOCKED`", &errdetails.ErrorInfo{Reason: "LOCKED"}},
		{"`request_id: 7f3a`", &errdetails.RequestInfo{RequestId: "7f3a"}},
		{"`detail: stack`", &errdetails.DebugInfo{Detail: "stack"}},
	} {
		fmt.Fprintf(&b, "| `%s`<br>%s |", row.detail.ProtoReflect().Descriptor().Name(), row.example)
		for _, httpStatus := range []int{http.StatusConflict, http.StatusServiceUnavailable} {
			service.Behave(fail(mapping.Errorf(httpStatus, "wait").WithDetails(row.detail)))
			fmt.Fprintf(&b, " %s |", response(t, http.MethodGet, base+"/v1/things/1"))
		}
		b.WriteString("\n")
	}
	return b.String()
}
