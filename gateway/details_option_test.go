package gateway_test

import (
	"testing"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/anypb"

	"github.com/statusbridge/statusbridge/gateway"
	statusbridgev1 "github.com/statusbridge/statusbridge/gen/go/statusbridge/v1"
	"github.com/statusbridge/statusbridge/internal/testkit"
)

// TestDetailsText adds text of a team's own types to the details of a 4xx: after the service's own text, and before
// the text of standard details. An error without details, and a 5xx, have no such text.
func TestDetailsText(t *testing.T) {
	t.Parallel()
	team := raw("type.googleapis.com/acme.Limit", "\x0a\x01x")
	standardDetail := detail(t, violations("name", "is empty"))
	own := detail(t, &statusbridgev1.Error{Details: "see the manual"})
	text := func(st *status.Status) string {
		for _, attached := range st.Proto().GetDetails() {
			if attached.GetTypeUrl() == team.GetTypeUrl() {
				return "limit: x"
			}
		}
		return ""
	}
	for _, c := range []struct {
		name     string
		code     codes.Code
		attached []*anypb.Any
		status   int
		message  string
		details  string
	}{
		{"alone", codes.InvalidArgument, []*anypb.Any{team}, 400, "m", "limit: x"},
		{"between", codes.InvalidArgument, []*anypb.Any{standardDetail, team, own}, 400, "m",
			"see the manual; limit: x; name: is empty"},
		{"nothing to say", codes.InvalidArgument, []*anypb.Any{standardDetail}, 400, "m", "name: is empty"},
		{"an error without details", codes.InvalidArgument, nil, 400, "m", ""},
		{"a 5xx", codes.Internal, []*anypb.Any{team, own}, 500, "", "see the manual"},
	} {
		for _, transport := range testkit.Transports {
			t.Run(c.name+" "+string(transport), func(t *testing.T) {
				service := &testkit.Service{}
				service.Behave(testkit.Fails(detailed(c.code, "m", c.attached...)))
				base := bridged(t, transport, service, gateway.New(gateway.WithDetailsText(text)))
				call{}.To(t, base).WantError(t, c.status, c.message, c.details)
			})
		}
	}
}

// TestDetailsWithServerMessages sends the message of a 5xx, but not the text of details that are for a 4xx.
func TestDetailsWithServerMessages(t *testing.T) {
	t.Parallel()
	attached := []*anypb.Any{
		detail(t, violations("name", "is empty")), detail(t, &errdetails.DebugInfo{Detail: testkit.Secret}),
	}
	for _, transport := range testkit.Transports {
		service := &testkit.Service{}
		service.Behave(testkit.Fails(detailed(codes.Internal, "pq: constraint 7", attached...)))
		base := bridged(t, transport, service, gateway.New(gateway.WithServerMessages()))
		call{}.To(t, base).WantError(t, 500, "pq: constraint 7", "")
	}
}
