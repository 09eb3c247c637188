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

// FuzzErrorDetail compares statusbridge.v1.Error with the generated type.
func FuzzErrorDetail(f *testing.F) {
	for _, seed := range []*statusbridgev1.Error{
		{}, {Code: 409, Message: "m", Details: "d"}, {Code: 409, Message: strings.Repeat("m", 99)},
		{Code: 409, Details: strings.Repeat("d", 99)}, {Code: -1}, {Code: 70000}, {Message: "\u2028 \x00"},
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
		if want.GetCode() == 0 {
			return // a service always sets it
		}
		detail := contract.ErrorDetail{Code: want.GetCode(), Message: want.GetMessage(), Details: want.GetDetails()}
		written := &statusbridgev1.Error{}
		if err := detail.Any().UnmarshalTo(written); err != nil {
			t.Fatal(err)
		}
		known := proto.Clone(want)
		known.ProtoReflect().SetUnknown(nil)
		if !proto.Equal(known, written) || detail.Size() != proto.Size(detail.Any()) {
			t.Errorf("wrote %v in %d bytes, want %v in %d", written, proto.Size(detail.Any()), known, detail.Size())
		}
	})
}

// FuzzRetryInfoDetail compares google.rpc.RetryInfo with the generated type.
func FuzzRetryInfoDetail(f *testing.F) {
	for _, seed := range []*errdetails.RetryInfo{
		{},
		{RetryDelay: &durationpb.Duration{}},
		{RetryDelay: durationpb.New(1500 * time.Millisecond)},
		{RetryDelay: durationpb.New(-time.Second)},
		{RetryDelay: &durationpb.Duration{Seconds: 1, Nanos: -1}},
		{RetryDelay: &durationpb.Duration{Seconds: 315_576_000_000}},
		{RetryDelay: &durationpb.Duration{Seconds: 315_576_000_001}},
		{RetryDelay: &durationpb.Duration{Nanos: 999_999_999}},
		{RetryDelay: &durationpb.Duration{Nanos: 1_000_000_000}},
	} {
		value, err := proto.Marshal(seed)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(value)
	}
	f.Add([]byte("\x08\x01\x0a\x02\x08\x07")) // an unknown field, and a delay of 7 seconds
	f.Fuzz(func(t *testing.T, value []byte) {
		message := &errdetails.RetryInfo{}
		want := int64(-1)
		if err := proto.Unmarshal(value, message); err == nil {
			want = secondsOf(message)
		}
		if got := readDetail("type.googleapis.com/google.rpc.RetryInfo", value).RetryAfter; got != want {
			t.Errorf("read %d, want %d", got, want)
		}
	})
}

// secondsOf returns the delay in seconds, rounded up, or -1 if it is missing or invalid.
func secondsOf(message *errdetails.RetryInfo) int64 {
	delay := message.GetRetryDelay()
	switch {
	case !delay.IsValid() || delay.GetSeconds() < 0 || delay.GetNanos() < 0:
		return -1
	case delay.GetNanos() > 0:
		return delay.GetSeconds() + 1
	}
	return delay.GetSeconds()
}

// FuzzTextDetail compares ErrorInfo, RequestInfo and LocalizedMessage with the generated types.
func FuzzTextDetail(f *testing.F) {
	for _, seed := range []proto.Message{
		&errdetails.ErrorInfo{Reason: "R", Domain: "d", Metadata: map[string]string{"a": "b"}},
		&errdetails.RequestInfo{RequestId: "7", ServingData: "secret"},
		&errdetails.LocalizedMessage{Locale: "de", Message: "belegt"},
	} {
		value, err := proto.Marshal(seed)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(value)
	}
	f.Add([]byte("\x0a\x01\xff"))          // not UTF-8
	f.Add([]byte("\x12\x01a\x12\x00"))     // the same field twice
	f.Add([]byte("\x0a\x01a\x1a\x01\xff")) // a text, and a field that is not UTF-8
	f.Fuzz(func(t *testing.T, value []byte) {
		info := &errdetails.ErrorInfo{}
		if proto.Unmarshal(value, info) == nil {
			r := readDetail("google.rpc.ErrorInfo", value)
			if r.Reason != info.GetReason() || r.Domain != info.GetDomain() {
				t.Errorf("read %q %q, want %v", r.Reason, r.Domain, info)
			}
		}
		request := &errdetails.RequestInfo{}
		if proto.Unmarshal(value, request) == nil {
			if r := readDetail("google.rpc.RequestInfo", value); r.RequestID != request.GetRequestId() {
				t.Errorf("read %q, want %v", r.RequestID, request)
			}
		}
		localized := &errdetails.LocalizedMessage{}
		if proto.Unmarshal(value, localized) == nil {
			if r := readDetail("google.rpc.LocalizedMessage", value); r.ClientText != localized.GetMessage() {
				t.Errorf("read %q, want %v", r.ClientText, localized)
			}
		}
	})
}
