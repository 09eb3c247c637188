package contracttest

import (
	"fmt"
	"net/http"
	"strings"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	spb "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/anypb"
	"google.golang.org/protobuf/types/known/durationpb"

	statusbridgev1 "github.com/statusbridge/statusbridge/gen/go/statusbridge/v1"
	"github.com/statusbridge/statusbridge/mapping"
)

// exactReplies has a reply for each status that a service can choose, and for statuses that the gateway must not use.
func (c *config) exactReplies() []reply {
	var all []reply
	chosen := map[int]bool{418: true, 422: true, 429: true, 451: true, 499: true, 599: true}
	for httpStatus := range c.allowed {
		chosen[httpStatus] = true
	}
	for httpStatus := 400; httpStatus < 600; httpStatus++ {
		if !chosen[httpStatus] {
			continue
		}
		w := want{rule: ruleExactStatus, status: httpStatus, message: clientText, attached: true}
		if !c.allowed[httpStatus] {
			w.status = c.httpStatus(mapping.GRPCCode(httpStatus))
		} else if mapping.HTTPStatus(mapping.GRPCCode(httpStatus)) == httpStatus && c.mapping != nil {
			continue // the error travels without a detail, so that a mapping applies to it
		}
		more := "field: is missing"
		all = append(all, failed(fmt.Sprintf("exactly %d", httpStatus), w, mapping.Errorf(httpStatus, clientText)))
		w.details = &more
		all = append(all, failed(fmt.Sprintf("exactly %d with details", httpStatus), w,
			&mapping.Error{HTTPStatus: httpStatus, Message: clientText, Details: more}))
	}
	for _, code := range []int32{-1, 0, 200, 204, 302, 399, 600, 1000} {
		w := want{rule: ruleExactStatus, status: c.httpStatus(codes.NotFound)}
		all = append(all, failed(fmt.Sprintf("NotFound with a statusbridge.v1.Error of code %d", code), w,
			withDetails(codes.NotFound, clientText, packed(&statusbridgev1.Error{Code: code}))))
	}
	return all
}

func packed(message proto.Message) *anypb.Any {
	value, err := anypb.New(message)
	if err != nil {
		panic(err) // every message of this package is valid
	}
	return value
}

func withDetails(code codes.Code, message string, details ...*anypb.Any) error {
	return status.FromProto(&spb.Status{Code: int32(code), Message: message, Details: details}).Err()
}

// detailReplies attaches each standard detail to a 4xx and to a 5xx.
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

// retryReplies say when to try again, in a detail and in metadata.
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

// textReplies have texts that are hard to send.
func (c *config) textReplies() []reply {
	var all []reply
	add := func(name, message string, w want) {
		w.rule, w.status = ruleCodeStatus, c.httpStatus(codes.InvalidArgument)
		all = append(all, failed("InvalidArgument with "+name, w, status.Error(codes.InvalidArgument, message)))
	}
	for _, t := range [][2]string{
		{"quotes and controls", "\"a\" \\ \t\r\n \x00\x1b \u2028 </script>&"},
		{"characters of all planes", "Ünïcödé 日本語 🙂"},
		{"percent signs", "100% %41 %zz"},
		{"a long message", strings.Repeat("long ", 600)},
	} {
		add(t[0], t[1], want{message: t[1]})
	}
	add("invalid UTF-8", "bad \xff name", want{})
	add("no message", "", want{})
	return all
}

// metadataReplies have metadata of every kind, on errors and on successes.
func (c *config) metadataReplies() []reply {
	kinds := []struct {
		name string
		md   metadata.MD
	}{
		{"ordinary metadata", metadata.Pairs("x-contracttest", "a", "x-contracttest", "b")},
		{"binary metadata", metadata.Pairs("x-contracttest-bin", "\x00\r\n\xff")},
		{"framing metadata", metadata.Pairs("content-length", "7", "transfer-encoding", "gzip")},
		{"a success's metadata", metadata.Pairs("etag", `"1"`, "location", "/v1/x", "cache-control", "public")},
		{"the control key", metadata.Pairs(controlKey, "202")},
	}
	var all []reply
	for _, kind := range kinds {
		for _, place := range places {
			for _, te := range []bool{false, true} {
				suffix := " with " + kind.name + " in the " + place.name
				w := want{rule: ruleCodeStatus, status: c.httpStatus(codes.Aborted)}
				w.message = text(w.status)
				failure := failed("Aborted"+suffix, w, status.Error(codes.Aborted, w.message))
				failure.serve = place.add(kind.md, failure.serve)
				success := reply{name: "OK" + suffix, want: want{rule: ruleSuccessStatus, success: true}}
				if kind.name == "the control key" && place.name == "header" {
					success.want = want{rule: ruleSuccessStatus, status: 202}
				}
				success.serve = place.add(kind.md, succeed)
				for _, r := range []reply{failure, success} {
					if te {
						r.name += ", TE: trailers"
						r.header = http.Header{"Te": {"trailers"}}
					}
					all = append(all, r)
				}
			}
		}
	}
	for _, place := range places {
		const challenge = `Basic realm="backend"`
		w := want{rule: ruleCodeStatus, status: c.httpStatus(codes.Unauthenticated), challenge: challenge}
		err := status.Error(codes.Unauthenticated, clientText)
		r := failed("Unauthenticated with www-authenticate in the "+place.name, w, err)
		r.serve = place.add(metadata.Pairs("www-authenticate", challenge), r.serve)
		all = append(all, r)
	}
	return all
}
