package contracttest_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/grpc"

	"github.com/statusbridge/statusbridge/contracttest"
	"github.com/statusbridge/statusbridge/gateway"
	"github.com/statusbridge/statusbridge/internal/testkit"
)

// TestReplies breaks the responses to one reply of the backend, and expects the text of the violation.
func TestReplies(t *testing.T) {
	const ended = "late-error: the stream failed and ends without an error"
	sentence := testkit.Meanings[500]
	for _, test := range []struct {
		name, reply string
		change      func(*response)
		want        []string
	}{
		{"a leak in a header", "^code Internal", when(status(500), set("X-Debug", "canary-10.0.0.3:5432")),
			[]string{"server-text: X-Debug contains text that the backend did not write for clients"}},
		{"a leak in a body", "^code Internal", when(status(500), become(500, "canary-10.0.0.3:5432")),
			[]string{"server-text: the body contains text that the backend did not write for clients"}},
		{"another message of a 4xx", "^code NotFound", when(status(404), replace("the name is taken", "x")),
			[]string{"client-text: the message is not the one that the service wrote for clients"}},
		{"another message of an attached 5xx", "^exactly 502$", when(status(502), become(502, "x")),
			[]string{"client-text: the message is not the one that the service wrote for clients"}},
		{"another message of a 5xx", "^code Unknown", when(status(500), become(500, "x")), nil},
		{"another sentence", "^code DataLoss", when(status(500), become(500, "x")),
			[]string{`documented-sentence: the message is not the documented sentence "` + sentence + `"`}},
		{"no details", "^InvalidArgument with BadRequest$", when(status(400), become(400, "the name is taken")),
			[]string{`details: details is "", not "name: is empty; size: is negative"`}},
		{"details of a 5xx", "^Internal with BadRequest$",
			when(status(500), func(x *response) {
				x.setBody(`{"code":500,"message":"` + sentence + `","details":"name: is empty"}`)
			}), []string{`details: details is "name: is empty", not ""`}},
		{"no delay", "^Unavailable with RetryInfo", when(status(503), remove("Retry-After")),
			[]string{`retry-delay: Retry-After is "", not "2"`}},
		{"another delay", "^Aborted with retry-after in the trailer", when(status(409), set("Retry-After", "8")),
			[]string{`retry-delay: Retry-After is "8", not "7"`}},
		{"another challenge", "^Unauthenticated with www-authenticate in the header",
			when(status(401), set("Www-Authenticate", "Bearer")),
			[]string{`backend-challenge: WWW-Authenticate is ["Bearer"], not "Basic realm=\"backend\""`}},
		{"a second challenge", "^Unauthenticated with www-authenticate in the trailer",
			when(status(401), set("Grpc-Trailer-Www-Authenticate", "Basic")),
			[]string{"backend-challenge: the challenge is sent as Grpc-Trailer-Www-Authenticate as well"}},
		{"another status for a request over the limit", "over the backend's limit",
			when(status(400), become(503, testkit.Meanings[503])), []string{"bad-request: the status is 503, not 400"}},
		{"a broken body", "^code NotFound", when(status(404), func(x *response) {
			x.abort = strings.Contains(x.body, "taken")
			x.body = strings.TrimSuffix(x.body, "}")
		}), []string{
			"complete: the body ends with an error: stream error: INTERNAL_ERROR; received from peer",
			"complete: the body ends with an error: unexpected EOF",
		}},

		{"a stream that ends", "^NotFound after the first", chunk(""), []string{ended}},
		{"a stream with an error inside a message", "^NotFound after the first", chunk(`{"result":{"error":"x"}}`),
			[]string{`error-chunk: the last chunk is not JSON`}},
		{"a chunk that is cut", "^NotFound after the first", chunk(`{"error":{"code":404,`),
			[]string{"error-chunk: the last chunk is not JSON"}},
		{"a chunk with white space, and an earlier one", "^NotFound after the first",
			chunk(`{"error":{"code":1}}{"end":{ "error" : {"code":404,"message":"the name is taken"}}}`), nil},
		{"a chunk with another code", "^NotFound after the first",
			chunk(`{"error":{"code":5,"message":"the name is taken"}}`),
			[]string{"error-chunk: the code of the last chunk is 5, not 404"}},
		{"a chunk with another message", "^NotFound after the first", chunk(`{"error":{"code":404,"message":"x"}}`),
			[]string{`error-chunk: the message of the last chunk is not "the name is taken"`}},
		{"a chunk with a leak", "^Internal after the first",
			chunk(`{"error":{"code":500,"message":"canary-10.0.0.3:5432"}}`),
			[]string{"server-text: the body contains text that the backend did not write for clients"}},
		{"a chunk with another sentence", "^Internal after the first", chunk(`{"error":{"code":500,"message":"x"}}`),
			[]string{`error-chunk: the message of the last chunk is not "` + sentence + `"`}},
		{"a chunk without the attached message", "^exactly 502 after the first",
			chunk(`{"error":{"code":502,"message":"x"}}`),
			[]string{`error-chunk: the message of the last chunk is not "the name is taken"`}},
		{"a stream that fails before it begins", "^NotFound after the first",
			when(watched, become(404, "the name is taken")), nil},
		{"a stream that fails before it begins, with another status", "^NotFound after the first",
			when(watched, become(500, sentence)), []string{"code-status: the status is 500, not 404"}},
		{"a download that looks complete", "^NotFound after the first", complete,
			[]string{"late-error: the download failed and looks complete"}},
		{"a reset stream that ends", "^a reset after the first message", chunk(""), []string{ended}},
		{"a reset stream with some error", "^a reset after the first message", chunk(`{"error":{"code":7}}`), nil},
		{"a reset stream that fails before it begins", "^a reset after the first message",
			when(watched, become(500, sentence)), nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			part := contracttest.RunPart(t, test.reply, func(conn *grpc.ClientConn, reply func() string) http.Handler {
				name := regexp.MustCompile(test.reply)
				return mutant(few(newServer(t, conn)), reply, when(func(x *response) bool {
					return x.status != 0 && x.request.Method == http.MethodGet && name.MatchString(x.reply)
				}, test.change))
			}, dial)
			if diff := cmp.Diff(test.want, sorted(part.Violations)); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

// TestServerMessages expects that Run finds a gateway that sends the messages of every status.
func TestServerMessages(t *testing.T) {
	part := contracttest.RunPart(t, "^code (Internal|Unavailable)$", func(
		conn *grpc.ClientConn, _ func() string,
	) http.Handler {
		mux := gateway.New(gateway.WithServerMessages()).NewServeMux()
		register(t, mux, conn)
		return few(mux)
	}, dial)
	const want = "server-text: the body contains text that the backend did not write for clients"
	if count := part.Violations[want]; count != 2*2*4 { // replies, versions of HTTP, routes
		t.Errorf("got %v", part.Violations)
	}
}

// TestLimit expects that Run finds a gateway that maps the backend's receive limit to 429.
func TestLimit(t *testing.T) {
	part := contracttest.RunPart(t, "over the backend's limit", func(
		conn *grpc.ClientConn, _ func() string,
	) http.Handler {
		mux := runtime.NewServeMux()
		register(t, mux, conn)
		return few(mux)
	})
	if part.Violations["documented-status: the status 429 is not documented"] == 0 {
		t.Errorf("got %v", part.Violations)
	}
}

// TestDeadline expects a 504 after the client's deadline, unless the handler replaces the deadline.
func TestDeadline(t *testing.T) {
	for name, test := range map[string]struct {
		change func(*response)
		want   []string
	}{
		"the deadline is kept":     {func(*response) {}, nil},
		"the deadline is replaced": {func(x *response) { x.request.Header.Del("Grpc-Timeout") }, nil},
		"a success without a call": {func(x *response) {
			if x.request.Header.Get("Grpc-Timeout") != "" {
				x.handled, x.status, x.written = true, 200, true
			}
		}, []string{"timeout: the status is 200, not 504"}},
		"another error": {when(status(504), become(500, testkit.Meanings[500])),
			[]string{"timeout: the status is 500, not 504"}},
	} {
		part := contracttest.RunPart(t, "^no reply before", func(
			conn *grpc.ClientConn, reply func() string,
		) http.Handler {
			return mutant(few(newServer(t, conn)), reply, test.change)
		}, dial)
		if diff := cmp.Diff(test.want, sorted(part.Violations)); diff != "" {
			t.Errorf("%s: (-want +got)\n%s", name, diff)
		}
	}
}

// TestStreamAbort expects a violation if a stream ends with an error chunk although the option asks for a broken
// connection.
func TestStreamAbort(t *testing.T) {
	part := contracttest.RunPart(t, "^NotFound after the first", func(
		conn *grpc.ClientConn, _ func() string,
	) http.Handler {
		return few(newServer(t, conn))
	}, dial, contracttest.WithStreamAbort())
	want := []string{"late-error: the stream failed and the connection is not broken"}
	if diff := cmp.Diff(want, sorted(part.Violations)); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}
