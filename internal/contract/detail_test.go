package contract_test

import (
	"strings"
	"testing"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	spb "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/anypb"
	"google.golang.org/protobuf/types/known/durationpb"

	statusbridgev1 "github.com/statusbridge/statusbridge/gen/go/statusbridge/v1"
	"github.com/statusbridge/statusbridge/internal/contract"
)

func readDetail(typeURL string, value []byte) contract.Reading {
	return contract.Read(status.FromProto(&spb.Status{
		Code:    int32(codes.InvalidArgument),
		Details: []*anypb.Any{{TypeUrl: typeURL, Value: value}},
	}).Err())
}

// FuzzErrorDetail holds the reading of a statusbridge.v1.Error against the protobuf library's.
func FuzzErrorDetail(f *testing.F) {
	for _, seed := range []*statusbridgev1.Error{
		{}, {Code: 409, Message: "m", Details: "d"}, {Code: -1}, {Code: 70000}, {Message: "\u2028 \x00"},
	} {
		value, err := proto.Marshal(seed)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(value)
	}
	f.Add([]byte("\x12\x01\xff"))                         // message is not UTF-8
	f.Add([]byte("\x08"))                                 // cut
	f.Add([]byte("\x0a\x01x"))                            // code with another wire type
	f.Add([]byte("\x08\x99\x03\x0b"))                     // a group that does not end
	f.Add([]byte("\xf8\xff\xff\xff\x0f\x01\x08\x99\x03")) // the greatest field number, and a code
	f.Add([]byte("\x4a\x01\xff\x08\x99\x03"))             // an unknown field that is not UTF-8, and a code
	f.Add([]byte("\x82\x01\x01x\x08\x99\x03"))            // the first field number of two bytes, and a code
	f.Add([]byte("\x08\x99\x03\x02\x01x"))                // a code, and no field number
	f.Fuzz(func(t *testing.T, value []byte) {
		want := &statusbridgev1.Error{}
		if err := proto.Unmarshal(value, want); err != nil {
			want = &statusbridgev1.Error{}
		}
		got := readDetail("type.googleapis.com/statusbridge.v1.Error", value)
		claimed := 0
		if code := want.GetCode(); code >= 400 && code <= 599 {
			claimed = int(code)
		}
		if got.Claimed != claimed || got.ClientText != want.GetMessage() || got.Details(400) != want.GetDetails() {
			t.Errorf("read %d %q %q, want %d %q %q",
				got.Claimed, got.ClientText, got.Details(400), claimed, want.GetMessage(), want.GetDetails())
		}
	})
}

// FuzzBadRequestDetail holds the reading of a google.rpc.BadRequest against the protobuf library's, where that one
// accepts it.
func FuzzBadRequestDetail(f *testing.F) {
	for _, seed := range []*errdetails.BadRequest{
		{},
		{FieldViolations: []*errdetails.BadRequest_FieldViolation{{Field: "name", Description: "is empty"}}},
		{FieldViolations: []*errdetails.BadRequest_FieldViolation{
			{Field: "name"}, {}, {Description: "what"}, {Field: "a", Description: "b", Reason: "R"},
		}},
	} {
		value, err := proto.Marshal(seed)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(value)
	}
	f.Add([]byte("\x4a\x01\xff\x0a\x03\x0a\x01a")) // an unknown field that is not UTF-8, and a violation
	f.Add([]byte("\x0a\x06\x4a\x01\xff\x0a\x01a")) // the same within one
	f.Fuzz(func(t *testing.T, value []byte) {
		message := &errdetails.BadRequest{}
		if err := proto.Unmarshal(value, message); err != nil {
			return
		}
		var parts []string
		for _, violation := range message.GetFieldViolations() {
			part := violation.GetField() + ": " + violation.GetDescription()
			if violation.GetField() == "" || violation.GetDescription() == "" {
				part = violation.GetField() + violation.GetDescription()
			}
			if part != "" {
				parts = append(parts, part)
			}
		}
		want := strings.Join(parts, "; ")
		reading := readDetail("type.googleapis.com/google.rpc.BadRequest", value)
		got := reading.Details(400)
		if len(want) > 4096 {
			if len(got) > 4096 || !strings.HasPrefix(want, strings.TrimSuffix(got, "…")) || !strings.HasSuffix(got, "…") {
				t.Errorf("read %d bytes, not a marked beginning of at most 4096 of\n%q", len(got), want)
			}
			return
		}
		if got != want {
			t.Errorf("read %q, want %q", got, want)
		}
	})
}

