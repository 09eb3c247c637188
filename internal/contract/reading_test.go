package contract_test

import (
	"runtime"
	"strings"
	"testing"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	spb "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/protoadapt"
	"google.golang.org/protobuf/types/known/anypb"
	"google.golang.org/protobuf/types/known/durationpb"

	statusbridgev1 "github.com/statusbridge/statusbridge/gen/go/statusbridge/v1"
	"github.com/statusbridge/statusbridge/internal/contract"
)

// readStatus reads a status with details.
func readStatus(t *testing.T, code codes.Code, message string, details ...protoadapt.MessageV1) contract.Reading {
	t.Helper()
	st, err := status.New(code, message).WithDetails(details...)
	if err != nil {
		t.Fatal(err)
	}
	return contract.Read(st.Err())
}

// TestDetails_type_names compares the text after the last slash of the type.
func TestDetails_type_names(t *testing.T) {
	value, err := proto.Marshal(&statusbridgev1.Error{Code: 503, Message: "m", Details: "d"})
	if err != nil {
		t.Fatal(err)
	}
	for _, typeURL := range []string{
		"", "/", "Error", "type.googleapis.com/statusbridge.v2.Error", "x/statusbridge.v1.Error/",
		"type.googleapis.com/google.rpc.DebugInfo",
	} {
		r := readDetail(typeURL, value)
		if r.Claimed != 0 || r.ClientText != "" || r.Details(400) != "" {
			t.Errorf("%q: read %+v", typeURL, r)
		}
	}
	for _, typeURL := range []string{"statusbridge.v1.Error", "/statusbridge.v1.Error", "a.b/c/statusbridge.v1.Error"} {
		if r := readDetail(typeURL, value); r.Claimed != 503 {
			t.Errorf("%q: not read (google/protobuf/any.proto: the name follows the last slash)", typeURL)
		}
	}
}

// TestDetails_order expects the service's own text, and then the others in the order in which they were attached.
func TestDetails_order(t *testing.T) {
	r := readStatus(t, codes.InvalidArgument, "m",
		&errdetails.QuotaFailure{
			Violations: []*errdetails.QuotaFailure_Violation{{Subject: "gpu", Description: "8 of 8"}},
		},
		&errdetails.DebugInfo{Detail: "secret"},
		&statusbridgev1.Error{Code: 400, Details: "own"},
		&errdetails.BadRequest{},
		&errdetails.Help{Links: []*errdetails.Help_Link{{Description: "docs", Url: "https://example.com"}}})
	if got, want := r.Details(400), "own; gpu: 8 of 8; docs: https://example.com"; got != want {
		t.Errorf("a 4xx has the details %q, want %q", got, want)
	}
	if got := r.Details(500); got != "own" {
		t.Errorf("a 5xx has the details %q, want the service's own", got)
	}
}

// TestMessage_localized replaces the message by a LocalizedMessage, also under a 5xx.
func TestMessage_localized(t *testing.T) {
	german := &errdetails.LocalizedMessage{Locale: "de", Message: "Gibt es nicht"}
	english := &errdetails.LocalizedMessage{Locale: "en", Message: "second"}
	for _, details := range [][]protoadapt.MessageV1{
		{german}, {german, english}, {&statusbridgev1.Error{Code: 502, Message: "own"}, german},
	} {
		r := readStatus(t, codes.Unavailable, "m", details...)
		for _, httpStatus := range []int{404, 503} {
			if got := r.Message(httpStatus); got != "Gibt es nicht" {
				t.Errorf("%v under %d: the message is %q", details, httpStatus, got)
			}
		}
	}
	r := readStatus(t, codes.NotFound, "m", &errdetails.LocalizedMessage{Locale: "de"})
	if got := r.Message(404); got != "m" {
		t.Errorf("an empty LocalizedMessage replaces the message by %q", got)
	}
}

