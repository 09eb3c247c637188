package mapping_test

import (
	"bytes"
	"io"
	"net/http"
	"strings"
	"testing"
	"unicode/utf8"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/statusbridge/statusbridge/mapping"
)

// canned is a response without a connection, so nobody has to close it.
type canned struct{ http.Response }

// answered returns a response of an API. The headers are given in pairs.
func answered(httpStatus int, body string, headers ...string) *canned {
	response := &canned{http.Response{
		Status:     http.StatusText(httpStatus),
		StatusCode: httpStatus,
		Header:     http.Header{},
		Body:       io.NopCloser(strings.NewReader(body)),
	}}
	for i := 0; i+1 < len(headers); i += 2 {
		response.Header.Add(headers[i], headers[i+1])
	}
	return response
}

// read reads the response of an error.
func read(t *testing.T, response *canned) *mapping.Error {
	t.Helper()
	return check(t, &response.Response, mapping.FromResponse(&response.Response))
}

// check tests the rules for the error of every response.
func check(t *testing.T, response *http.Response, err error) *mapping.Error {
	t.Helper()
	e, ok := err.(*mapping.Error) //nolint:errorlint // the documentation promises this type
	if !ok {
		t.Fatalf("FromResponse returns a %T, want an *Error", err)
	}
	if e.HTTPStatus != response.StatusCode && response.StatusCode != 0 { // without a status, that of the body counts
		t.Errorf("read as %d, the response has %d", e.HTTPStatus, response.StatusCode)
	}
	if e.Message == "" || !utf8.ValidString(e.Message) || !utf8.ValidString(e.Details) {
		t.Errorf("message %q, details %q", e.Message, e.Details)
	}
	if status.Code(err) == codes.OK || e.GRPCStatus().Code() == codes.OK {
		t.Error("an error is a success")
	}
	if again := mapping.FromError(err); again != e {
		t.Errorf("read again it is another: %v", again)
	}
	return e
}

const (
	jsonType    = "application/json"
	problemType = "application/problem+json"
)

