package gateway_test

import (
	"fmt"
	"net/http"
	"testing"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	spb "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/anypb"

	statusbridgev1 "github.com/statusbridge/statusbridge/gen/go/statusbridge/v1"
	"github.com/statusbridge/statusbridge/internal/testkit"
)

const (
	errorURL      = "type.googleapis.com/statusbridge.v1.Error"
	badRequestURL = "type.googleapis.com/google.rpc.BadRequest"
	retryInfoURL  = "type.googleapis.com/google.rpc.RetryInfo"
)

// detailed is a status error with details as they lie on the wire.
func detailed(code codes.Code, message string, details ...*anypb.Any) error {
	return status.ErrorProto(&spb.Status{Code: int32(code), Message: message, Details: details})
}

func detail(t testing.TB, m proto.Message) *anypb.Any {
	t.Helper()
	packed, err := anypb.New(m)
	if err != nil {
		t.Fatal(err)
	}
	return packed
}

func raw(url, value string) *anypb.Any {
	return &anypb.Any{TypeUrl: url, Value: []byte(value)}
}

func violations(pairs ...string) *errdetails.BadRequest {
	b := &errdetails.BadRequest{}
	for i := 0; i < len(pairs); i += 2 {
		b.FieldViolations = append(b.FieldViolations,
			&errdetails.BadRequest_FieldViolation{Field: pairs[i], Description: pairs[i+1]})
	}
	return b
}

// unreadable are details that must change neither the status nor the message (DESIGN 2.3): of types that nobody
// links, and of known types with bytes that are not such a message.
var unreadable = map[string]*anypb.Any{
	"unknown type":                      raw("type.googleapis.com/no.such.Type", "\x0a\x01x"),
	"unknown type that looks like ours": raw("type.googleapis.com/v1.Error", "\x08\xc8\x01"),
	"type without a slash":              raw("no.such.Type", "\x0a\x01x"),
	"no type":                           raw("", "\x0a\x01x"),
	"slash alone":                       raw("/", "\x0a\x01x"),
	"error of noise":                    raw(errorURL, "\xff\xff\xff"),
	"error cut after its code":          raw(errorURL, "\x08\x99\x03\x12\x05no"),
	"error with a message of Latin-1":   raw(errorURL, "\x08\x99\x03\x12\x04caf\xe9"),
	"error with an endless number":      raw(errorURL, "\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"),
	"error with an open group":          raw(errorURL, "\x08\x99\x03\x2b"),
	"error with field zero":             raw(errorURL, "\x08\x99\x03\x00\x01"),
	"violations of noise":               raw(badRequestURL, "\x0a\x05x"),
	"violations of Latin-1":             raw(badRequestURL, "\x0a\x03\x0a\x01\xe9"),
	"retry of noise":                    raw(retryInfoURL, "\x0a\x7f"),
}

// TestUnreadableDetails is about grpc-gateway losing the whole error for one detail that it cannot print.
func TestUnreadableDetails(t *testing.T) {
	var scenarios []scenario
	for name, detail := range unreadable {
		scenarios = append(scenarios, scenario{
			name:    name,
			behave:  testkit.Fails(detailed(codes.NotFound, "no such thing", detail)),
			status:  404,
			message: "no such thing",
			stock:   stock(500, "failed to marshal error message"),
		}, scenario{
			name:   name + " under a 5xx",
			behave: testkit.Fails(detailed(codes.Internal, "pq: relation is gone", detail)),
			status: 500,
			stock:  stock(500, "failed to marshal error message"),
		})
	}
	run(t, scenarios)
}

