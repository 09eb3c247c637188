// Package languages tests the packages of the other languages with the Go gateway. It has one table of cases for a
// server in any language, and the vectors that the suite of each language reads.
package languages

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"unicode/utf8"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"

	"github.com/statusbridge/statusbridge/contracttest"
	"github.com/statusbridge/statusbridge/gateway"
	"github.com/statusbridge/statusbridge/internal/languages/answerv1"
	"github.com/statusbridge/statusbridge/internal/testkit"
)

// mapped is the HTTP status of each gRPC code, as the design fixes it.
var mapped = map[codes.Code]int{
	codes.Canceled: 503, codes.Unknown: 500, codes.InvalidArgument: 400, codes.DeadlineExceeded: 504,
	codes.NotFound: 404, codes.AlreadyExists: 409, codes.PermissionDenied: 403, codes.ResourceExhausted: 503,
	codes.FailedPrecondition: 409, codes.Aborted: 409, codes.OutOfRange: 400, codes.Unimplemented: 501,
	codes.Internal: 500, codes.Unavailable: 503, codes.DataLoss: 500, codes.Unauthenticated: 401,
}

// awkward are texts that careless encoders break: gRPC percent-encodes messages, and trailers are base64.
var awkward = map[string]string{
	"quotes":   `a "quoted" 'name' with a \ and a /`,
	"NUL":      "before\x00after",
	"ESC":      "\x1b[31mred\x1b[0m",
	"DEL":      "a\x7fb",
	"newlines": "one\ntwo\r\nthree\tfour",
	"HTML":     "<script>alert('x') && 1</script>",
	"U+2028":   "line\u2028paragraph\u2029end",
	"emoji":    "no such thing 🐢 in the zoo",
	"per cent": "100% of %s and %41",
	"spaces":   "  leading and trailing  ",
	// protobuf-es drops it at the beginning of a text.
	"BOM":         "byte order \ufeffmark",
	"combining":   "e\u0301 is not \u00e9",
	"3,000 bytes": strings.Repeat("0123456789", 300),
}

// request tells a server which response to send.
type request struct {
	Code    int    `json:"code"`
	Message string `json:"message"`
	Details string `json:"details"`
}

// answerCase is a request and the response that the HTTP client reads.
type answerCase struct {
	name    string
	request request
	status  int
	message string
	details string
}

func cases() []answerCase {
	var cases []answerCase
	add := func(name string, r request, status int, message, details string) {
		cases = append(cases, answerCase{name, r, status, message, details})
	}
	for _, status := range testkit.ErrorStatuses {
		sentence := testkit.Meanings[status]
		add(fmt.Sprint(status), request{Code: status}, status, sentence, "")
		add(fmt.Sprint(status, " with a message"), request{status, "it is gone", ""}, status, "it is gone", "")
		add(fmt.Sprint(status, " with details"), request{status, "", "name: taken"}, status, sentence, "name: taken")
		both := request{status, "it is gone", "name: taken"}
		add(fmt.Sprint(status, " with both"), both, status, both.Message, both.Details)
	}
	for name, text := range awkward {
		add(name+" under a 4xx", request{404, text, ""}, 404, text, "")
		if len(text) < 1000 {
			add(name+" in a detail", request{502, text, text}, 502, text, text)
		}
	}
	for code, status := range mapped {
		message := testkit.Meanings[status]
		if status < http.StatusInternalServerError {
			message = "in passing"
		}
		add("the code "+code.String(), request{-int(code), "in passing", ""}, status, message, "")
	}
	add("the README's example", request{Code: 1}, 400, "the workspace is not valid", "pool: is empty")
	add("an exception", request{0, "db: no password for 10.0.0.3", ""}, 500, testkit.Meanings[500], "")
	add("an undocumented 4xx", request{418, "short and stout", ""}, 400, "short and stout", "")
	add("an undocumented 5xx", request{599, "worse", ""}, 500, "worse", "")
	add("an error that claims a redirection", request{302, "elsewhere", ""}, 500, "elsewhere", "")
	add("an error that claims 70000", request{70000, "beyond", ""}, 500, "beyond", "")
	return cases
}

// TestErrors asks a server for every case, unary and as a stream that fails before its first message.
func TestErrors(t *testing.T) {
	base := serve(t)
	for _, c := range cases() {
		for _, method := range []string{"answer", "watch"} {
			t.Run(c.name+"/"+method, func(t *testing.T) {
				status, header, body := post(t, base+"/v1/"+method, c.request)
				want := fmt.Sprintf(`{"code":%d,"message":%s`, c.status, quoted(c.message))
				if c.details != "" {
					want += `,"details":` + quoted(c.details)
				}
				want += "}"
				if status != c.status || body != want {
					t.Errorf("got %d %.300s, want %d %.300s", status, body, c.status, want)
				}
				if got := header.Get("Content-Type"); got != "application/json" {
					t.Errorf("Content-Type: %s", got)
				}
				wantNoTrace(t, header)
			})
		}
	}
}

