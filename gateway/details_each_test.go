package gateway_test

import (
	"cmp"
	"fmt"
	"slices"
	"testing"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/anypb"
	"google.golang.org/protobuf/types/known/durationpb"

	"github.com/statusbridge/statusbridge/gateway"
	statusbridgev1 "github.com/statusbridge/statusbridge/gen/go/statusbridge/v1"
	"github.com/statusbridge/statusbridge/internal/testkit"
	"github.com/statusbridge/statusbridge/mapping"
)

// detailRow is a row of the table of details in docs/services.md: the effect of one attached detail.
type detailRow struct {
	name   string
	detail proto.Message

	message    string // for the client, under a 4xx and a 5xx; empty if the detail does not change it
	details    string // under a 4xx
	details5xx string
	retryAfter string // under a 4xx and a 5xx
	observed   [3]string
	unlinked   bool // grpc-gateway without this library fails, because the program does not contain the type
}

var detailRows = []detailRow{
	{
		name:    "statusbridge.v1.Error",
		detail:  &statusbridgev1.Error{Message: "for the client", Details: "try pool b"},
		message: "for the client", details: "try pool b", details5xx: "try pool b",
	}, {
		name:    "google.rpc.LocalizedMessage",
		detail:  &errdetails.LocalizedMessage{Locale: "de", Message: "Bitte warten."},
		message: "Bitte warten.",
	}, {
		name: "google.rpc.BadRequest",
		detail: &errdetails.BadRequest{FieldViolations: []*errdetails.BadRequest_FieldViolation{
			{Field: "name", Description: "is empty", Reason: "EMPTY"},
			{Field: "tag", Reason: "TOO_LONG", LocalizedMessage: &errdetails.LocalizedMessage{Message: "ist zu lang"}},
			{Field: "gpus", Reason: "NEGATIVE"},
		}},
		details: "name: is empty; tag: ist zu lang; gpus: NEGATIVE",
	}, {
		name: "google.rpc.PreconditionFailure",
		detail: &errdetails.PreconditionFailure{Violations: []*errdetails.PreconditionFailure_Violation{
			{Type: "LOCK", Subject: "project/a", Description: "is locked"},
		}},
		details: "project/a: is locked",
	}, {
		name: "google.rpc.QuotaFailure",
		detail: &errdetails.QuotaFailure{Violations: []*errdetails.QuotaFailure_Violation{
			{Subject: "gpu", Description: "8 of 8 in use"}, {Subject: "cpu", Description: "at the limit"},
		}},
		details: "gpu: 8 of 8 in use; cpu: at the limit",
	}, {
		name: "google.rpc.ResourceInfo",
		detail: &errdetails.ResourceInfo{
			ResourceType: "project", ResourceName: "a", Owner: "user:7", Description: "is archived",
		},
		details: "a: is archived",
	}, {
		name: "google.rpc.Help",
		detail: &errdetails.Help{Links: []*errdetails.Help_Link{
			{Description: "quotas", Url: "https://example.com/quota"},
		}},
		details: "quotas: https://example.com/quota",
	}, {
		name:       "google.rpc.RetryInfo",
		detail:     &errdetails.RetryInfo{RetryDelay: &durationpb.Duration{Seconds: 1, Nanos: 1}},
		retryAfter: "2",
	}, {
		name:     "google.rpc.ErrorInfo",
		detail:   &errdetails.ErrorInfo{Reason: "LOCKED", Domain: "acme", Metadata: map[string]string{"tenant": "7"}},
		observed: [3]string{"LOCKED", "acme", ""},
	}, {
		name:     "google.rpc.RequestInfo",
		detail:   &errdetails.RequestInfo{RequestId: "7f3a", ServingData: "shard 7"},
		observed: [3]string{"", "", "7f3a"},
	}, {
		name:   "google.rpc.DebugInfo",
		detail: &errdetails.DebugInfo{StackEntries: []string{"main.go:7"}, Detail: "secret"},
	}, {
		name:   "another type",
		detail: durationpb.New(7),
	}, {
		// field: {elements: [{field_name: "tags", index: 3}]}, rule_id: "a", message: "is empty"
		name: "buf.validate.Violations",
		detail: raw("type.googleapis.com/buf.validate.Violations",
			"\x0a\x19\x2a\x0a\x0a\x08\x12\x04tags\x30\x03\x12\x01a\x1a\x08is empty"),
		details: "tags[3]: is empty", unlinked: true,
	},
}

