package contracttest_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/grpc/codes"

	"github.com/statusbridge/statusbridge/contracttest"
	"github.com/statusbridge/statusbridge/internal/testkit"
)

const anError = `{"code":404,"message":"m"}`

// TestHeaders judges the headers of a 404, each added to the documented ones.
func TestHeaders(t *testing.T) {
	for _, test := range []struct{ name, value, want string }{
		{"X-Request-Id", "7", ""},
		{"retry-after", "soon", `retry-after: Retry-After is "soon"`},
		{"Date", "Thu, 26 Nov 2026 15:00:00 GMT", ""},
		{"Statusbridge-Http-Status", "202", "control-key: the response has Statusbridge-Http-Status"},
		{"Grpc-Metadata-Statusbridge-Http-Status", "202",
			"control-key: the response has Grpc-Metadata-Statusbridge-Http-Status"},
		{"Trailer:Grpc-Trailer-Statusbridge-Http-Status", "202",
			"control-key: the response has Trailer:Grpc-Trailer-Statusbridge-Http-Status"},
		{"grpc-status", "5", "grpc-header: the response has Grpc-Status"},
		{"Trailer:Grpc-Message", "x", "grpc-header: the response has Trailer:Grpc-Message"},
		{"Grpc-Metadata-Grpc-Encoding", "gzip", "grpc-header: the response has Grpc-Metadata-Grpc-Encoding"},
		{"Grpc-Metadata-X", "1", ""},
		{"Trace-Bin", "AA", "binary-header: the response has Trace-Bin"},
		{"Grpc-Trailer-Trace-Bin", "AA", "binary-header: the response has Grpc-Trailer-Trace-Bin"},

		{"Content-Type", "text/html", "header-once: Content-Type is sent 2 times"},
		{"content-type", "application/json", "header-once: Content-Type is sent 2 times"},
		{"Set-Cookie", "a=1", ""},

		{"Retry-After", "120", ""},
		{"Retry-After", "0", ""},
		{"Retry-After", "Fri, 31 Dec 1999 23:59:59 GMT", ""},
		{"Retry-After", "-1", `retry-after: Retry-After is "-1"`},
		{"Retry-After", "1.5", `retry-after: Retry-After is "1.5"`},
		{"Retry-After", "soon", `retry-after: Retry-After is "soon"`},

		{"Accept-Ranges", "bytes", "stale-header: the error has Accept-Ranges: bytes"},
		{"age", "7", "stale-header: the error has Age: 7"},
		{"Content-Disposition", "inline", "stale-header: the error has Content-Disposition: inline"},
		{"Content-Location", "/x", "stale-header: the error has Content-Location: /x"},
		{"Content-Range", "bytes */9", "stale-header: the error has Content-Range: bytes */9"},
		{"ETag", `"1"`, `stale-header: the error has Etag: "1"`},
		{"Expires", "0", "stale-header: the error has Expires: 0"},
		{"Last-Modified", "x", "stale-header: the error has Last-Modified: x"},
		{"Location", "/x", "stale-header: the error has Location: /x"},
		{"Content-Language", "en", ""},

		{"Cache-Control", "no-store", ""},
		{"Cache-Control", "no-cache, private, must-revalidate", ""},
		{"Cache-Control", "max-age=0", ""},
		{"Cache-Control", `s-maxage="00"`, ""},
		{"Cache-Control", "max-age", ""},
		{"Cache-Control", "public", "cache-control: the error has Cache-Control: public"},
		{"cache-control", "private, Immutable", "cache-control: the error has Cache-Control: private, Immutable"},
		{"Cache-Control", "max-age=60", "cache-control: the error has Cache-Control: max-age=60"},
		{"Cache-Control", "s-maxage=1", "cache-control: the error has Cache-Control: s-maxage=1"},
		{"Cache-Control", "stale-if-error=9", "cache-control: the error has Cache-Control: stale-if-error=9"},
		{"Cache-Control", "stale-while-revalidate=9",
			"cache-control: the error has Cache-Control: stale-while-revalidate=9"},

		{"transfer-encoding", "gzip", "framing: the handler set Transfer-Encoding: gzip"},
		{"", "x", `header-syntax: "" is not a header name`},
		{"X Y", "x", `header-syntax: "X Y" is not a header name`},
		{"Trailer:X", "x", ""},
		{"Trailer:", "x", `header-syntax: "Trailer:" is not a header name`},
		{"X-Message", "a\nb", `header-syntax: the value of X-Message is not valid: ["a\nb"]`},
	} {
		var want []string
		if test.want != "" {
			want = []string{test.want}
		}
		if diff := cmp.Diff(want, judge404(anError, test.name, test.value)); diff != "" {
			t.Errorf("%s: %s: (-want +got)\n%s", test.name, test.value, diff)
		}
	}
}

