package contract

import (
	"slices"
	"testing"

	spb "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/anypb"
)

// TestReadableInPlace fails when a version of grpc-go or of protobuf keeps a status in another shape. Every answer
// stays right, from a copy of the status; errors with details then cost more, and eachDetail wants a new look.
func TestReadableInPlace(t *testing.T) {
	if !readableInPlace {
		t.Errorf("status.Status.s %t, Status.Details %t, Any.TypeUrl %t, Any.Value %t",
			inStatus, inMessage, inURL, inValue)
	}
}

// TestEachDetailFromACopy holds the way that is taken in a version of grpc-go that keeps a status otherwise.
func TestEachDetailFromACopy(t *testing.T) {
	st := status.FromProto(&spb.Status{Code: 5, Details: []*anypb.Any{
		{TypeUrl: "a/b", Value: []byte("1")}, nil, {TypeUrl: "c/d", Value: []byte{}},
	}})
	collect := func() (details []string) {
		eachDetail(st, func(typeURL string, value []byte) {
			details = append(details, typeURL+" "+string(value))
		})
		return details
	}
	inPlace := collect()
	readableInPlace = false
	t.Cleanup(func() { readableInPlace = true })
	if copied := collect(); !slices.Equal(inPlace, []string{"a/b 1", " ", "c/d "}) || !slices.Equal(copied, inPlace) {
		t.Errorf("in place %q, from a copy %q", inPlace, copied)
	}
	for _, readable := range []bool{true, false} {
		readableInPlace = readable
		for _, empty := range []*status.Status{{}, status.New(codes.NotFound, "")} {
			eachDetail(empty, func(string, []byte) { t.Error("a detail of nothing") })
		}
	}
}