// detailClasses are a 4xx, whose message is for the client, and a 5xx, whose message is not.
var detailClasses = []struct {
	code       codes.Code
	httpStatus int
	text       string
	message    string // for the client; empty for the documented sentence
}{
	{codes.InvalidArgument, 400, "not valid", "not valid"},
	{codes.Internal, 500, "pq: constraint 7", ""},
}

// detailSites are the ways from the service to a mux.
var detailSites = map[string]func(testing.TB, *testkit.Service, *runtime.ServeMux) *runtime.ServeMux{
	"network": func(t testing.TB, service *testkit.Service, mux *runtime.ServeMux) *runtime.ServeMux {
		return testkit.Register(t, testkit.Network, service, mux)
	},
	"network with ServerOptions": func(
		t testing.TB, service *testkit.Service, mux *runtime.ServeMux,
	) *runtime.ServeMux {
		return testkit.Connect(t, testkit.ServeGRPC(t, service, mapping.ServerOptions()...), mux)
	},
	"in process": func(t testing.TB, service *testkit.Service, mux *runtime.ServeMux) *runtime.ServeMux {
		return testkit.Register(t, testkit.InProcess, service, mux)
	},
}

// TestDetailsOfEachType attaches each detail to a 4xx and to a 5xx. Clients read the same over TCP and in process,
// with and without mapping.ServerOptions. grpc-gateway without this library sends the message only.
func TestDetailsOfEachType(t *testing.T) {
	t.Parallel()
	for site, register := range detailSites {
		for _, row := range detailRows {
			for _, class := range detailClasses {
				t.Run(fmt.Sprint(site, " ", row.name, " ", class.httpStatus), func(t *testing.T) {
					var n notebook
					service := &testkit.Service{}
					service.Behave(testkit.Fails(detailed(class.code, class.text, row.attached(t))))
					mux := gateway.New(gateway.WithObserver(n.observe)).NewServeMux()
					r := call{}.To(t, testkit.Serve(t, register(t, service, mux)))
					row.wantSent(t, r, class.httpStatus, cmp.Or(row.message, class.message))
					if o := n.one(t); [3]string{o.Reason, o.Domain, o.RequestID} != row.observed {
						t.Errorf("observed %q %q %q, want %q", o.Reason, o.Domain, o.RequestID, row.observed)
					}
					want := scenario{without: without(class.httpStatus, class.text)}
					if row.unlinked {
						want.without = without(500, "failed to marshal error message")
					}
					base := testkit.ServeQuietly(t, register(t, service, runtime.NewServeMux()))
					want.wantWithout(t, testkit.Network, base)
				})
			}
		}
	}
}

// attached returns the detail as a status contains it.
func (row *detailRow) attached(t testing.TB) *anypb.Any {
	t.Helper()
	if packed, ok := row.detail.(*anypb.Any); ok {
		return packed
	}
	return detail(t, row.detail)
}

func (row *detailRow) wantSent(t *testing.T, r testkit.Response, httpStatus int, message string) {
	t.Helper()
	details := row.details
	if httpStatus >= 500 {
		details = row.details5xx
	}
	r.WantError(t, httpStatus, message, details)
	if got := r.Header.Get("Retry-After"); got != row.retryAfter {
		t.Errorf("Retry-After is %q, want %q", got, row.retryAfter)
	}
}

// TestDetailsTogether attaches all details at once. The service's own text comes first, and the others follow in the
// order in which they were attached.
func TestDetailsTogether(t *testing.T) {
	t.Parallel()
	var details []*anypb.Any
	for _, row := range slices.Backward(detailRows) {
		details = append(details, row.attached(t))
	}
	for site, register := range detailSites {
		t.Run(site, func(t *testing.T) {
			service := &testkit.Service{}
			base := testkit.Serve(t, register(t, service, standard.NewServeMux()))
			service.Behave(testkit.Fails(detailed(codes.InvalidArgument, "not valid", details...)))
			call{}.To(t, base).WantError(t, 400, "Bitte warten.", "try pool b; tags[3]: is empty; "+
				"quotas: https://example.com/quota; a: is archived; gpu: 8 of 8 in use; cpu: at the limit; "+
				"project/a: is locked; name: is empty; tag: ist zu lang; gpus: NEGATIVE")
			service.Behave(testkit.Fails(detailed(codes.Internal, "pq: constraint 7", details...)))
			call{}.To(t, base).WantError(t, 500, "Bitte warten.", "try pool b")
		})
	}
}
