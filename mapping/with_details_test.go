package mapping_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/durationpb"

	"github.com/statusbridge/statusbridge/mapping"
)

var errTaken = mapping.Errorf(409, "the name is taken")

// violationOf returns a detail with one violation.
func violationOf(field, text string) *errdetails.BadRequest {
	violation := &errdetails.BadRequest_FieldViolation{Field: field, Description: text}
	return &errdetails.BadRequest{FieldViolations: []*errdetails.BadRequest_FieldViolation{violation}}
}

// TestWithDetails_copy compares a copy with the original by errors.Is.
func TestWithDetails_copy(t *testing.T) {
	first := errTaken.WithDetails(violationOf("name", "is taken"))
	second := first.WithDetails(&errdetails.RetryInfo{RetryDelay: &durationpb.Duration{Seconds: 3}})
	for n, e := range []*mapping.Error{errTaken, first, second} {
		if got := len(e.GRPCStatus().Details()); got != n {
			t.Errorf("%d details, want %d", got, n)
		}
		wrapped := fmt.Errorf("create: %w", e)
		if !errors.Is(e, errTaken) || !errors.Is(wrapped, errTaken) ||
			!errors.Is(mapping.FromError(wrapped), errTaken) {
			t.Errorf("with %d details, errors.Is does not find the original", n)
		}
		if found, ok := errors.AsType[*mapping.Error](wrapped); !ok || found != e {
			t.Errorf("with %d details errors.As finds %v", n, found)
		}
	}
	if !errors.Is(second, first) || errors.Is(first, second) ||
		errors.Is(first, mapping.Errorf(409, "the name is taken")) {
		t.Error("errors.Is confuses errors")
	}
	var none *mapping.Error
	if none.WithDetails(violationOf("a", "b")) != nil || errors.Is(none, errTaken) {
		t.Error("details of no error are an error")
	}
}

// TestWithDetails_across_hops reads the details as docs/services.md says, after one hop and after two.
func TestWithDetails_across_hops(t *testing.T) {
	call := client(t)
	all := []proto.Message{
		violationOf("name", "is empty"),
		&errdetails.PreconditionFailure{Violations: []*errdetails.PreconditionFailure_Violation{
			{Type: "T", Subject: "project/a", Description: "is locked"},
		}},
		&errdetails.ErrorInfo{Reason: "LOCKED", Domain: "example.com"},
		&errdetails.Help{Links: []*errdetails.Help_Link{{Description: "docs", Url: "https://example.com"}}},
		&errdetails.RetryInfo{RetryDelay: &durationpb.Duration{Seconds: 3}},
	}
	const listed = "name: is empty; project/a: is locked; docs: https://example.com"
	for httpStatus := 400; httpStatus < 600; httpStatus++ {
		sent := (&mapping.Error{HTTPStatus: httpStatus, Message: "m", Details: "d"}).WithDetails(all...)
		want := "d"
		if httpStatus < 500 {
			want += "; " + listed
		}
		first := mapping.FromError(call(failWith(sent)))
		second := mapping.FromError(call(failWith(first)))
		for _, got := range []*mapping.Error{first, second} {
			if got.HTTPStatus != httpStatus || got.Message != "m" || got.Details != want ||
				len(got.GRPCStatus().Details()) != 6 {
				t.Fatalf("%d arrives as %d %q %q with %d details", httpStatus, got.HTTPStatus, got.Message, got.Details,
					len(got.GRPCStatus().Details()))
			}
		}
		// A changed text replaces only the details that it was made of.
		second.Details = "changed"
		third := mapping.FromError(call(failWith(second)))
		if third.Details != "changed" || third.Message != "m" || retryOf(t, third).GetSeconds() != 3 {
			t.Fatalf("%d: changed details arrive as %q %q", httpStatus, third.Message, third.Details)
		}
		third = mapping.FromError(call(failWith(first)))
		third.Message = "changed"
		if fourth := mapping.FromError(call(failWith(third))); fourth.Message != "changed" || fourth.Details != want {
			t.Fatalf("%d: a changed message arrives as %q %q", httpStatus, fourth.Message, fourth.Details)
		}
	}
}

func TestWithDetails_localized_message(t *testing.T) {
	german := &errdetails.LocalizedMessage{Locale: "de", Message: "belegt"}
	for _, httpStatus := range []int{404, 405, 409, 500, 502, 503} {
		e := mapping.FromError(mapping.Errorf(httpStatus, "m").WithDetails(german).GRPCStatus().Err())
		if e.Message != "belegt" {
			t.Errorf("%d: the client reads %q", httpStatus, e.Message)
		}
		e.Message = "changed"
		if again := mapping.FromError(e.GRPCStatus().Err()); again.Message != "changed" {
			t.Errorf("%d: a changed message is read as %q", httpStatus, again.Message)
		}
	}
}

// TestWithDetails_not_marshalled names a detail that cannot be sent in the cause, and sends the others.
func TestWithDetails_not_marshalled(t *testing.T) {
	secret := errors.New("secret")
	e := mapping.Errorf(400, "m: %w", secret).WithDetails(nil, violationOf("\xff", "x"), (*errdetails.Help)(nil),
		violationOf("a", "b"))
	if got := mapping.FromError(e.GRPCStatus().Err()); got.Details != "a: b" {
		t.Errorf("the client reads %q", got.Details)
	}
	if !errors.Is(e, secret) || !strings.Contains(e.Unwrap().Error(), "*errdetails.BadRequest is not attached") {
		t.Errorf("the cause is %v", e.Unwrap())
	}
}