// TestLongTexts keeps the status exact when the texts are more than trailers hold.
func TestLongTexts(t *testing.T) {
	base := serve(t)
	for _, letter := range []string{"x", "é", "🐢", "\x00"} {
		long := strings.Repeat(letter, 30_000)
		status, _, body := post(t, base+"/v1/answer", request{502, long, long})
		var got request
		if err := json.Unmarshal([]byte(body), &got); err != nil || status != 502 || got.Code != 502 {
			t.Errorf("%q: got %d %.100s (%v)", letter, status, body, err)
			continue
		}
		for _, text := range []string{got.Message, got.Details} {
			kept, marked := strings.CutSuffix(text, "…")
			whole := marked && strings.HasPrefix(long, kept) && utf8.ValidString(text)
			if !whole || len(text) < 300 || len(text) > 4<<10 {
				t.Errorf("%q: %d bytes are not the marked beginning of the text: %.100q", letter, len(text), text)
			}
		}
	}
}

// TestSuccess lets a server choose the status of its success.
func TestSuccess(t *testing.T) {
	base := serve(t)
	for _, method := range []string{"answer", "watch"} {
		for _, want := range []int{200, 202, 204} {
			status, header, body := post(t, base+"/v1/"+method, request{want, "done", ""})
			if status != want || (body == "") != (want == http.StatusNoContent) {
				t.Errorf("%s: got %d %q, want %d", method, status, body, want)
			}
			wantNoTrace(t, header)
		}
	}
	if status, _, body := post(t, base+"/v1/answer", request{Code: 1, Message: "a"}); status != http.StatusAccepted {
		t.Errorf("the README's example: got %d %s, want 202", status, body)
	}
}

// TestGoogleDetails lets a server attach violations and a delay.
func TestGoogleDetails(t *testing.T) {
	base := serve(t)
	for _, method := range []string{"answer", "watch"} {
		_, header, body := post(t, base+"/v1/"+method, request{2, "refused", ""})
		want := `{"code":400,"message":"refused","details":"name: is taken; pool: is empty"}`
		if body != want || header.Get("Retry-After") != "7" {
			t.Errorf("%s: got %s, Retry-After %q, want %s, 7", method, body, header.Get("Retry-After"), want)
		}
	}
}

// TestChallenge lets a server choose the WWW-Authenticate of a 401.
func TestChallenge(t *testing.T) {
	base := serve(t)
	status, header, _ := post(t, base+"/v1/answer", request{3, "who are you?", `Bearer realm="a"`})
	challenge := strings.Join(header.Values("Www-Authenticate"), ", ")
	if status != http.StatusUnauthorized || challenge != `Bearer realm="a"` {
		t.Errorf("got %d with the challenge %q", status, challenge)
	}
}

func wantNoTrace(t *testing.T, header http.Header) {
	t.Helper()
	for key := range header {
		lower := strings.ToLower(key)
		if strings.Contains(lower, "statusbridge") || strings.Contains(lower, "grpc-status") {
			t.Errorf("the client reads %s: %s", key, header.Get(key))
		}
	}
}

// serve starts a gateway for the server under test.
func serve(t *testing.T) string {
	t.Helper()
	return serveFrom(t, connect(t))
}

// serveFrom starts a gateway for the server of a connection.
func serveFrom(t *testing.T, conn *grpc.ClientConn, options ...gateway.Option) string {
	t.Helper()
	mux := gateway.New(options...).NewServeMux()
	if err := answerv1.RegisterAnswerServiceHandler(context.WithoutCancel(t.Context()), mux, conn); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(contracttest.Check(mux, func(v contracttest.Violation) { t.Error(v) }))
	t.Cleanup(server.Close)
	return server.URL
}

func post(t *testing.T, url string, r request) (status int, header http.Header, body string) {
	t.Helper()
	content, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.Post(url, "application/json", bytes.NewReader(content))
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	read, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, response.Header, string(read)
}

// quoted returns a string in JSON as the gateway writes it. The gateway does not escape <, > and &.
func quoted(s string) string {
	var b strings.Builder
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(s); err != nil {
		panic(err)
	}
	return strings.TrimSuffix(b.String(), "\n")
}
