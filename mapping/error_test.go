package mapping_test

import (
	"context"
	"encoding/base64"
	"math"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	spb "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/anypb"
	"google.golang.org/protobuf/types/known/durationpb"

	statusbridgev1 "github.com/statusbridge/statusbridge/gen/go/statusbridge/v1"
	"github.com/statusbridge/statusbridge/internal/probe"
	"github.com/statusbridge/statusbridge/internal/probe/probev1"
	"github.com/statusbridge/statusbridge/mapping"
)

// client calls a real gRPC server whose service behaves as the returned function is told to.
func client(t testing.TB, options ...grpc.DialOption) (call func(probe.Behaviour) error) {
	t.Helper()
	service := &probe.Service{}
	options = append(options, grpc.WithTransportCredentials(insecure.NewCredentials()))
	conn, err := grpc.NewClient(probe.Serve(t, service), options...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return func(behaviour probe.Behaviour) error {
		service.Behave(behaviour)
		_, err := probev1.NewProbeServiceClient(conn).Get(t.Context(), &probev1.GetRequest{})
		return err
	}
}

func failWith(err error) probe.Behaviour {
	return func(context.Context) error { return err }
}

// An Error that crosses a real hop reads as it was written, for every status that an error may have.
func TestErrorCrossesAHop(t *testing.T) {
	call := client(t)
	for httpStatus := 400; httpStatus < 600; httpStatus++ {
		for _, want := range []mapping.Error{
			{HTTPStatus: httpStatus, Message: "what the client reads"},
			{HTTPStatus: httpStatus, Message: "what \"the\"\nclient % reads…", Details: "name: is empty"},
		} {
			sent := want
			got := mapping.FromError(call(failWith(&sent)))
			if got.HTTPStatus != want.HTTPStatus || got.Message != want.Message || got.Details != want.Details {
				t.Errorf("sent %d %q %q, read %d %q %q", want.HTTPStatus, want.Message, want.Details,
					got.HTTPStatus, got.Message, got.Details)
			}
		}
	}
}

// A status that is no error's is a mistake of the service, and leaves as 500.
func TestErrorIsNeverASuccess(t *testing.T) {
	call := client(t)
	for _, httpStatus := range []int{0, -1, 100, 101, 200, 202, 204, 299, 302, 304, 399, 600, 70000, math.MinInt, math.MaxInt} {
		err := call(failWith(mapping.Errorf(httpStatus, "text")))
		if status.Code(err) == codes.OK {
			t.Errorf("%d is a success", httpStatus)
		}
		if got := mapping.FromError(err).HTTPStatus; got != 500 {
			t.Errorf("%d reads as %d, want 500", httpStatus, got)
		}
	}
}

// The detail is attached only where the status alone would lose something.
func TestErrorDetailIsAttachedWhenNeeded(t *testing.T) {
	// A gateway that does not honour the claim answers by the code, and what was meant for the client is still read.
	reworded := func(code codes.Code, claimed int32) *mapping.Error {
		e := mapping.FromError(with(status.New(code, "secret").WithDetails(&statusbridgev1.Error{Code: claimed, Message: "before"})))
		e.Message = "m"
		return e
	}
	tests := []struct {
		err  *mapping.Error
		code codes.Code
		want *statusbridgev1.Error
	}{
		{&mapping.Error{HTTPStatus: 404, Message: "m"}, codes.NotFound, nil},
		{&mapping.Error{HTTPStatus: 404}, codes.NotFound, nil},
		{&mapping.Error{HTTPStatus: 503}, codes.Unavailable, nil},
		{&mapping.Error{HTTPStatus: 503, Message: sentence(503)}, codes.Unavailable, nil},
		{&mapping.Error{HTTPStatus: 404, Message: "m", Details: "d"}, codes.NotFound, &statusbridgev1.Error{Code: 404, Details: "d"}},
		{&mapping.Error{HTTPStatus: 503, Message: "m"}, codes.Unavailable, &statusbridgev1.Error{Code: 503, Message: "m"}},
		{&mapping.Error{HTTPStatus: 502}, codes.Unavailable, &statusbridgev1.Error{Code: 502}},
		{&mapping.Error{HTTPStatus: 405, Message: "m"}, codes.Unimplemented, &statusbridgev1.Error{Code: 405, Message: "m"}},
		{&mapping.Error{HTTPStatus: 429, Message: "m"}, codes.ResourceExhausted, &statusbridgev1.Error{Code: 429, Message: "m"}},
		{&mapping.Error{HTTPStatus: 410, Message: "m"}, codes.NotFound, &statusbridgev1.Error{Code: 410}},
		{reworded(codes.Internal, 410), codes.Internal, &statusbridgev1.Error{Code: 410, Message: "m"}},
		{reworded(codes.NotFound, 500), codes.NotFound, &statusbridgev1.Error{Code: 500, Message: "m"}},
		{reworded(codes.NotFound, 499), codes.NotFound, &statusbridgev1.Error{Code: 499}},
	}
	for _, test := range tests {
		st := test.err.GRPCStatus()
		if st.Code() != test.code {
			t.Errorf("%v leaves as %v, want %v", test.err, st.Code(), test.code)
		}
		var got *statusbridgev1.Error
		for _, detail := range st.Details() {
			got, _ = detail.(*statusbridgev1.Error)
		}
		if !proto.Equal(got, test.want) {
			t.Errorf("%v attaches %v, want %v", test.err, got, test.want)
		}
	}
}

func TestErrorText(t *testing.T) {
	var none *mapping.Error
	for _, test := range []struct {
		err  error
		want string
	}{
		{none, "<nil>"},
		{&mapping.Error{}, "0"},
		{&mapping.Error{HTTPStatus: 404}, "404 Not Found"},
		{&mapping.Error{HTTPStatus: 404, Message: "m", Details: "d"}, "404 Not Found: m (d)"},
		{mapping.Errorf(503, "store: %w", context.Canceled), "503 Service Unavailable: store: context canceled"},
	} {
		if got := test.err.Error(); got != test.want {
			t.Errorf("%q, want %q", got, test.want)
		}
	}
	if none.GRPCStatus() != nil || none.Unwrap() != nil {
		t.Error("a nil Error has a status or a cause")
	}
}

// texts are messages of each awkward kind.
var texts = []string{
	"", "plain", "\"quotes\" and \\", "NUL \x00 ESC \x1b", "two\r\nlines", "<b>&amp;</b>", "\u2028 and \u2029", "emoji 🙂",
	"invalid \xff\xfe UTF-8", "100%", strings.Repeat("a", 3000), strings.Repeat("é", 3000), strings.Repeat("%", 3000),
	strings.Repeat("a", 300_000), strings.Repeat("🙂", 75_000), strings.Repeat("\xff", 300_000),
}

// An error of any size reaches a client that allows 8 KiB of header list, as proxies and some clients do.
func TestErrorFitsInTrailers(t *testing.T) {
	call := client(t, grpc.WithMaxHeaderListSize(8<<10))
	for i, message := range texts {
		for j, details := range texts {
			for _, httpStatus := range []int{404, 405, 503} {
				err := call(failWith(&mapping.Error{HTTPStatus: httpStatus, Message: message, Details: details}))
				if got := mapping.FromError(err); got.HTTPStatus != httpStatus {
					t.Errorf("%d with texts %d and %d reads as %d: %.200v", httpStatus, i, j, got.HTTPStatus, err)
				}
			}
		}
	}
}

// wireSize is what a status takes in trailers, from the specification: grpc-message percent-encodes every byte but
// the printable ASCII ones that are not '%'; grpc-status-details-bin is the status in base64, when it has details.
func wireSize(st *status.Status) int {
	size := 0
	for _, b := range []byte(st.Message()) {
		size++
		if b < 0x20 || b > 0x7e || b == '%' {
			size += 2
		}
	}
	if len(st.Proto().GetDetails()) > 0 {
		raw, err := proto.Marshal(st.Proto())
		if err != nil {
			panic(err)
		}
		size += base64.RawStdEncoding.EncodedLen(len(raw))
	}
	return size
}

func FuzzErrorBudget(f *testing.F) {
	for _, message := range texts[:13] {
		f.Add(503, message, "details")
		f.Add(404, "message", message)
		f.Add(409, message, message)
	}
	f.Fuzz(func(t *testing.T, httpStatus int, message, details string) {
		sent := &mapping.Error{HTTPStatus: httpStatus, Message: message, Details: details}
		st := sent.GRPCStatus()
		if st.Code() == codes.OK {
			t.Fatal("an error is a success")
		}
		if size := wireSize(st); size > 4096 {
			t.Errorf("%d bytes of trailers", size)
		}
		if !utf8.ValidString(st.Message()) {
			t.Errorf("message %q", st.Message())
		}
		got := mapping.FromError(st.Err())
		for _, text := range []struct{ name, sent, got string }{
			{"message", message, got.Message}, {"details", details, got.Details},
		} {
			valid := string([]rune(text.sent)) // U+FFFD for each invalid byte, as grpc-go sends a message
			if text.name == "message" && valid == "" {
				continue // the page's sentence stands in
			}
			if text.got == valid {
				continue
			}
			kept, cut := strings.CutSuffix(text.got, "…")
			if !cut || !strings.HasPrefix(valid, kept) {
				t.Errorf("%s %q was sent as %q", text.name, valid, text.got)
			}
		}
	})
}

// The longest text is cut first, and only as far as is needed.
func TestLongestTextIsCutFirst(t *testing.T) {
	short := strings.Repeat("s", 100)
	long := strings.Repeat("l", 10_000)
	for _, sent := range []*mapping.Error{
		{HTTPStatus: 404, Message: short, Details: long},
		{HTTPStatus: 404, Message: long, Details: short},
	} {
		got := mapping.FromError(sent.GRPCStatus().Err())
		if got.Message != short && got.Details != short {
			t.Errorf("the short text was cut: %d and %d bytes", len(got.Message), len(got.Details))
		}
		if size := wireSize(sent.GRPCStatus()); size < 4000 {
			t.Errorf("cut to %d bytes of 4096", size)
		}
	}
	// Of a message alone nothing is given away: 4081 of its bytes, and an ellipsis that is 9 bytes in percent-encoding.
	alone := &mapping.Error{HTTPStatus: 404, Message: long}
	if size := wireSize(alone.GRPCStatus()); size != 4096 {
		t.Errorf("a message alone was cut to %d bytes", size)
	}
	both := &mapping.Error{HTTPStatus: 404, Message: long, Details: long}
	got := mapping.FromError(both.GRPCStatus().Err())
	if diff := len(got.Message) - len(got.Details); diff != 0 {
		t.Errorf("two texts of one length were cut to %d and %d bytes", len(got.Message), len(got.Details))
	}
}

// What fits to the byte is not touched: neither the text, nor the details, nor their order.
func TestBudgetIsUsedUp(t *testing.T) {
	printable := strings.Repeat(" ~", 2048) // the first and the last that are not percent-encoded
	if got := (&mapping.Error{HTTPStatus: 404, Message: printable}).GRPCStatus(); got.Message() != printable {
		t.Errorf("a message of %d bytes was cut to %d", len(printable), len(got.Message()))
	}
	thing := func(length int) *anypb.Any { return &anypb.Any{TypeUrl: "x/y", Value: make([]byte, length)} }
	own, err := anypb.New(&statusbridgev1.Error{Code: 410})
	if err != nil {
		t.Fatal(err)
	}
	full := &spb.Status{}
	length := 200
	for size := 0; size != 4096; length++ { // a byte of a message costs two or three, so not every detail leads there
		if length == 210 {
			t.Fatal("the test finds no status of that size")
		}
		full = &spb.Status{Code: int32(codes.NotFound), Details: []*anypb.Any{thing(length), own}}
		for size = 0; size < 4096; size = wireSize(status.FromProto(full)) {
			full.Message += "m"
		}
	}
	for name, given := range map[string]*spb.Status{
		"as it is": full,
		"after a detail was given up": {
			Code: full.GetCode(), Message: full.GetMessage(), Details: []*anypb.Any{own, full.GetDetails()[0], thing(5000)}},
	} {
		got := mapping.FromError(status.FromProto(given).Err()).GRPCStatus()
		if wireSize(got) != 4096 || len(got.Proto().GetDetails()) != 2 || got.Message() != full.GetMessage() {
			t.Errorf("%s: sent in %d bytes, with %d details", name, wireSize(got), len(got.Proto().GetDetails()))
		}
		if name == "as it is" && !proto.Equal(got.Proto(), full) {
			t.Errorf("%s: sent %.200v", name, got.Proto())
		}
	}
}

// Small details stay beside a text that is cut for them: 128 bytes, as they are on the wire.
func TestBudget_small_details_stay(t *testing.T) {
	for size, want := range map[int]int{128: 1, 129: 0} {
		detail := &anypb.Any{TypeUrl: "x/y", Value: make([]byte, 100)}
		detail.Value = make([]byte, 100+size-wireSizeOf(detail))
		st := status.FromProto(&spb.Status{Code: int32(codes.NotFound), Message: strings.Repeat("m", 9000), Details: []*anypb.Any{detail}})
		if got := len(mapping.FromError(st.Err()).GRPCStatus().Proto().GetDetails()); got != want {
			t.Errorf("of a detail of %d bytes, %d are sent, want %d", size, got, want)
		}
	}
}

// wireSizeOf returns what a detail adds to a status on the wire. An empty detail takes two bytes.
func wireSizeOf(details ...*anypb.Any) int {
	return proto.Size(&spb.Status{Details: details})
}

// What was not ours is given up before the text is, when both do not fit.
func TestCarriedDetailsGiveWay(t *testing.T) {
	given, err := status.New(codes.NotFound, "m").WithDetails(
		&statusbridgev1.Error{Code: 410}, &probev1.Thing{Name: strings.Repeat("x", 8000)})
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

// Of several errors in one status the first counts, also when the status is too large to be passed on as it is.
func TestFirstErrorCountsWhenCut(t *testing.T) {
	e := mapping.FromError(with(status.New(codes.NotFound, strings.Repeat("m", 9000)).WithDetails(
		&statusbridgev1.Error{Code: 409, Message: "first"}, &statusbridgev1.Error{Code: 503, Message: "second"})))
	got := mapping.FromError(e.GRPCStatus().Err())
	if got.HTTPStatus != 409 || got.Message != "first" || wireSize(e.GRPCStatus()) > 4096 {
		t.Errorf("sent %d %q in %d bytes", got.HTTPStatus, got.Message, wireSize(e.GRPCStatus()))
	}
}

// Neither many small details nor a long type name get past the budget; a delay to retry after stays where it can.
func TestDetailsFitTheBudget(t *testing.T) {
	retry, err := anypb.New(&errdetails.RetryInfo{RetryDelay: &durationpb.Duration{Seconds: 1}})
	if err != nil {
		t.Fatal(err)
	}
	for name, details := range map[string][]*anypb.Any{
		"many":        slices.Repeat([]*anypb.Any{retry}, 200),
		"a long name": {{TypeUrl: "type.googleapis.com/" + strings.Repeat("x", 9000)}, retry},
		"a long one":  {{TypeUrl: "x/y", Value: make([]byte, 9000)}, retry},
	} {
		for _, message := range []string{"no such thing", strings.Repeat("m", 9000)} {
			st := status.FromProto(&spb.Status{Code: int32(codes.NotFound), Message: message, Details: details})
			got := mapping.FromError(st.Err()).GRPCStatus()
			if size := wireSize(got); size > 4096 {
				t.Errorf("%s: %d bytes of trailers", name, size)
			}
			kept := slices.ContainsFunc(got.Proto().GetDetails(), func(detail *anypb.Any) bool { return proto.Equal(detail, retry) })
			if !kept || !strings.HasPrefix(message, strings.TrimSuffix(got.Message(), "…")) {
				t.Errorf("%s: sent %.100v", name, got.Proto())
			}
		}
	}
}

func TestSetHTTPStatus(t *testing.T) {
	call := client(t)
	for _, row := range page {
		var got error
		if err := call(func(ctx context.Context) error {
			got = mapping.SetHTTPStatus(ctx, row.status)
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		if success := row.status >= 200 && row.status <= 299; (got == nil) != success {
			t.Errorf("SetHTTPStatus(%d) = %v", row.status, got)
		}
	}
	refused := 0
	if err := call(func(ctx context.Context) error {
		for httpStatus := math.MinInt16; httpStatus <= math.MaxInt16; httpStatus++ {
			if mapping.SetHTTPStatus(ctx, httpStatus) != nil {
				refused++
			}
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if want := 1<<16 - 100; refused != want {
		t.Errorf("%d of all int16 are refused, want all but 200..299, %d", refused, want)
	}
	if err := mapping.SetHTTPStatus(t.Context(), 202); err == nil {
		t.Error("a status was set outside a call")
	}
	var late error
	if err := call(func(ctx context.Context) error {
		if err := grpc.SendHeader(ctx, nil); err != nil {
			return err
		}
		late = mapping.SetHTTPStatus(ctx, 202)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if late == nil {
		t.Error("a status was set after the headers had been sent")
	}
}
