package contracttest

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	spb "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/anypb"
	"google.golang.org/protobuf/types/known/emptypb"

	statusbridgev1 "github.com/statusbridge/statusbridge/gen/go/statusbridge/v1"
	"github.com/statusbridge/statusbridge/mapping"
)

// codeReplies has a reply for each gRPC code, and for codes that gRPC does not define. With header metadata, grpc-go
// sends the header and the trailer separately. Without it, both travel in one frame.
func (c *config) codeReplies() []reply {
	var all []reply
	for _, code := range []codes.Code{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 20, 99, 1001} {
		httpStatus := c.httpStatus(code)
		w := want{rule: ruleCodeStatus, status: httpStatus, message: text(httpStatus)}
		if code == codes.Unknown {
			w.message = "" // the text of a plain Go error has this code
		}
		err := status.Error(code, text(httpStatus))
		all = append(all, failed("code "+code.String(), w, err))
		separate := failed("header metadata, then code "+code.String(), w, err)
		separate.serve = withHeader(metadata.Pairs("x-contracttest", "1"), separate.serve)
		all = append(all, separate)
	}
	return all
}

// exactReplies has a reply for each status that a service can choose, and for statuses that the gateway must not use.
func (c *config) exactReplies() []reply {
	var all []reply
	chosen := map[int]bool{418: true, 422: true, 429: true, 451: true, 499: true, 599: true}
	for httpStatus := range c.allowed {
		chosen[httpStatus] = true
	}
	for _, httpStatus := range slices.Sorted(maps.Keys(chosen)) {
		if !isError(httpStatus) || c.mapped[httpStatus] && !c.allowed[httpStatus] {
			continue // gateway.WithMapping allows it for every service, and gateway.WithMappingFunc does not
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
	value := new(anypb.Any)
	_ = value.MarshalFrom(message) // every message of this package is valid
	return value
}

func withDetails(code codes.Code, message string, details ...*anypb.Any) error {
	return status.FromProto(&spb.Status{Code: int32(code), Message: message, Details: details}).Err()
}

// textReplies has messages that are hard to encode.
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

// limitReplies has a reply that refuses a request for its size, with the text of grpc-go. An empty request cannot be
// too large, so it gets an ordinary 400.
func (c *config) limitReplies() []reply {
	refuse := func(stream grpc.ServerStream) error {
		var request emptypb.Empty
		if err := stream.RecvMsg(&request); err != nil || proto.Size(&request) == 0 {
			return &mapping.Error{HTTPStatus: 400, Message: clientText, Details: "the request is empty"} // exactly 400
		}
		return status.Errorf(codes.ResourceExhausted,
			"grpc: received message larger than max (%d vs. 0)", proto.Size(&request))
	}
	return []reply{{
		name:  "the request is over the backend's limit",
		want:  want{rule: ruleBadRequest, status: 400},
		serve: refuse,
	}}
}
