package contracttest

import (
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/types/known/anypb"
	"google.golang.org/protobuf/types/known/durationpb"
)

// detailReplies has each standard detail under a 4xx and under a 5xx.
func (c *config) detailReplies() []reply {
	localized := &errdetails.LocalizedMessage{Locale: "de", Message: "Der Name ist vergeben"}
	texts := []struct {
		name   string
		detail *anypb.Any
		want   string
	}{
		{"BadRequest", packed(&errdetails.BadRequest{FieldViolations: []*errdetails.BadRequest_FieldViolation{
			{Field: "name", Description: "is empty"}, {Field: "size", Description: "is negative"},
		}}), "name: is empty; size: is negative"},
		{"BadRequest with a reason only", packed(&errdetails.BadRequest{
			FieldViolations: []*errdetails.BadRequest_FieldViolation{{Field: "name", Reason: "EMPTY"}},
		}), "name: EMPTY"},
		{"PreconditionFailure", packed(&errdetails.PreconditionFailure{
			Violations: []*errdetails.PreconditionFailure_Violation{{Subject: "disk", Description: "is full"}},
		}), "disk: is full"},
		{"QuotaFailure", packed(&errdetails.QuotaFailure{
			Violations: []*errdetails.QuotaFailure_Violation{{Subject: "project", Description: "has no quota"}},
		}), "project: has no quota"},
		{"ResourceInfo", packed(&errdetails.ResourceInfo{
			ResourceType: "pool", ResourceName: "a100", Description: "does not exist",
		}), "a100: does not exist"},
		{"Help", packed(&errdetails.Help{
			Links: []*errdetails.Help_Link{{Description: "how to name", Url: "https://example.com/names"}},
		}), "how to name: https://example.com/names"},
		{"buf.validate.Violations", validation("name", "is too long"), "name: is too long"},
		{"DebugInfo", packed(&errdetails.DebugInfo{StackEntries: []string{canary}, Detail: canary}), ""},
		{"ErrorInfo", packed(&errdetails.ErrorInfo{Reason: canary, Domain: canary}), ""},
		{"RequestInfo", packed(&errdetails.RequestInfo{RequestId: canary, ServingData: canary}), ""},
		{"a type that is not linked", unlinked(), ""},
		{"a detail that does not parse", &anypb.Any{
			TypeUrl: "type.googleapis.com/google.rpc.BadRequest", Value: []byte{0xff},
		}, ""},
		{"LocalizedMessage", packed(localized), ""},
	}
	var all []reply
	for _, t := range texts {
		for _, code := range []codes.Code{codes.InvalidArgument, codes.Internal} {
			httpStatus := c.httpStatus(code)
			w := want{rule: ruleCodeStatus, status: httpStatus, message: text(httpStatus), details: new(string)}
			if httpStatus < 500 {
				*w.details = t.want
			}
			if t.name == "LocalizedMessage" {
				w.message, w.attached = localized.GetMessage(), true
			}
			all = append(all, failed(code.String()+" with "+t.name, w, withDetails(code, text(httpStatus), t.detail)))
		}
	}
	return append(all, c.retryReplies()...)
}

// unlinked returns a detail of a type that no program knows.
func unlinked() *anypb.Any {
	return &anypb.Any{TypeUrl: "type.googleapis.com/nobody.Links", Value: []byte(canary)}
}

// validation builds a buf.validate.Violations with one violation. The package of its generated code is not required.
func validation(field, message string) *anypb.Any {
	texts := func(number protowire.Number, value []byte, before ...byte) []byte {
		return protowire.AppendBytes(protowire.AppendTag(before, number, protowire.BytesType), value)
	}
	path := texts(1, texts(2, []byte(field)))
	violation := texts(5, path, texts(3, []byte(message), texts(2, []byte("string.max_len"))...)...)
	return &anypb.Any{TypeUrl: "type.googleapis.com/buf.validate.Violations", Value: texts(1, violation)}
}

// retryReplies has delays for a repetition, in a detail and in metadata.
func (c *config) retryReplies() []reply {
	var all []reply
	for _, code := range []codes.Code{codes.Unavailable, codes.Aborted} {
		httpStatus := c.httpStatus(code)
		w := want{rule: ruleCodeStatus, status: httpStatus, message: text(httpStatus), retryAfter: "2"}
		delay := packed(&errdetails.RetryInfo{RetryDelay: &durationpb.Duration{Seconds: 1, Nanos: 5e8}})
		err := withDetails(code, text(httpStatus), delay)
		all = append(all, failed(code.String()+" with RetryInfo of 1.5s", w, err))

		w.retryAfter = "7"
		for _, place := range places {
			r := failed(code.String()+" with retry-after in the "+place.name, w, status.Error(code, text(httpStatus)))
			r.serve = place.add(metadata.Pairs("retry-after", "7"), r.serve)
			all = append(all, r)
		}
	}
	return all
}
