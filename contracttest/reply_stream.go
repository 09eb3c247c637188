package contracttest

import (
	"encoding/json"
	"regexp"
	"strings"

	spb "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/anypb"

	"github.com/statusbridge/statusbridge/mapping"
)

// streamReplies has streams that succeed, and streams that fail after their first message.
func (c *config) streamReplies() []reply {
	success := want{rule: ruleSuccessStatus, success: true}
	all := []reply{
		{name: "no message", only: (*route).serverStream, want: success, serve: messagesThen(nil, 0)},
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

// chunk matches the beginning of an error chunk. A marshaler may indent it or put it into an object.
var chunk = regexp.MustCompile(`\{\s*"error"\s*:`)

// checkLate judges the end of a stream that failed after its first message.
func (x *result) checkLate(r *route, w want) {
	if !isSuccess(x.status) {
		if x.status != w.status && w.rule != "" {
			x.breaks(w.rule, "the status is %d, not %d", x.status, w.status)
		}
		return // nothing was sent before the failure
	}
	if x.bodyErr != nil {
		return // the client sees that the stream is broken
	}
	if r.download() {
		x.breaks(ruleLateError, "the download failed and looks complete")
		return
	}
	found := chunk.FindAllIndex(x.body, -1)
	switch {
	case x.config.abortStream:
		x.breaks(ruleLateError, "the stream failed and the connection is not broken")
		return
	case len(found) == 0:
		x.breaks(ruleLateError, "the stream failed and ends without an error")
		return
	case w.cut:
		return
	}
	var last struct {
		Error struct {
			Code    int    `json:"code"`
			Message string `json:"message"`
		} `json:"error"`
	}
	decoder := json.NewDecoder(strings.NewReader(string(x.body[found[len(found)-1][0]:])))
	if err := decoder.Decode(&last); err != nil {
		x.breaks(ruleErrorChunk, "the last chunk is not JSON")
		return
	}
	wanted := w.message
	if sentence, ok := meaning(w.status); ok && w.status >= 500 && !w.attached {
		wanted = sentence
	}
	if last.Error.Code != w.status {
		x.breaks(ruleErrorChunk, "the code of the last chunk is %d, not %d", last.Error.Code, w.status)
	} else if last.Error.Message != wanted && !x.broken(ruleServerText) {
		x.breaks(ruleErrorChunk, "the message of the last chunk is not %q", wanted)
	}
}
