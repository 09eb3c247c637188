package contracttest_test

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/statusbridge/statusbridge/contracttest"
)

// hasRule reports whether one of the lines of texts is a violation of a rule.
func hasRule(lines []string, rule string) bool {
	return slices.ContainsFunc(lines, func(line string) bool { return strings.HasPrefix(line, rule+": ") })
}

// TestViolationResponse expects a readable text of the response, without bytes that change a terminal.
func TestViolationResponse(t *testing.T) {
	const first = "HTTP/1.1 418 I'm a teapot\n"
	long := strings.Repeat("x", 2048)
	for _, test := range []struct {
		name     string
		response *http.Response
		body     string
		want     string
	}{
		{"nothing but a status", &http.Response{StatusCode: http.StatusTeapot}, "", first},
		{"HTTP/2", &http.Response{StatusCode: http.StatusTeapot, Proto: "HTTP/2.0"}, "", "HTTP/2.0 418 I'm a teapot\n"},
		{"headers, in order and without Date", &http.Response{StatusCode: http.StatusTeapot, Header: http.Header{
			"X-B": {"2", "3"}, "Date": {"now"}, "X-A": {"1"},
		}}, "", first + "X-A: 1\nX-B: 2\nX-B: 3\n"},
		{"a body", &http.Response{StatusCode: http.StatusTeapot}, "a\nb ~", first + "\na\nb ~\n"},
		{"a trailer", &http.Response{StatusCode: http.StatusTeapot, Trailer: http.Header{"X": {"1"}}}, "b",
			first + "\nb\n(trailer)\nX: 1\n"},
		{"controls", &http.Response{StatusCode: http.StatusTeapot, Header: http.Header{"X": {"a\nb\x1b[m"}}},
			"\x00\x1f\x7f\r\xffü\ufffd",
			first + `X: a\x0ab\x1b[m` + "\n\n" + `\x00\x1f\x7f\x0d\xff` + "ü\ufffd\n"},
		{"a body of 2 KiB", &http.Response{StatusCode: http.StatusTeapot}, long, first + "\n" + long + "\n"},
		{"a longer body", &http.Response{StatusCode: http.StatusTeapot}, long + "yz",
			first + "\n" + long + "… (2 more bytes)\n"},
	} {
		got := contracttest.Violations(test.response, []byte(test.body))
		if len(got) == 0 || got[0].Rule != "documented-status" {
			t.Fatalf("%s: got %v", test.name, got)
		}
		if diff := cmp.Diff(test.want, got[0].Response); diff != "" {
			t.Errorf("%s: (-want +got)\n%s", test.name, diff)
		}
		if got[0].Backend != "" || strings.Contains(got[0].String(), "backend:") {
			t.Errorf("%s: got a backend without Run: %v", test.name, got[0])
		}
	}
}

// TestViolationRequest expects the request line.
func TestViolationRequest(t *testing.T) {
	request := httptest.NewRequest(http.MethodPost, "/v1/things?a=b", nil)
	for want, response := range map[string]*http.Response{
		"(unknown request)":            {StatusCode: http.StatusTeapot},
		"POST /v1/things?a=b HTTP/1.1": {StatusCode: http.StatusTeapot, Proto: "HTTP/1.1", Request: request},
		"POST /v1/things?a=b":          {StatusCode: http.StatusTeapot, Request: request},
	} {
		if got := contracttest.Violations(response, nil); got[0].Request != want {
			t.Errorf("got %q, want %q", got[0].Request, want)
		}
	}
}
