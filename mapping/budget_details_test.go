package mapping_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	spb "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/anypb"
	"google.golang.org/protobuf/types/known/durationpb"

	statusbridgev1 "github.com/statusbridge/statusbridge/gen/go/statusbridge/v1"
	"github.com/statusbridge/statusbridge/internal/testkit/testkitv1"
	"github.com/statusbridge/statusbridge/mapping"
)

// TestBudget_exact_fit does not change a status of exactly 4,096 bytes.
func TestBudget_exact_fit(t *testing.T) {
	printable := strings.Repeat(" ~", 2048) // the first and the last character that is not percent-encoded
	if got := (&mapping.Error{HTTPStatus: 404, Message: printable}).GRPCStatus(); got.Message() != printable {
		t.Errorf("a message of %d bytes was cut to %d", len(printable), len(got.Message()))
	}
	thing := func(length int) *anypb.Any { return &anypb.Any{TypeUrl: "x/y", Value: make([]byte, length)} }
	detailed := status.FromProto(&spb.Status{Code: 5, Message: printable, Details: []*anypb.Any{thing(200)}})
	if got := mapping.FromError(detailed.Err()).GRPCStatus(); got.Message() != printable {
		t.Errorf("after a detail was dropped, the message was cut to %d bytes", len(got.Message()))
	}
	own, err := anypb.New(&statusbridgev1.Error{Code: 410})
	if err != nil {
		t.Fatal(err)
	}
	full := &spb.Status{}
	length := 200
	for size := 0; size != 4096; length++ { // one byte more of a message takes two or three bytes, so sizes are skipped
		if length == 210 {
			t.Fatal("the test finds no status of that size")
		}
		full = &spb.Status{Code: int32(codes.NotFound), Details: []*anypb.Any{thing(length), own}}
		for size = 0; size < 4096; size = wireSize(status.FromProto(full)) {
			full.Message += "m"
		}
	}
	for name, given := range map[string]*spb.Status{
		"unchanged": full,
		"after a detail was dropped": {
			Code: full.GetCode(), Message: full.GetMessage(),
			Details: []*anypb.Any{own, full.GetDetails()[0], thing(5000)},
		},
	} {
		got := mapping.FromError(status.FromProto(given).Err()).GRPCStatus()
		if wireSize(got) != 4096 || len(got.Proto().GetDetails()) != 2 || got.Message() != full.GetMessage() {
			t.Errorf("%s: sent in %d bytes, with %d details", name, wireSize(got), len(got.Proto().GetDetails()))
		}
		if name == "unchanged" && !proto.Equal(got.Proto(), full) {
			t.Errorf("%s: sent %.200v", name, got.Proto())
		}
	}
}

// TestBudget_small_details_stay keeps 128 bytes of details, measured on the wire, although the text is cut for them.
func TestBudget_small_details_stay(t *testing.T) {
	for size, want := range map[int]int{128: 1, 129: 0} {
		detail := &anypb.Any{TypeUrl: "x/y", Value: make([]byte, 100)}
		detail.Value = make([]byte, 100+size-wireSizeOf(detail))
		st := status.FromProto(&spb.Status{Code: int32(codes.NotFound), Message: strings.Repeat("m", 9000),
			Details: []*anypb.Any{detail}})
		if got := len(mapping.FromError(st.Err()).GRPCStatus().Proto().GetDetails()); got != want {
			t.Errorf("%d bytes of details: %d are sent, want %d", size, got, want)
		}
	}
}

// wireSizeOf returns what a detail adds to a status on the wire. An empty detail takes two bytes.
func wireSizeOf(details ...*anypb.Any) int {
	return proto.Size(&spb.Status{Details: details})
}

// TestBudget_details_before_texts drops details of other types before it cuts a text.
func TestBudget_details_before_texts(t *testing.T) {
	given, err := status.New(codes.NotFound, "m").WithDetails(
		&statusbridgev1.Error{Code: 410}, &testkitv1.Thing{Name: strings.Repeat("x", 8000)})
	if err != nil {
		t.Fatal(err)
	}
	e := mapping.FromError(given.Err())
	e.Message = "gone"
	got := mapping.FromError(e.GRPCStatus().Err())
	if got.HTTPStatus != 410 || got.Message != "gone" || wireSize(e.GRPCStatus()) > 4096 {
		t.Errorf("sent %d %q in %d bytes", got.HTTPStatus, got.Message, wireSize(e.GRPCStatus()))
	}
}