// TestTrailers judges the trailer of a success like its header.
func TestTrailers(t *testing.T) {
	for name, want := range map[string][]string{
		"X-Request-Id": nil,
		"Grpc-Status":  {"grpc-header: the response has Grpc-Status"},
	} {
		response := &http.Response{StatusCode: http.StatusOK, Trailer: http.Header{name: {"0"}}}
		if diff := cmp.Diff(want, texts(contracttest.Violations(response, nil))); diff != "" {
			t.Errorf("%s: (-want +got)\n%s", name, diff)
		}
	}
}

// TestStatusHeaders judges the headers that the status of an error asks for, and those that it permits.
func TestStatusHeaders(t *testing.T) {
	for _, test := range []struct {
		name        string
		status      int
		pairs, want []string
	}{
		{"405", 405, []string{"Allow", "GET, POST"}, nil},
		{"405 of a path without methods", 405, []string{"Allow", ""}, nil},
		{"405 without Allow", 405, nil, []string{"allow: the 405 has no Allow header"}},
		{"405 with a broken Allow", 405, []string{"Allow", "GET, /x"},
			[]string{`allow: Allow lists "/x", which is not a method`}},
		{"401", 401, []string{"Www-Authenticate", "Bearer"}, nil},
		{"401 without a challenge", 401, nil, []string{"challenge: the 401 has no WWW-Authenticate header"}},
		{"401 with a broken challenge", 401, []string{"Www-Authenticate", "please log in"},
			[]string{`challenge: WWW-Authenticate is not a list of challenges: "please log in"`}},
		{"416", 416, []string{"Content-Range", "bytes */9"}, nil},
	} {
		body := fmt.Sprintf(`{"code":%d,"message":"m"}`, test.status)
		response := &http.Response{StatusCode: test.status, Header: documentedHeader(body, test.pairs...)}
		got := texts(contracttest.Violations(response, []byte(body), contracttest.WithExtraStatuses(416)))
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s: (-want +got)\n%s", test.name, diff)
		}
	}
}

// TestSuccessHeaders judges the headers of a 200, and those that a 204 forbids.
func TestSuccessHeaders(t *testing.T) {
	for _, test := range []struct {
		name   string
		status int
		header http.Header
		body   string
		want   []string
	}{
		{"200", 200, documentedHeader("", "Location", "/x"), "", nil},
		{"200 with Transfer-Encoding", 200, documentedHeader("", "Transfer-Encoding", "gzip"), "",
			[]string{"framing: the handler set Transfer-Encoding: gzip"}},
		{"204", 204, nil, "", nil},
		{"204 with all that is forbidden", 204, documentedHeader("{}"), "{}", []string{
			"empty-204: a 204 has a Content-Length", "empty-204: a 204 has a Content-Type",
			"empty-204: a 204 has a body",
		}},
	} {
		response := &http.Response{StatusCode: test.status, Header: test.header}
		if diff := cmp.Diff(test.want, texts(contracttest.Violations(response, []byte(test.body)))); diff != "" {
			t.Errorf("%s: (-want +got)\n%s", test.name, diff)
		}
	}
}

// TestMediaType compares the Content-Type of a 404 with the documented media type.
func TestMediaType(t *testing.T) {
	for value, want := range map[string][]string{
		"application/json":                nil,
		"application/json; charset=utf-8": {`media-type: the Content-Type is "application/json; charset=utf-8"`},
		"text/html":                       {`media-type: the Content-Type is "text/html"`},
		"":                                {`media-type: the Content-Type is ""`},
	} {
		response := &http.Response{StatusCode: http.StatusNotFound, Header: documentedHeader(anError)}
		response.Header.Set("Content-Type", value)
		if diff := cmp.Diff(want, texts(contracttest.Violations(response, []byte(anError)))); diff != "" {
			t.Errorf("%q: (-want +got)\n%s", value, diff)
		}
	}
}

