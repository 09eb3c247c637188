package contracttest

import (
	"fmt"
	"strconv"

	spb "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/anypb"
	"google.golang.org/protobuf/types/known/emptypb"

	"github.com/statusbridge/statusbridge/mapping"
)

// places are where a reply has metadata.
var places = []struct {
	name string
	add  func(metadata.MD, func(grpc.ServerStream) error) func(grpc.ServerStream) error
}{{"header", withHeader}, {"trailer", withTrailer}}

// successReplies choose the status of a success, or leave it to the method's declaration.
func (c *config) successReplies() []reply {
	all := []reply{{name: "OK", serve: succeed, want: want{rule: ruleSuccessStatus, success: true}}}
	for _, chosen := range []string{
		"200", "202", "204", "201", "206", "299", "0", "99", "103", "302", "404", "1000", "-1", "x", "",
	} {
		w := want{rule: ruleSuccessStatus, success: true}
		if n, err := strconv.Atoi(chosen); err == nil && isSuccess(n) && c.allowed[n] {
			w = want{rule: ruleSuccessStatus, status: n}
		}
		all = append(all, reply{
			name:  fmt.Sprintf("OK with the success status %q", chosen),
			serve: withHeader(metadata.Pairs(controlKey, chosen), succeed), want: w,
		})
	}
	failure := failed("NotFound with the success status 202",
		want{rule: ruleCodeStatus, status: c.httpStatus(codes.NotFound)}, status.Error(codes.NotFound, clientText))
	failure.serve = withHeader(metadata.Pairs(controlKey, "202"), failure.serve)
	return append(all, failure)
}

// streamReplies send messages and then fail, or not.
func (c *config) streamReplies() []reply {
	success := want{rule: ruleSuccessStatus, success: true}
	all := []reply{
		{name: "no message", only: (*route).serverStream, want: success, serve: drain},
		{name: "three messages", only: (*route).serverStream, want: success, serve: messagesThen(nil, 3)},
	}
	exact := want{rule: ruleExactStatus, status: 409, message: clientText}
	for _, code := range []codes.Code{codes.NotFound, codes.Internal, codes.Unavailable, codes.Unauthenticated, 99} {
		w := want{rule: ruleCodeStatus, status: c.httpStatus(code)}
		w.message = text(w.status)
		all = append(all, late(code.String()+" after the first message", w, status.Error(code, w.message)))
	}
	notFound := want{rule: ruleCodeStatus, status: c.httpStatus(codes.NotFound)}
	notFound.message = text(notFound.status)
	bad := mapping.Errorf(502, clientText)
	return append(all,
		late("exactly 409 after the first message", exact,
			&mapping.Error{HTTPStatus: 409, Message: clientText, Details: "name: is taken"}),
		late("exactly 502 after the first message",
			want{rule: ruleExactStatus, status: 502, message: clientText, attached: true}, bad),
		late("NotFound with a type that is not linked, after the first message", notFound, status.FromProto(&spb.Status{
			Code: int32(codes.NotFound), Message: notFound.message, Details: []*anypb.Any{unlinked()},
		}).Err()),
	)
}

// late returns a reply that fails after its first message. For a method without a stream it is an ordinary error.
func late(name string, w want, err error) reply {
	w.late = true
	return reply{name: name, want: w, serve: messagesThen(err, 1)}
}

// messagesThen sends messages and returns err.
func messagesThen(err error, messages int) func(grpc.ServerStream) error {
	return func(stream grpc.ServerStream) error {
		if err := drain(stream); err != nil {
			return err
		}
		for range messages {
			if err := stream.SendMsg(&emptypb.Empty{}); err != nil {
				return err
			}
		}
		return err
	}
}
