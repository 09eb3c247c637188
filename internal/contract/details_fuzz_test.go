package contract_test

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"testing"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	spb "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/dynamicpb"
	"google.golang.org/protobuf/types/known/anypb"

	statusbridgev1 "github.com/statusbridge/statusbridge/gen/go/statusbridge/v1"
	"github.com/statusbridge/statusbridge/internal/contract"
	"github.com/statusbridge/statusbridge/internal/testkit"
)

// detailTypes has an empty message of each type that is read, and of two that are not.
type detailTypes []proto.Message

func newDetailTypes(t testing.TB) detailTypes {
	types := detailTypes{
		&statusbridgev1.Error{}, &errdetails.LocalizedMessage{}, &errdetails.RetryInfo{}, &errdetails.ErrorInfo{},
		&errdetails.RequestInfo{}, dynamicpb.NewMessage(violationsType(t)), &errdetails.DebugInfo{}, &spb.Status{},
	}
	for _, name := range slices.Sorted(maps.Keys(lists)) {
		types = append(types, lists[name].message())
	}
	return types
}

// filler fills messages with values that the bytes of a program choose.
type filler struct{ program []byte }

func (f *filler) next(choices int) int {
	if len(f.program) == 0 {
		return 0
	}
	n := int(f.program[0])
	f.program = f.program[1:]
	return n % choices
}

func (f *filler) fill(m protoreflect.Message) protoreflect.Message {
	fields := m.Descriptor().Fields()
	for i := range fields.Len() {
		switch field := fields.Get(i); {
		case field.IsMap():
		case field.IsList():
			list := m.Mutable(field).List()
			for range f.next(4) {
				list.Append(f.value(field, list.NewElement()))
			}
		case f.next(3) > 0:
			m.Set(field, f.value(field, m.NewField(field)))
		}
	}
	return m
}

var (
	filledTexts = []string{"", "name", "is empty", "é", "; ", "a: b", "\u2028\x00\"", strings.Repeat("long ", 500)}
	filledCodes = []int32{0, -1, 200, 399, 400, 404, 418, 502, 599, 600, 70000, 1_000_000_000}
)

func (f *filler) value(field protoreflect.FieldDescriptor, empty protoreflect.Value) protoreflect.Value {
	code := filledCodes[f.next(len(filledCodes))]
	switch field.Kind() {
	case protoreflect.MessageKind:
		return protoreflect.ValueOfMessage(f.fill(empty.Message()))
	case protoreflect.StringKind:
		return protoreflect.ValueOfString(filledTexts[f.next(len(filledTexts))])
	case protoreflect.Int32Kind:
		return protoreflect.ValueOfInt32(code)
	case protoreflect.Int64Kind:
		return protoreflect.ValueOfInt64(int64(code) << 10)
	case protoreflect.Uint64Kind:
		return protoreflect.ValueOfUint64(uint64(code))
	case protoreflect.BoolKind:
		return protoreflect.ValueOfBool(code > 400)
	}
	return empty
}

// wanted is the meaning of a list of details, read with the generated types.
type wanted struct {
	own                                        *statusbridgev1.Error
	localized, listed, reason, domain, request string
	retryAfter                                 int64
}

func (w *wanted) add(m proto.Message) {
	text := ""
	switch m := m.(type) {
	case *statusbridgev1.Error:
		if w.own == nil {
			w.own = m
		}
	case *errdetails.LocalizedMessage:
		w.localized = cmp.Or(w.localized, m.GetMessage())
	case *errdetails.RetryInfo:
		if after := secondsOf(m); after >= 0 {
			w.retryAfter = after
		}
	case *errdetails.ErrorInfo:
		if w.reason+w.domain == "" {
			w.reason, w.domain = m.GetReason(), m.GetDomain()
		}
	case *errdetails.RequestInfo:
		w.request = cmp.Or(w.request, m.GetRequestId())
	case *dynamicpb.Message:
		text = violationsText(m)
	default:
		if list, ok := lists[string(proto.MessageName(m))]; ok {
			text = itemsText(list.items(m))
		}
	}
	w.listed = joined(w.listed, "; ", text)
}

// check makes at most eight details, and compares their reading with that of the generated types.
func (types detailTypes) check(t *testing.T, program []byte) {
	f := filler{program}
	want := wanted{retryAfter: -1}
	st := &spb.Status{Code: int32(codes.InvalidArgument)}
	for len(f.program) > 0 && len(st.Details) < 8 {
		m := types[f.next(len(types))].ProtoReflect().New()
		filled := f.fill(m).Interface()
		packed, err := anypb.New(filled)
		if err != nil {
			t.Fatal(err)
		}
		st.Details = append(st.Details, packed)
		want.add(filled)
	}
	got := contract.Read(status.FromProto(st).Err())
	claimed := 0
	if code := int(want.own.GetCode()); code >= 400 && code <= 599 {
		claimed = code
	}
	if got.Claimed != claimed || got.ClientText != cmp.Or(want.localized, want.own.GetMessage()) ||
		got.RetryAfter != want.retryAfter || got.Reason != want.reason || got.Domain != want.domain ||
		got.RequestID != want.request || got.Details(500) != want.own.GetDetails() {
		t.Errorf("%v is read as %+v", st, got)
	}
	if !isDetails(got.Listed, want.listed) ||
		got.Details(400) != joined(want.own.GetDetails(), "; ", got.Listed) {
		t.Errorf("%v: read %q, want %q and %q", st, got.Details(400), want.own.GetDetails(), want.listed)
	}
}

// TestWalkDetails is FuzzDetails with a fixed number of inputs.
func TestWalkDetails(t *testing.T) { testkit.Walk(t, newDetailTypes(t).check) }

// FuzzDetails compares any list of details of every type with the generated types.
func FuzzDetails(f *testing.F) {
	types := newDetailTypes(f)
	for i := range types {
		kind := byte(i)
		f.Add([]byte{kind, 1, 4, 1, 2, 3, 1, 1, 1, 1, 2, kind, 2, 2, 2, 2, 2})
		f.Add([]byte{kind, 3, 1, 1, 7, 1, 1, 7, 1, 1, 7, 1, 0, 1, 1, 1, 1, 1, 1})
	}
	f.Fuzz(types.check)
}
