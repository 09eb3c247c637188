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
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/types/known/anypb"
	"google.golang.org/protobuf/types/known/durationpb"

	"github.com/statusbridge/statusbridge/gateway"
	"github.com/statusbridge/statusbridge/internal/testkit"
)

// TestRetryAfter reads google.rpc.RetryInfo as Retry-After: whole seconds, rounded up (DESIGN 2.5), in the grammar of
// RFC 9110 section 10.2.3, `delay-seconds = 1*DIGIT`.
func TestRetryAfter(t *testing.T) {
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
				r := call{}.To(t, bridged(t, transport, service, gateway.New()))
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

// TestLongRetryAfter takes delays about and above what time.Duration holds. Nobody waits that long; what counts is
// that the header stays a number of seconds, and not a small or a negative one.
func TestLongRetryAfter(t *testing.T) {
	limit := int64(math.MaxInt64 / time.Second)
	digits := regexp.MustCompile(`^[0-9]+$`)
	for _, seconds := range []int64{limit - 2, limit - 1, limit, limit + 1, 315_576_000_000} {
		for _, nanos := range []int32{0, 1, 999_999_999} {
			t.Run(fmt.Sprint(seconds, ".", nanos), func(t *testing.T) {
				service := &testkit.Service{}
				info := &errdetails.RetryInfo{RetryDelay: &durationpb.Duration{Seconds: seconds, Nanos: nanos}}
				service.Behave(testkit.Fails(detailed(codes.Unavailable, "busy", detail(t, info))))
				got := call{}.To(t, bridged(t, testkit.InProcess, service, gateway.New())).Header["Retry-After"]
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

// TestRetryAfterOnce has the backend send the header too.
func TestRetryAfterOnce(t *testing.T) {
	for _, transport := range testkit.Transports {
		service := &testkit.Service{}
		info := &errdetails.RetryInfo{RetryDelay: durationpb.New(time.Second)}
		service.Behave(testkit.Sets(metadata.Pairs("retry-after", "7"), nil, detailed(codes.Unavailable, "busy", detail(t, info))))
		r := call{}.To(t, bridged(t, transport, service, gateway.New(), withIdentity))
		if got := r.Header["Retry-After"]; len(got) != 1 {
			t.Errorf("%s: Retry-After is %q", transport, got)
		}
	}
}
