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
// stays right, from a copy of the status; errors with details then cost more, and detailsOf wants a new look.
func TestReadableInPlace(t *testing.T) {
	if !readableInPlace {
		t.Error("a status.Status is no longer a pointer to its message, in s")
	}
}

// TestDetailsOfACopy holds the way that is taken in a version of grpc-go that keeps a status otherwise.
func TestDetailsOfACopy(t *testing.T) {
	st := status.FromProto(&spb.Status{Code: 5, Details: []*anypb.Any{
		{TypeUrl: "a/b", Value: []byte("1")}, nil, {TypeUrl: "c/d", Value: []byte{}},
	}})
	collect := func() (details []string) {
		for _, detail := range detailsOf(st) {
			details = append(details, detail.GetTypeUrl()+" "+string(detail.GetValue()))
		}
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
			if details := detailsOf(empty); len(details) > 0 {
				t.Error("a detail of nothing")
			}
		}
	}
}