// FuzzRetryInfoDetail holds the reading of a google.rpc.RetryInfo against the protobuf library's.
func FuzzRetryInfoDetail(f *testing.F) {
	for _, seed := range []*errdetails.RetryInfo{
		{},
		{RetryDelay: &durationpb.Duration{}},
		{RetryDelay: durationpb.New(1500 * time.Millisecond)},
		{RetryDelay: durationpb.New(-time.Second)},
		{RetryDelay: &durationpb.Duration{Seconds: 1, Nanos: -1}},
		{RetryDelay: &durationpb.Duration{Seconds: 315_576_000_000}},
		{RetryDelay: &durationpb.Duration{Seconds: 315_576_000_001}},
		{RetryDelay: &durationpb.Duration{Nanos: 1_000_000_000}},
	} {
		value, err := proto.Marshal(seed)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(value)
	}
	f.Fuzz(func(t *testing.T, value []byte) {
		message := &errdetails.RetryInfo{}
		want := int64(-1)
		if err := proto.Unmarshal(value, message); err == nil {
			if delay := message.GetRetryDelay(); delay.IsValid() && delay.GetSeconds() >= 0 && delay.GetNanos() >= 0 {
				want = delay.GetSeconds()
				if delay.GetNanos() > 0 {
					want++
				}
			}
		}
		if got := readDetail("type.googleapis.com/google.rpc.RetryInfo", value).RetryAfter; got != want {
			t.Errorf("read %d, want %d", got, want)
		}
	})
}

func TestDetailsOfOtherTypesAreNotRead(t *testing.T) {
	value, err := proto.Marshal(&statusbridgev1.Error{Code: 503, Message: "m", Details: "d"})
	if err != nil {
		t.Fatal(err)
	}
	for _, typeURL := range []string{"", "/", "Error", "type.googleapis.com/statusbridge.v2.Error", "x/statusbridge.v1.Error/"} {
		r := readDetail(typeURL, value)
		if r.Claimed != 0 || r.ClientText != "" || r.Details(400) != "" {
			t.Errorf("%q: read %+v", typeURL, r)
		}
	}
	for _, typeURL := range []string{"statusbridge.v1.Error", "/statusbridge.v1.Error", "a.b/c/statusbridge.v1.Error"} {
		if r := readDetail(typeURL, value); r.Claimed != 503 {
			t.Errorf("%q: not read (google/protobuf/any.proto: the name is what follows the last slash)", typeURL)
		}
	}
}

// The violations of two details are one text, of which an empty one is no part.
func TestViolationsOfTwoDetails(t *testing.T) {
	of := func(name string) *errdetails.BadRequest {
		return &errdetails.BadRequest{FieldViolations: []*errdetails.BadRequest_FieldViolation{{Field: name}}}
	}
	for _, test := range []struct{ first, second, want string }{
		{"a", "b", "a; b"}, {"a", "", "a"}, {"", "b", "b"}, {"", "", ""},
	} {
		st, err := status.New(codes.InvalidArgument, "").WithDetails(of(test.first), of(test.second))
		if err != nil {
			t.Fatal(err)
		}
		r := contract.Read(st.Err())
		if got := r.Details(400); got != test.want {
			t.Errorf("%q and %q read %q, want %q", test.first, test.second, got, test.want)
		}
	}
}

func TestFirstErrorDetailCounts(t *testing.T) {
	st, err := status.New(codes.NotFound, "").WithDetails(
		&statusbridgev1.Error{Code: 409, Message: "first"}, &statusbridgev1.Error{Code: 503, Message: "second"})
	if err != nil {
		t.Fatal(err)
	}
	if r := contract.Read(st.Err()); r.Claimed != 409 || r.ClientText != "first" {
		t.Errorf("read %d %q", r.Claimed, r.ClientText)
	}
}