// TestMessage gives a client the message of a 4xx, and the documented sentence of a 5xx.
func TestMessage(t *testing.T) {
	r := readStatus(t, codes.NotFound, "m")
	empty := readStatus(t, codes.NotFound, "")
	for httpStatus, want := range map[int]string{
		400: "m", 499: "m", 500: contract.Meaning(500), 599: contract.Meaning(599),
	} {
		if got := r.Message(httpStatus); got != want {
			t.Errorf("under %d the message is %q, want %q", httpStatus, got, want)
		}
		if got := empty.Message(httpStatus); got != contract.Meaning(httpStatus) {
			t.Errorf("under %d an empty message is %q", httpStatus, got)
		}
	}
	if r.Detailed || r.HTTPStatus() != 404 {
		t.Errorf("a status without details reads as %+v", r)
	}
}

// TestDetails_under_each_status shows the text of BadRequest under a 4xx only.
func TestDetails_under_each_status(t *testing.T) {
	own := &statusbridgev1.Error{Code: 502, Details: "own"}
	for _, test := range []struct {
		details   []protoadapt.MessageV1
		low, high string
	}{
		{nil, "", ""},
		{[]protoadapt.MessageV1{own}, "own", "own"},
		{[]protoadapt.MessageV1{badRequest("name", "is empty")}, "name: is empty", ""},
		{[]protoadapt.MessageV1{badRequest("name", "is empty"), own}, "own; name: is empty", "own"},
	} {
		r := readStatus(t, codes.InvalidArgument, "m", test.details...)
		for httpStatus, want := range map[int]string{400: test.low, 499: test.low, 500: test.high, 599: test.high} {
			if got := r.Details(httpStatus); got != want {
				t.Errorf("%v under %d: the details are %q, want %q", test.details, httpStatus, got, want)
			}
		}
	}
	if r := readStatus(t, codes.Unavailable, "m", own); r.HTTPStatus() != 502 {
		t.Errorf("the status is %d, want 502", r.HTTPStatus())
	}
}

// TestReadErrorDetail reads the detail of any URL prefix, and no other type.
func TestReadErrorDetail(t *testing.T) {
	value, err := proto.Marshal(&statusbridgev1.Error{Code: 409, Message: "m"})
	if err != nil {
		t.Fatal(err)
	}
	for url, want := range map[string]bool{
		"type.googleapis.com/statusbridge.v1.Error": true, "statusbridge.v1.Error": true,
		"type.googleapis.com/google.rpc.Help": false, "": false,
	} {
		detail, ok := contract.ReadErrorDetail(&anypb.Any{TypeUrl: url, Value: value})
		if ok != want || want && (detail.Code != 409 || detail.Message != "m") {
			t.Errorf("%q: read %+v, %t", url, detail, ok)
		}
	}
	malformed := &anypb.Any{TypeUrl: "statusbridge.v1.Error", Value: value[:len(value)-1]}
	if detail, ok := contract.ReadErrorDetail(malformed); ok {
		t.Errorf("malformed: read %+v", detail)
	}
}

// TestTypes_with_text names the types whose text a client reads.
func TestTypes_with_text(t *testing.T) {
	for _, test := range []struct {
		url             string
		text, localized bool
	}{
		{"type.googleapis.com/google.rpc.BadRequest", true, false},
		{"type.googleapis.com/buf.validate.Violations", true, false},
		{"type.googleapis.com/google.rpc.LocalizedMessage", false, true},
		{"type.googleapis.com/google.rpc.DebugInfo", false, false},
		{"", false, false},
	} {
		if contract.HasText(test.url) != test.text || contract.IsLocalizedMessage(test.url) != test.localized {
			t.Errorf("%q: text %t, localized %t", test.url, contract.HasText(test.url),
				contract.IsLocalizedMessage(test.url))
		}
	}
}

// TestReading_for_observers reads ErrorInfo and RequestInfo. Clients do not read them.
func TestReading_for_observers(t *testing.T) {
	r := readStatus(t, codes.NotFound, "m",
		&errdetails.ErrorInfo{Reason: "GONE", Domain: "example.com", Metadata: map[string]string{"a": "b"}},
		&errdetails.RequestInfo{RequestId: "r-1", ServingData: "secret"},
		&errdetails.ErrorInfo{Reason: "SECOND"},
		&errdetails.RetryInfo{RetryDelay: &durationpb.Duration{Seconds: 1, Nanos: 1}})
	if r.Reason != "GONE" || r.Domain != "example.com" || r.RequestID != "r-1" || r.RetryAfter != 2 || !r.Detailed {
		t.Errorf("read %+v", r)
	}
	if r.Message(404) != "m" || r.Details(404) != "" {
		t.Errorf("a client reads %q %q", r.Message(404), r.Details(404))
	}
}

