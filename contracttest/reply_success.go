package contracttest

import (
	"fmt"
	"strconv"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
)

// successReplies has successes whose status the service chooses or the method declares, and values that are not
// possible.
func (c *config) successReplies() []reply {
	all := []reply{{name: "OK", serve: succeed, want: want{rule: ruleSuccessStatus, success: true}}}
	for _, chosen := range []string{
		"200", "202", "204", "201", "206", "299", "0", "99", "103", "302", "404", "1000", "-1", "x", "",
	} {
		w := want{rule: ruleSuccessStatus, success: true}
		if n, _ := strconv.Atoi(chosen); isSuccess(n) && c.allowed[n] {
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