// TestFromResponse_documented_bodies reads bodies of the published schemas: Error, Error1, SubmissionError and
// SubmissionErrorV2 of the OpenAPI document, as the official Python client models them.
func TestFromResponse_documented_bodies(t *testing.T) {
	tests := []struct {
		name, contentType string
		body              string
		message, details  string
	}{
		{"Error", jsonType, `{"code":409,"message":"m","details":"d"}`, "m", "d"},
		{"Error without details", jsonType, `{"code":409,"message":"m"}`, "m", ""},
		{"Error with null details", jsonType, `{"code":409,"message":"m","details":null}`, "m", ""},
		{"Error with empty details", jsonType, `{"code":409,"message":"m","details":""}`, "m", ""},
		{"Error1 with another code", jsonType, `{"code":1042,"message":"m"}`, "m", ""},
		{"an unknown member", jsonType, `{"code":409,"message":"m","traceId":{"a":[1]}}`, "m", ""},
		{"another order, with space", jsonType, "\r\n { \"details\" : \"d\" ,\n \"message\":\"m\", \"code\": 409 } \n",
			"m", "d"},
		{"a charset", "application/json; charset=utf-8", `{"code":409,"message":"é"}`, "é", ""},
		{"a charset in capitals", `Application/JSON; Charset="UTF-8"`, `{"code":409,"message":"é"}`, "é", ""},
		{"a type with a JSON suffix", "application/vnd.runai.v1+json", `{"code":409,"message":"m"}`, "m", ""},
		{"no type", "", `{"code":409,"message":"m"}`, "m", ""},
		{"an empty message", jsonType, `{"code":409,"message":"","details":"d"}`, sentence(409), "d"},
		{"awkward texts", jsonType, `{"code":409,"message":"\"<b>\u0000\n\u2028🙂","details":"\\"}`,
			"\"<b>\x00\n\u2028🙂", `\`},
		{"half a character", jsonType, `{"code":409,"message":"\ud83d!"}`, "\ufffd!", ""},
		{"SubmissionError", jsonType, `{"code":409,"message":"m","complianceIssues":[` +
			`{"field":"compute.gpuDevicesRequest","details":"value must be no less than 3"},` +
			`{"field":"name","details":"is taken"}]}`,
			"m", "compute.gpuDevicesRequest: value must be no less than 3; name: is taken"},
		{"SubmissionErrorV2", jsonType, `{"code":409,"message":"m","details":"d","complianceIssues":[` +
			`{"field":"image","details":"is not allowed","rule":{"canEdit":false}}]}`, "m", "d; image: is not allowed"},
		{"issues that say half", jsonType,
			`{"code":409,"message":"m","complianceIssues":[{"field":"a: "},{},{"details":" :b"}]}`, "m", "a: ;  :b"},
		{"issues of another type", jsonType, `{"code":409,"message":"m","complianceIssues":"name"}`, "m", ""},
		{"issues of another shape", jsonType, `{"code":409,"message":"m","complianceIssues":[{"field":7},1]}`, "m", ""},
		{"another value after it", jsonType, `{"code":409,"message":"m"}{"code":1}`, "m", ""},
		{"no issues", jsonType, `{"code":409,"message":"m","complianceIssues":null}`, "m", ""},
		{"a problem", problemType, `{"type":"about:blank","title":"m","status":409,"detail":"d","instance":"/1"}`, "m",
			"d"},
		{"a problem with a title", problemType + "; charset=utf-8", `{"title":"m"}`, "m", ""},
		{"a problem with a detail", problemType, `{"detail":"d"}`, "d", ""},
		{"the limit", jsonType, `{"code":409,"message":"` + strings.Repeat("m", 64<<10-25) + `"}`,
			strings.Repeat("m", 64<<10-25), ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			e := read(t, answered(409, test.body, "Content-Type", test.contentType))
			if e.Message != test.message || e.Details != test.details {
				t.Errorf("%.80q %q, want %.80q %q", e.Message, e.Details, test.message, test.details)
			}
			if cause := e.Unwrap(); cause != nil {
				t.Errorf("a documented body has the cause %v", cause)
			}
			if code := e.GRPCStatus().Code(); code != codes.Aborted {
				t.Errorf("sends %v, want Aborted", code)
			}
		})
	}
}

const nginxPage = "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n" +
	"<center><h1>502 Bad Gateway</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n"

// TestFromResponse_other_bodies reads the documented sentence, and keeps the body for the log.
func TestFromResponse_other_bodies(t *testing.T) {
	tests := []struct {
		name, contentType, body, logged string
	}{
		{"nginx", "text/html", nginxPage, "<center>nginx</center>"},
		{"Envoy", "text/plain",
			"upstream connect error or disconnect/reset before headers. reset reason: connection refused",
			"reset reason"},
		{"a page that calls itself JSON", jsonType, nginxPage, "nginx"},
		{"nothing", jsonType, "", "the response is"},
		{"null", jsonType, "null", "null"},
		{"a list", jsonType, `[{"code":502,"message":"m"}]`, "message"},
		{"a text", jsonType, `"secret"`, "secret"},
		{"truncated", jsonType, `{"code":502,"message":"secret`, "secret"},
		{"no code", jsonType, `{"message":"secret"}`, "secret"},
		{"no message", jsonType, `{"code":502,"details":"secret"}`, "secret"},
		{"a null message", jsonType, `{"code":502,"message":null}`, "null"},
		{"a code in words", jsonType, `{"code":"NoSuchKey","message":"secret"}`, "secret"},
		{"a code in a string", jsonType, `{"code":"502","message":"secret"}`, "secret"},
		{"half a code", jsonType, `{"code":502.5,"message":"secret"}`, "secret"},
		{"a code past every int", jsonType, `{"code":1e400,"message":"secret"}`, "secret"},
		{"a message in parts", jsonType, `{"code":502,"message":["secret"]}`, "secret"},
		{"details in parts", jsonType, `{"code":502,"message":"secret","details":{"a":1}}`, "secret"},
		{"details that are a number", jsonType, `{"code":502,"message":"secret","details":7}`, "secret"},
		{"a list of details without a gRPC code", jsonType, `{"code":502,"message":"secret","details":["a"]}`,
			"secret"},
		{"googleapis", jsonType, `{"error":{"code":502,"message":"secret","status":"UNAVAILABLE"}}`, "secret"},
		{"JSON:API", "application/vnd.api+json", `{"errors":[{"status":"502","title":"secret"}]}`, "secret"},
		{"Kubernetes", jsonType, `{"kind":"Status","status":"Failure","reason":"secret","code":502}`, "secret"},
		{"AWS", jsonType, `{"__type":"Throttling","Message":"secret"}`, "secret"},
		{"Spring", jsonType, `{"timestamp":1,"status":502,"error":"Bad Gateway","path":"/secret"}`, "secret"},
		{"a problem that says nothing", problemType, `{"status":502,"type":"about:secret"}`, "secret"},
		{"a problem of other types", problemType, `{"title":{"en":"secret"}}`, "secret"},
		{"a problem in HTML", problemType, "<p>secret", "secret"},
		{"Latin-1", "application/json; charset=iso-8859-1", `{"code":502,"message":"secret"}`, "secret"},
		{"UTF-16", "application/json; charset=utf-16", "{\x00\"\x00s\x00e\x00}\x00", `\x00`},
		{"bytes that are not UTF-8", jsonType, "{\"code\":502,\"message\":\"secret \xff\"}", "secret"},
		{"a type that does not parse", "application/json; charset", `{"code":502,"message":"secret"}`, "secret"},
		{"two types", "application/json, text/html", `{"code":502,"message":"secret"}`, "secret"},
		{"depth", jsonType, strings.Repeat(`{"message":`, 6000), "message"},
		{"a byte past the limit", jsonType, `{"code":502,"message":"` + strings.Repeat("m", 64<<10-24) + `"}`,
			"longer than 65536 bytes"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			response := answered(502, test.body, "Content-Type", test.contentType)
			e := read(t, response)
			if e.Message != sentence(502) || e.Details != "" {
				t.Errorf("%.200q %.200q, want the sentence alone", e.Message, e.Details)
			}
			cause := e.Unwrap()
			if cause == nil || !strings.Contains(cause.Error(), test.logged) ||
				!strings.Contains(cause.Error(), "Bad Gateway") {
				t.Errorf("the log has %.300v, want %q", cause, test.logged)
			}
			if len(e.Error()) > 16<<10 {
				t.Errorf("the log has %d bytes", len(e.Error()))
			}
			if sent := e.GRPCStatus().String(); strings.Contains(sent, "secret") {
				t.Errorf("the cause is sent: %s", sent)
			}
		})
	}
}

// TestFromResponse_log_is_bounded expects one line of bounded length for every body.
func TestFromResponse_log_is_bounded(t *testing.T) {
	for _, filler := range []string{"a", "\n", "\x80", "\xff", "é", "🙂", "\u202e"} {
		response := answered(502, strings.Repeat(filler, 64<<10/len(filler)))
		response.Status = strings.Repeat(filler, 1<<20)
		text := read(t, response).Error()
		if len(text) > 32<<10 || strings.ContainsAny(text, "\n\u202e") || !utf8.ValidString(text) {
			t.Errorf("%q is logged in %d bytes: %.80q", filler, len(text), text)
		}
		if !strings.Contains(text, "…") {
			t.Errorf("%q: the log does not mark the cut", filler)
		}
		short := answered(502, strings.Repeat(filler, 64<<10/len(filler)))
		if text := read(t, short).Error(); !strings.Contains(text, "…") {
			t.Errorf("%q: the log does not mark the cut of the body", filler)
		}
	}
}

// TestFromResponse_every_status returns nil for a 2xx, and otherwise an error with that status and its gRPC code.
func TestFromResponse_every_status(t *testing.T) {
	for httpStatus := -1; httpStatus <= 1000; httpStatus++ {
		for _, body := range []string{"", `{"code":0,"message":"m"}`, `{"code":5,"message":"m","details":[]}`} {
			response := answered(httpStatus, body)
			if httpStatus >= 200 && httpStatus <= 299 {
				if err := mapping.FromResponse(&response.Response); err != nil {
					t.Errorf("%d is %v, want nil", httpStatus, err)
				}
				continue
			}
			want := mapping.GRPCCode(httpStatus)
			if httpStatus == 0 && strings.Contains(body, `"code":5`) {
				want = codes.NotFound // only the body contains a status
			}
			if got := read(t, response).GRPCStatus().Code(); got != want {
				t.Errorf("%d %s sends %v, want %v", httpStatus, body, got, want)
			}
		}
	}
}

// TestFromResponse_incomplete reads responses that lack a body, a status or a request.
func TestFromResponse_incomplete(t *testing.T) {
	if e := mapping.FromError(mapping.FromResponse(nil)); e == nil || e.HTTPStatus != 500 ||
		e.Message != sentence(500) {
		t.Errorf("no response is %v, want a 500", e)
	}
	for name, response := range map[string]*http.Response{
		"empty":        {},
		"status alone": {StatusCode: 404},
		"no context":   {StatusCode: 404, Request: &http.Request{}},
		"no body":      {StatusCode: 404, Body: http.NoBody, Header: http.Header{"Content-Type": {jsonType}}},
		"a 200 in it":  {Body: io.NopCloser(strings.NewReader(`{"code":0,"message":"m"}`))},
	} {
		t.Run(name, func(t *testing.T) { _ = check(t, response, mapping.FromResponse(response)) })
	}
}

// TestFromResponse_does_not_close_the_body stops at the limit, and does not close the body.
func TestFromResponse_does_not_close_the_body(t *testing.T) {
	rest := bytes.NewReader(make([]byte, 1<<20))
	body := &closing{Reader: rest}
	response := answered(502, "")
	response.Body = body
	_ = read(t, response)
	if body.closed {
		t.Error("the body was closed")
	}
	if taken := 1<<20 - rest.Len(); taken > 64<<10+1 {
		t.Errorf("%d bytes were read", taken)
	}
}

type closing struct {
	io.Reader
	closed bool
}

func (c *closing) Close() error { c.closed = true; return nil }