// TestBudget_first_Error_detail_counts cuts a status with several statusbridge.v1.Error details.
func TestBudget_first_Error_detail_counts(t *testing.T) {
	e := mapping.FromError(with(status.New(codes.NotFound, strings.Repeat("m", 9000)).WithDetails(
		&statusbridgev1.Error{Code: 409, Message: "first"}, &statusbridgev1.Error{Code: 503, Message: "second"})))
	got := mapping.FromError(e.GRPCStatus().Err())
	if got.HTTPStatus != 409 || got.Message != "first" || wireSize(e.GRPCStatus()) > 4096 {
		t.Errorf("sent %d %q in %d bytes", got.HTTPStatus, got.Message, wireSize(e.GRPCStatus()))
	}
}

// TestBudget_details sends many small details, and details with long names and values. The RetryInfo stays.
func TestBudget_details(t *testing.T) {
	retry, err := anypb.New(&errdetails.RetryInfo{RetryDelay: &durationpb.Duration{Seconds: 1}})
	if err != nil {
		t.Fatal(err)
	}
	for name, details := range map[string][]*anypb.Any{
		"many":         slices.Repeat([]*anypb.Any{retry}, 200),
		"a long name":  {{TypeUrl: "type.googleapis.com/" + strings.Repeat("x", 9000)}, retry},
		"a long value": {{TypeUrl: "x/y", Value: make([]byte, 9000)}, retry},
	} {
		for _, message := range []string{"no such thing", strings.Repeat("m", 9000)} {
			st := status.FromProto(&spb.Status{Code: int32(codes.NotFound), Message: message, Details: details})
			got := mapping.FromError(st.Err()).GRPCStatus()
			if size := wireSize(got); size > 4096 {
				t.Errorf("%s: %d bytes of trailers", name, size)
			}
			kept := slices.ContainsFunc(got.Proto().GetDetails(),
				func(detail *anypb.Any) bool { return proto.Equal(detail, retry) })
			if !kept || !strings.HasPrefix(message, strings.TrimSuffix(got.Message(), "…")) {
				t.Errorf("%s: sent %.100v", name, got.Proto())
			}
		}
	}
}

// TestBudget_text_of_dropped_details makes the text for the client before the details are dropped.
func TestBudget_text_of_dropped_details(t *testing.T) {
	violations := &errdetails.BadRequest{}
	for i := range 120 {
		field := fmt.Sprintf("spec.containers[%d].image", i)
		violations.FieldViolations = append(violations.FieldViolations,
			violationOf(field, "value length must be at least 1 characters").GetFieldViolations()...)
	}
	quota := &errdetails.QuotaFailure{
		Violations: []*errdetails.QuotaFailure_Violation{{Subject: "gpu", Description: "8 of 8"}},
	}
	retry := &errdetails.RetryInfo{RetryDelay: &durationpb.Duration{Seconds: 7}}
	german := &errdetails.LocalizedMessage{Locale: "de", Message: "Ungültig"}
	read := func(st *status.Status) (e *mapping.Error, delay *durationpb.Duration) {
		t.Helper()
		if size := wireSize(st); size > 4096 {
			t.Errorf("%d bytes of trailers", size)
		}
		e = mapping.FromError(st.Err())
		return e, retryOf(t, e)
	}
	foreign := with(status.New(codes.InvalidArgument, "invalid").WithDetails(quota, violations, retry, german))
	own := mapping.Errorf(400, "invalid").WithDetails(quota, violations, retry, german)
	for name, st := range map[string]*status.Status{
		"a status": mapping.FromError(foreign).GRPCStatus(),
		"an Error": own.GRPCStatus(),
		"twice":    mapping.FromError(own.GRPCStatus().Err()).GRPCStatus(),
	} {
		e, delay := read(st)
		if !strings.HasPrefix(e.Details, "gpu: 8 of 8; spec.containers[0].image: value length") ||
			!strings.HasSuffix(e.Details, "…") || len(e.Details) < 2000 {
			t.Errorf("%s: the details are %d bytes, %.60q", name, len(e.Details), e.Details)
		}
		if e.Message != "Ungültig" || delay.GetSeconds() != 7 {
			t.Errorf("%s: the message is %q, the delay %v", name, e.Message, delay)
		}
	}
	// Under a 5xx, clients do not read violations, so no text is made.
	e, _ := read(mapping.Errorf(503, "away").WithDetails(violations, retry).GRPCStatus())
	if e.HTTPStatus != 503 || e.Message != "away" || e.Details != "" {
		t.Errorf("a 503 is %v", e)
	}
}