// TestLength compares Content-Length with the body.
func TestLength(t *testing.T) {
	for value, want := range map[string][]string{
		"26": nil,
		"":   {"content-length: the error has no Content-Length"},
		"25": {"content-length: Content-Length is 25, and the body has 26 bytes"},
		"x":  {`content-length: Content-Length is "x"`},
		"-1": {`content-length: Content-Length is "-1"`},
	} {
		response := &http.Response{StatusCode: http.StatusNotFound, Header: documentedHeader(anError)}
		response.Header.Set("Content-Length", value)
		if diff := cmp.Diff(want, texts(contracttest.Violations(response, []byte(anError)))); diff != "" {
			t.Errorf("%q: (-want +got)\n%s", value, diff)
		}
		response.Uncompressed = true
		if got := texts(contracttest.Violations(response, []byte(anError))); len(got) > 0 {
			t.Errorf("%q, decompressed by the transport: got %q", value, got)
		}
	}
}

// TestStatuses expects the documented statuses, and those that options allow.
func TestStatuses(t *testing.T) {
	judge := func(status int, options ...contracttest.Option) []string {
		return texts(contracttest.Violations(&http.Response{StatusCode: status}, nil,
			append(options, contracttest.WithoutRule("content-length", "only the status matters"))...))
	}
	undocumented := func(lines []string) bool { return hasRule(lines, "documented-status") }
	for status := 200; status < 700; status++ {
		if got := judge(status); undocumented(got) == testkit.Documented(status) {
			t.Errorf("%d: got %q", status, got)
		}
		isError := status >= 400 && status < 600
		if got := judge(status); hasRule(got, "media-type") != isError {
			t.Errorf("%d: got %q", status, got)
		}
		if got := judge(status, contracttest.WithMapping(func(code codes.Code) (int, bool) {
			return status, code == 1023
		})); undocumented(got) != (!testkit.Documented(status) && !isError) {
			t.Errorf("%d, by WithMapping: got %q", status, got)
		}
		if status < 600 && undocumented(judge(status, contracttest.WithExtraStatuses(status))) {
			t.Errorf("%d is not allowed by WithExtraStatuses", status)
		}
	}
	for _, code := range []codes.Code{1, 1024} {
		got := judge(418, contracttest.WithMapping(func(c codes.Code) (int, bool) { return 418, c == code }))
		if undocumented(got) != (code == 1024) {
			t.Errorf("418 for the code %d: got %q", code, got)
		}
	}
	for _, status := range []int{0, 100, 103, 199} {
		if got := judge(status); len(got) > 0 {
			t.Errorf("%d, which is not a final response: got %q", status, got)
		}
	}
}

// TestOtherProtocols expects no judgement of gRPC, gRPC-Web and Connect.
func TestOtherProtocols(t *testing.T) {
	request := func(path string, header ...string) *http.Request {
		r := httptest.NewRequest(http.MethodPost, path, nil)
		for i := 0; i < len(header); i += 2 {
			r.Header.Set(header[i], header[i+1])
		}
		return r
	}
	for name, test := range map[string]struct {
		request   *http.Request
		mediaType string
		other     bool
	}{
		"REST":                     {request("/v1/things", "Content-Type", "application/json"), "text/html", false},
		"an unknown request":       {nil, "text/html", false},
		"a gRPC response":          {nil, "application/grpc+proto", true},
		"a Connect stream":         {nil, "application/connect+json", true},
		"a gRPC-Web request":       {request("/a.B/C", "Content-Type", "application/grpc-web"), "text/html", true},
		"a Connect request":        {request("/a.B/C", "Connect-Protocol-Version", "1"), "text/html", true},
		"a Connect request by GET": {request("/a.B/C?connect=v1"), "text/html", true},
	} {
		header := documentedHeader("", "Transfer-Encoding", "gzip")
		response := &http.Response{StatusCode: http.StatusNotImplemented, Header: header, Request: test.request}
		response.Header.Set("Content-Type", test.mediaType)
		got := texts(contracttest.Violations(response, nil))
		if other := len(got) == 0; other != test.other {
			t.Errorf("%s: got %q", name, got)
		}
	}
}

// TestHeadBody expects an error response to HEAD to have an empty body. Other responses may have a body.
func TestHeadBody(t *testing.T) {
	for _, test := range []struct {
		method, body string
		status       int
		want         bool
	}{
		{http.MethodHead, anError, 404, true},
		{http.MethodHead, "", 404, false},
		{http.MethodHead, anError, 200, false},
		{http.MethodGet, anError, 404, false},
	} {
		request := httptest.NewRequest(test.method, "/v1/things", nil)
		response := &http.Response{StatusCode: test.status, Header: documentedHeader(anError), Request: request}
		got := texts(contracttest.Violations(response, []byte(test.body)))
		if hasRule(got, "empty-head") != test.want || len(got) > 1 {
			t.Errorf("%s, %d, %q: got %q", test.method, test.status, test.body, got)
		}
	}
}