// TestClaims has details claim statuses that no error may have. The table decides then, and an error stays one.
func TestClaims(t *testing.T) {
	var scenarios []scenario
	for _, claimed := range []int32{200, 204, 302, 418, 0, -1, 70000, 100, 199, 399, 429, 600, 1 << 30, -1 << 31} {
		claim := &statusbridgev1.Error{Code: claimed}
		scenarios = append(scenarios, scenario{
			name:    fmt.Sprint(claimed),
			behave:  testkit.Fails(detailed(codes.NotFound, "no such thing", detail(t, claim))),
			status:  404,
			message: "no such thing",
			stock:   stock(404, "no such thing"),
		}, scenario{
			name:   fmt.Sprint(claimed, " under a 5xx"),
			behave: testkit.Fails(detailed(codes.Unavailable, "dial tcp 10.0.0.3:5432", detail(t, claim))),
			status: 503,
			stock:  stock(503, "dial tcp 10.0.0.3:5432"),
		})
	}
	// A claim on an OK status arrives as an error over the network only if somebody made it one.
	scenarios = append(scenarios, scenario{
		name:    "409 beside other details",
		behave:  testkit.Fails(detailed(codes.Aborted, "", raw("x/y", "z"), detail(t, &statusbridgev1.Error{Code: 502, Message: "broken"}))),
		status:  502,
		message: "broken",
		stock:   stock(500, "failed to marshal error message"),
	}, scenario{
		name: "the first of two",
		behave: testkit.Fails(detailed(codes.Aborted, "x", detail(t, &statusbridgev1.Error{Code: 403, Message: "first"}),
			detail(t, &statusbridgev1.Error{Code: 502, Message: "second"}))),
		status:  403,
		message: "first",
		stock:   stock(409, "x"),
	}, scenario{
		name:    "an unreadable one before a readable one",
		behave:  testkit.Fails(detailed(codes.Aborted, "x", raw(errorURL, "\xff"), detail(t, &statusbridgev1.Error{Code: 502, Message: "second"}))),
		status:  502,
		message: "second",
		stock:   stock(500, "failed to marshal error message"),
	})
	run(t, scenarios)
}

// TestViolations reads google.rpc.BadRequest as the details text, `field: what; field: what` (DESIGN 2.5).
func TestViolations(t *testing.T) {
	two := violations("name", "is empty", "quota", "is negative")
	run(t, []scenario{
		{
			name:    "two",
			behave:  testkit.Fails(detailed(codes.InvalidArgument, "not valid", detail(t, two))),
			status:  400,
			message: "not valid",
			details: "name: is empty; quota: is negative",
			stock:   stock(400, "not valid"),
		}, {
			name:    "without a field, without a description, without either",
			behave:  testkit.Fails(detailed(codes.InvalidArgument, "not valid", detail(t, violations("", "too much", "name", "", "", "")))),
			status:  400,
			message: "not valid",
			details: "too much; name",
			stock:   stock(400, "not valid"),
		}, {
			name:    "none",
			behave:  testkit.Fails(detailed(codes.InvalidArgument, "not valid", detail(t, violations()))),
			status:  400,
			message: "not valid",
			stock:   stock(400, "not valid"),
		}, {
			name: "beside a text of the service",
			behave: testkit.Fails(detailed(codes.InvalidArgument, "not valid", detail(t, two),
				detail(t, &statusbridgev1.Error{Code: 400, Details: "see the manual"}))),
			status:  400,
			message: "not valid",
			details: "see the manual",
			stock:   stock(400, "not valid"),
		}, {
			name:   "under a 5xx",
			behave: testkit.Fails(detailed(codes.Internal, "pq: constraint", detail(t, two))),
			status: 500,
			stock:  stock(500, "pq: constraint"),
		},
	})
}

// TestTrailersAccepted asks for trailers. The details of a status are one, in raw bytes, which grpc-gateway writes
// into HTTP/1.1 as they are.
func TestTrailersAccepted(t *testing.T) {
	te := call{Header: http.Header{"Te": {"trailers"}}}
	run(t, []scenario{
		{
			name:    "with details",
			call:    te,
			behave:  testkit.Fails(detailed(codes.NotFound, "no such thing", detail(t, violations("a\r\nb", "\x00\x01\n")))),
			status:  404,
			message: "no such thing",
			details: "a\r\nb: \x00\x01\n",
			stock:   baseline{network: malformed, inProcess: 404},
		}, {
			name:    "without details",
			call:    te,
			behave:  testkit.Fails(status.Error(codes.NotFound, "no such thing")),
			status:  404,
			message: "no such thing",
			stock:   stock(404, "no such thing"),
		},
	})
}