// TestBudget_text_of_one_dropped_detail makes a text of a detail only if a client would read it.
func TestBudget_text_of_one_dropped_detail(t *testing.T) {
	long := strings.Repeat("x", 5000)
	german := &errdetails.LocalizedMessage{Locale: "de", Message: long}
	for _, test := range []struct {
		name             string
		given            error
		message, details string // how the texts begin
		moved            bool
	}{
		{"violations", with(status.New(codes.InvalidArgument, "m").WithDetails(violationOf("name", long))),
			"m", "name: x", true},
		{"violations of a 5xx", with(status.New(codes.Unavailable, "m").WithDetails(violationOf("name", long))),
			sentence(503), "", false},
		{"a localized message", with(status.New(codes.InvalidArgument, "m").WithDetails(german)), "xxx", "", true},
		{"a localized message of a 5xx", with(status.New(codes.Unavailable, "m").WithDetails(german)), "xxx", "", true},
		{"a detail for programs", with(status.New(codes.InvalidArgument, "m").WithDetails(
			&errdetails.DebugInfo{Detail: long})), "m", "", false},
	} {
		st := mapping.FromError(test.given).GRPCStatus()
		e := mapping.FromError(st.Err())
		if !strings.HasPrefix(e.Message, test.message) || !strings.HasPrefix(e.Details, test.details) ||
			(test.details == "") != (e.Details == "") {
			t.Errorf("%s: sent %.30q %.30q", test.name, e.Message, e.Details)
		}
		if moved := len(st.Proto().GetDetails()) == 1; moved != test.moved || wireSize(st) > 4096 {
			t.Errorf("%s: sent %.100v", test.name, st.Proto())
		}
	}
}

// TestBudget_text_of_a_5xx cuts the message of a status that is for gRPC callers only. It stays in the status, because
// a client would read it in a statusbridge.v1.Error.
func TestBudget_text_of_a_5xx(t *testing.T) {
	long := strings.Repeat("é", 5000)
	for _, claimed := range []int32{0, 500, 501, 599} {
		given := status.New(codes.Internal, long)
		want := sentence(500)
		if claimed != 0 {
			given = status.Convert(with(given.WithDetails(&statusbridgev1.Error{Code: claimed})))
			want = mapping.Errorf(int(claimed), "").GRPCStatus().Message()
		}
		st := mapping.FromError(given.Err()).GRPCStatus()
		if got := mapping.FromError(st.Err()); got.Message != want || len(st.Details()) != len(given.Details()) {
			t.Errorf("%d: a client reads %.30q, and the details are %.100v", claimed, got.Message, st.Details())
		}
		if !strings.HasPrefix(st.Message(), "ééé") || wireSize(st) > 4096 {
			t.Errorf("%d: sent %.100v", claimed, st.Proto())
		}
	}
}

// TestBudget_many_details counts details with their size on the wire. The time is linear.
func TestBudget_many_details(t *testing.T) {
	for name, details := range map[string][]*anypb.Any{
		"10,000 empty ones":      slices.Repeat([]*anypb.Any{{}}, 10_000),
		"16,000 of five bytes":   slices.Repeat([]*anypb.Any{{TypeUrl: "x/y"}}, 16_000),
		"100,000 of each length": slices.Repeat([]*anypb.Any{{TypeUrl: "x/y"}, {Value: []byte("abc")}, {}}, 33_000),
	} {
		e := mapping.FromError(status.FromProto(&spb.Status{Code: 5, Message: "no such thing", Details: details}).Err())
		got := e.GRPCStatus()
		if got.Message() != "no such thing" || wireSize(got) > 4096 {
			t.Errorf("%s: sent %q in %d bytes", name, got.Message(), wireSize(got))
		}
	}
}
