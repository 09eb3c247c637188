package gateway_test

import (
	"fmt"
	"math"
	"math/big"
	"regexp"
	"slices"
	"testing"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	spb "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/anypb"
	"google.golang.org/protobuf/types/known/durationpb"

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

// unreadable are details that must change neither the status nor the message. Their type is not linked,
// or their bytes are not a message of the type.
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

// TestDetailsUnreadable attaches one detail that nobody can read. grpc-gateway without this library loses the whole
// error for it.
func TestDetailsUnreadable(t *testing.T) {
	t.Parallel()
	var scenarios []scenario
	for name, detail := range unreadable {
		scenarios = append(scenarios, scenario{
			name:    name,
			behave:  testkit.Fails(detailed(codes.NotFound, "no such thing", detail)),
			status:  404,
			message: "no such thing",
			without: without(500, "failed to marshal error message"),
		}, scenario{
			name:    name + " under a 5xx",
			behave:  testkit.Fails(detailed(codes.Internal, "pq: relation is gone", detail)),
			status:  500,
			without: without(500, "failed to marshal error message"),
		})
	}
	run(t, scenarios)
}

// TestDetailsOfViolations sends google.rpc.BadRequest as the details text `field: description; …` (docs/services.md).
func TestDetailsOfViolations(t *testing.T) {
	t.Parallel()
	two := violations("name", "is empty", "quota", "is negative")
	run(t, []scenario{
		{
			name:    "two",
			behave:  testkit.Fails(detailed(codes.InvalidArgument, "not valid", detail(t, two))),
			status:  400,
			message: "not valid",
			details: "name: is empty; quota: is negative",
			without: without(400, "not valid"),
		}, {
			name: "without a field, without a description, without either",
			behave: testkit.Fails(detailed(codes.InvalidArgument, "not valid",
				detail(t, violations("", "too much", "name", "", "", "")))),
			status:  400,
			message: "not valid",
			details: "too much; name",
			without: without(400, "not valid"),
		}, {
			name:    "none",
			behave:  testkit.Fails(detailed(codes.InvalidArgument, "not valid", detail(t, violations()))),
			status:  400,
			message: "not valid",
			without: without(400, "not valid"),
		}, {
			name: "beside a text of the service",
			behave: testkit.Fails(detailed(codes.InvalidArgument, "not valid", detail(t, two),
				detail(t, &statusbridgev1.Error{Code: 400, Details: "see the manual"}))),
			status:  400,
			message: "not valid",
			details: "see the manual; name: is empty; quota: is negative",
			without: without(400, "not valid"),
		}, {
			name:    "under a 5xx",
			behave:  testkit.Fails(detailed(codes.Internal, "pq: constraint", detail(t, two))),
			status:  500,
			without: without(500, "pq: constraint"),
		},
	})
}

// TestRetryAfter sends google.rpc.RetryInfo as Retry-After in whole seconds, rounded up. RFC 9110
// section 10.2.3 defines `delay-seconds = 1*DIGIT`.
func TestRetryAfter(t *testing.T) {
	t.Parallel()
	retry := func(seconds int64, nanos int32) *anypb.Any {
		return detail(t, &errdetails.RetryInfo{RetryDelay: &durationpb.Duration{Seconds: seconds, Nanos: nanos}})
	}
	const most = 315_576_000_000 // google/protobuf/duration.proto
	for _, c := range []struct {
		name    string
		details []*anypb.Any
		want    []string
	}{
		{"none", nil, nil},
		{"no delay", []*anypb.Any{detail(t, &errdetails.RetryInfo{})}, nil},
		{"zero", []*anypb.Any{retry(0, 0)}, []string{"0"}},
		{"a nanosecond", []*anypb.Any{retry(0, 1)}, []string{"1"}},
		{"a second", []*anypb.Any{retry(1, 0)}, []string{"1"}},
		{"a second and a half", []*anypb.Any{retry(1, 500_000_000)}, []string{"2"}},
		{"almost two", []*anypb.Any{retry(1, 999_999_999)}, []string{"2"}},
		{"a day", []*anypb.Any{retry(86400, 0)}, []string{"86400"}},
		{"negative", []*anypb.Any{retry(-1, 0)}, nil},
		{"slightly negative", []*anypb.Any{retry(0, -1)}, nil},
		{"of two signs", []*anypb.Any{retry(1, -1)}, nil},
		{"too many nanoseconds", []*anypb.Any{retry(1, 1_000_000_000)}, nil},
		{"longer than a duration may be", []*anypb.Any{retry(most+1, 0)}, nil},
		{"of any length", []*anypb.Any{retry(math.MaxInt64, 999_999_999)}, nil},
		{"of noise", []*anypb.Any{raw(retryInfoURL, "\x0a\x7f")}, nil},
		{"beside noise", []*anypb.Any{raw("x/y", "z"), retry(3, 0)}, []string{"3"}},
	} {
		for _, transport := range testkit.Transports {
			t.Run(fmt.Sprint(c.name, " ", transport), func(t *testing.T) {
				service := &testkit.Service{}
				service.Behave(testkit.Fails(detailed(codes.Unavailable, "busy", c.details...)))
				r := call{}.To(t, bridged(t, transport, service, standard))
				r.WantError(t, 503, "", "")
				if got := r.Header["Retry-After"]; !slices.Equal(got, c.want) {
					t.Errorf("Retry-After is %q, want %q", got, c.want)
				}
				bare := call{}.To(t, bare(t, transport, service))
				if bare.Header["Retry-After"] != nil {
					t.Errorf("grpc-gateway sends Retry-After %q, recorded is none", bare.Header["Retry-After"])
				}
			})
		}
	}
}

// TestRetryAfterOfLongDelays takes delays around the largest time.Duration. The header must stay a large number of
// seconds.
func TestRetryAfterOfLongDelays(t *testing.T) {
	t.Parallel()
	limit := int64(math.MaxInt64 / time.Second)
	digits := regexp.MustCompile(`^[0-9]+$`)
	for _, seconds := range []int64{limit - 2, limit - 1, limit, limit + 1, 315_576_000_000} {
		for _, nanos := range []int32{0, 1, 999_999_999} {
			t.Run(fmt.Sprint(seconds, ".", nanos), func(t *testing.T) {
				service := &testkit.Service{}
				info := &errdetails.RetryInfo{RetryDelay: &durationpb.Duration{Seconds: seconds, Nanos: nanos}}
				service.Behave(testkit.Fails(detailed(codes.Unavailable, "busy", detail(t, info))))
				got := call{}.To(t, bridged(t, testkit.InProcess, service, standard)).Header["Retry-After"]
				if len(got) != 1 || !digits.MatchString(got[0]) {
					t.Fatalf("Retry-After is %q", got)
				}
				if n, _ := new(big.Int).SetString(got[0], 10); n.Cmp(big.NewInt(limit-2)) < 0 {
					t.Errorf("Retry-After is %s", n)
				}
			})
		}
	}
}

// TestRetryAfterIsSentOnce has the backend send the header as metadata too.
func TestRetryAfterIsSentOnce(t *testing.T) {
	t.Parallel()
	for _, transport := range testkit.Transports {
		service := &testkit.Service{}
		info := &errdetails.RetryInfo{RetryDelay: durationpb.New(time.Second)}
		service.Behave(testkit.Sets(metadata.Pairs("retry-after", "7"), nil,
			detailed(codes.Unavailable, "busy", detail(t, info))))
		r := call{}.To(t, bridged(t, transport, service, standard, withIdentity))
		if got := r.Header["Retry-After"]; len(got) != 1 {
			t.Errorf("%s: Retry-After is %q", transport, got)
		}
	}
}