// TestReading_first_Error_detail_counts reads a status with two statusbridge.v1.Error details.
func TestReading_first_Error_detail_counts(t *testing.T) {
	r := readStatus(t, codes.NotFound, "", &statusbridgev1.Error{Code: 409, Message: "first"},
		&statusbridgev1.Error{Code: 503, Message: "second"})
	if r.Claimed != 409 || r.ClientText != "first" {
		t.Errorf("read %d %q", r.Claimed, r.ClientText)
	}
}

// BenchmarkRead reads statuses with many details of one type. The time for 40,000 is four times that for 10,000.
func BenchmarkRead(b *testing.B) {
	for name, detail := range map[string]proto.Message{
		"Error":            &statusbridgev1.Error{Message: "m"},
		"LocalizedMessage": &errdetails.LocalizedMessage{Locale: "en", Message: "m"},
		"BadRequest":       badRequest("a", "b"),
		"PreconditionFailure": &errdetails.PreconditionFailure{
			Violations: []*errdetails.PreconditionFailure_Violation{{Subject: "a", Description: "b"}}},
		"QuotaFailure": &errdetails.QuotaFailure{
			Violations: []*errdetails.QuotaFailure_Violation{{Subject: "a", Description: "b"}}},
		"ResourceInfo": &errdetails.ResourceInfo{ResourceName: "a", Description: "b"},
		"Help":         &errdetails.Help{Links: []*errdetails.Help_Link{{Description: "a", Url: "b"}}},
		"RetryInfo":    &errdetails.RetryInfo{RetryDelay: &durationpb.Duration{Seconds: 1}},
		"ErrorInfo":    &errdetails.ErrorInfo{Reason: "R", Domain: "d"},
		"RequestInfo":  &errdetails.RequestInfo{RequestId: "r"},
	} {
		encoded, err := anypb.New(detail)
		if err != nil {
			b.Fatal(err)
		}
		benchmarkRead(b, name, encoded)
	}
	benchmarkRead(b, "Violations",
		&anypb.Any{TypeUrl: "t/buf.validate.Violations", Value: violations(b, violation("m", "r", `field_name: "a"`))})
	benchmarkRead(b, "empty", &anypb.Any{})
}

func badRequest(field, description string) *errdetails.BadRequest {
	violation := &errdetails.BadRequest_FieldViolation{Field: field, Description: description}
	return &errdetails.BadRequest{FieldViolations: []*errdetails.BadRequest_FieldViolation{violation}}
}

func benchmarkRead(b *testing.B, name string, detail *anypb.Any) {
	for count, label := range map[int]string{1: "1", 10_000: "10k", 40_000: "40k"} {
		p := &spb.Status{Code: int32(codes.InvalidArgument)}
		for range count {
			p.Details = append(p.Details, detail)
		}
		err := status.FromProto(p).Err()
		b.Run(name+"/"+label, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				r := contract.Read(err)
				if r.Status == nil {
					b.Fatal("not read")
				}
			}
		})
	}
}

// TestRead_takes_linear_memory reads 80,000 small details with at most a constant times their size.
func TestRead_takes_linear_memory(t *testing.T) {
	detail, err := anypb.New(badRequest("a", "b"))
	if err != nil {
		t.Fatal(err)
	}
	p := &spb.Status{Code: int32(codes.InvalidArgument)}
	for range 80_000 {
		p.Details = append(p.Details, detail)
	}
	failed := status.FromProto(p).Err()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	r := contract.Read(failed)
	details := r.Details(400)
	runtime.ReadMemStats(&after)
	took := after.TotalAlloc - before.TotalAlloc
	if took > 64<<20 {
		t.Errorf("reading takes %d bytes", took)
	}
	if len(details) > contract.DetailsLimit || !strings.HasSuffix(details, "…") {
		t.Errorf("the details are %d bytes", len(details))
	}
}
