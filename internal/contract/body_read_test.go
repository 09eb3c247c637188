package contract_test

import (
	"bytes"
	"net/http"
	"strings"
	"testing"
	"unicode/utf8"

	"google.golang.org/grpc/codes"

	"github.com/statusbridge/statusbridge/internal/contract"
)

// bodies are error bodies, by the program that writes them.
var bodies = []struct {
	name, contentType string
	httpStatus        int
	body              string
	message, details  string
	text              string // empty if it equals the message
	code              codes.Code
	exact             int
	retryAfter        int64
	documented        bool
	partial           bool
}{
	{name: "documented", httpStatus: 409, body: `{"code":409,"message":"m","details":"d"}`, message: "m", details: "d",
		documented: true},
	{name: "documented without details", httpStatus: 503, body: `{"code":503,"message":"m"}`, message: "m",
		documented: true},
	{name: "documented with escapes", httpStatus: 409, body: `{"code":409,"message":"\"\\\n\u0001\u2028/"}`,
		message: "\"\\\n\x01\u2028/", documented: true},
	{name: "documented with other escapes", httpStatus: 409, body: `{"code":409,"message":"\u006d\/","details":""}`,
		message: "m/", documented: true},
	{name: "documented in another order", httpStatus: 503, body: " {\n\"message\":\"m\", \"code\":503 }\n",
		message: "m", documented: true},
	{name: "documented with null details", httpStatus: 409, body: `{"code":409,"message":"m","details":null}`,
		message: "m"},
	{name: "documented with more members", httpStatus: 503, body: `{"code":503,"message":"m","traceId":{"a":[1]}}`,
		message: "m"},
	{name: "documented with another code", httpStatus: 409, body: `{"code":1042,"message":"m"}`, message: "m"},
	{name: "documented with the code 0", httpStatus: 503, body: `{"code":0,"message":"m"}`, message: "m"},
	{name: "documented with a code after the last one of gRPC", httpStatus: 503, body: `{"code":17,"message":"m"}`,
		message: "m"},
	{name: "documented and something after it", httpStatus: 409, body: `{"code":409,"message":"m"}{"code":1}`,
		message: "m"},
	{name: "compliance issues", httpStatus: 400,
		body: `{"code":400,"message":"m","details":"d","complianceIssues":[` +
			`{"field":"image","details":"no"},{"field":"name"}]}`,
		message: "m", details: "d; image: no; name"},
	{name: "google.rpc.Status", httpStatus: 400, body: `{"code":9,"message":"m","details":[]}`, message: "m",
		code: codes.FailedPrecondition},
	{name: "google.rpc.Status under another status", httpStatus: 409, body: `{"code":5,"message":"m","details":[]}`,
		message: "m"},
	{name: "google.rpc.Status under a 5xx", httpStatus: 500, body: `{"code":13,"message":"sql"}`, text: "sql",
		code: codes.Internal},
	{name: "google.rpc.Status with a text as details", httpStatus: 400,
		body:    `{"code":3,"message":"m","details":"d"}`,
		message: "m", details: "d", code: codes.InvalidArgument},
	{name: "google.rpc.Status with a text as details under a 5xx", httpStatus: 500,
		body: `{"code":13,"message":"secret","details":"stack"}`, text: "secret", code: codes.Internal},
	{name: "google.rpc.Status without a message", httpStatus: 404, body: `{"code":5}`, code: codes.NotFound},
	{name: "google.rpc.Status with details that do not parse", httpStatus: 404,
		body: `{"code":5,"message":"m","details":[` +
			`{"@type":"type.googleapis.com/google.rpc.BadRequest","fieldViolations":"name"},` +
			`{"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"soon"},` +
			`{"@type":"type.googleapis.com/google.rpc.RetryInfo"},"text",null]}`,
		message: "m", code: codes.NotFound},
	{name: "google.rpc.Status with details without a type", httpStatus: 404,
		body:    `{"code":5,"message":"m","details":[{"reason":"gone"}]}`,
		message: "m", code: codes.NotFound, partial: true},
	{name: "google.rpc.Status with details", httpStatus: 400, body: `{"code":3,"message":"m","details":[` +
		`{"@type":"type.googleapis.com/google.rpc.BadRequest","fieldViolations":[` +
		`{"field":"name","description":"is empty"},{"field":"tags[0]","reason":"TOO_LONG"}]},` +
		`{"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"1.5s"},` +
		`{"@type":"type.googleapis.com/acme.Unknown","a":1}]}`,
		message: "m", details: "name: is empty; tags[0]: TOO_LONG", code: codes.InvalidArgument, retryAfter: 2},
	{name: "an exact status among the details", httpStatus: 503, body: `{"code":14,"message":"secret","details":[` +
		`{"@type":"type.googleapis.com/statusbridge.v1.Error","code":502,"message":"m","details":"d"}]}`,
		message: "m", details: "d", text: "secret", code: codes.Unavailable, exact: 502},
	{name: "protovalidate", httpStatus: 400,
		body: `{"code":3,"message":"m","details":[{"@type":"type.googleapis.com/buf.validate.Violations",` +
			`"violations":[{"field":{"elements":[{"fieldName":"spec"},{"fieldName":"tags","index":"3"}]},` +
			`"ruleId":"string.min_len","message":"too short"},` +
			`{"field":{"elements":[{"fieldName":"labels","stringKey":"a\"b"}]},"ruleId":"string.pattern"},` +
			`{"field":{"elements":[{"fieldName":"on","boolKey":true}]},"message":"n"}]}]}`,
		message: "m", details: `spec.tags[3]: too short; labels["a\"b"]: string.pattern; on[true]: n`,
		code: codes.InvalidArgument},
	{name: "a stream of grpc-gateway", httpStatus: 404,
		body:    `{"error":{"code":5,"message":"no such thing","details":[]}}`,
		message: "no such thing", code: codes.NotFound},
	{name: "a stream of this library", httpStatus: 503, body: `{"error":{"code":503,"message":"m","details":"d"}}`,
		message: "m", details: "d"},
	{name: "the last message of a stream", httpStatus: 0, body: `{"error":{"code":409,"message":"m"}}`, message: "m",
		exact: 409},
	{name: "the last message of another stream", httpStatus: 0, body: `{"error":{"code":8,"message":"secret"}}`,
		text: "secret", code: codes.ResourceExhausted, exact: 503},
	{name: "the last message of a stream with the code OK", httpStatus: 0, body: `{"error":{"code":0,"message":"m"}}`,
		message: "m"},
	{name: "the last message of a Google API's stream", httpStatus: 0,
		body:    `{"error":{"code":429,"status":"RESOURCE_EXHAUSTED","message":"m"}}`,
		message: "m", code: codes.ResourceExhausted, exact: 429},
	{name: "Google API", httpStatus: 429,
		body: `{"error":{"code":429,"status":"RESOURCE_EXHAUSTED","message":"m","details":[` +
			`{"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"30s"}]}}`,
		message: "m", code: codes.ResourceExhausted, retryAfter: 30},
	{name: "old Google API", httpStatus: 404,
		body: `{"error":{"code":404,"message":"m","errors":[{"reason":"notFound"}]}}`, message: "m"},
	{name: "Google API under a 5xx", httpStatus: 503,
		body: `{"error":{"code":503,"status":"UNAVAILABLE","message":"secret"}}`,
		text: "secret", code: codes.Unavailable},
	{name: "Connect", httpStatus: 404, body: `{"code":"not_found","message":"m"}`, message: "m", code: codes.NotFound},
	{name: "Connect with details", httpStatus: 400, body: `{"code":"invalid_argument","message":"m","details":[` +
		`{"type":"google.rpc.BadRequest","value":"Cg0KBG5hbWUSBWVtcHR5","debug":{}}]}`,
		message: "m", details: "name: empty", code: codes.InvalidArgument},
	{name: "Connect with details that do not parse", httpStatus: 404,
		body: `{"code":"not_found","message":"m","details":[` +
			`{"type":"google.rpc.BadRequest","value":"*"},{"type":"google.rpc.BadRequest"},` +
			`{"type":"a/google.rpc.BadRequest","value":"Cg0KBG5hbWUSBWVtcHR5"}]}`,
		message: "m", code: codes.NotFound},
	{name: "Twirp", httpStatus: 412, body: `{"code":"failed_precondition","msg":"m"}`, message: "m"},
	{name: "Kubernetes", httpStatus: 409,
		body: `{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"m",` +
			`"reason":"AlreadyExists","details":{"name":"x","retryAfterSeconds":7},"code":409}`,
		message: "m", code: codes.AlreadyExists, retryAfter: 7, partial: true},
	{name: "Kubernetes without a delay", httpStatus: 409,
		body:    `{"kind":"Status","message":"m","details":{"retryAfterSeconds":0},"code":409}`,
		message: "m", partial: true},
	{name: "the last message of a stream of Kubernetes", httpStatus: 0,
		body: `{"kind":"Status","message":"m","code":410}`, message: "m", exact: 410},
	{name: "Kubernetes under a 5xx", httpStatus: 500, body: `{"kind":"Status","message":"etcd","code":500}`,
		text: "etcd"},
	{name: "details that are an object", httpStatus: 409, body: `{"code":409,"message":"m","details":{"name":"x"}}`,
		message: "m", partial: true},
	{name: "details that are a list of texts", httpStatus: 409, body: `{"code":409,"message":"m","details":["a","b"]}`,
		message: "m", details: "a; b"},
	{name: "a list of details under 500", httpStatus: 500, body: `{"code":500,"message":"secret","details":["a"]}`,
		text: "secret"},
	{name: "a list of details under 599", httpStatus: 599, body: `{"code":599,"message":"secret","details":["a"]}`,
		text: "secret"},
	{name: "details with and without a type", httpStatus: 409,
		body:    `{"code":409,"message":"m","details":["a",{"b":1},7,""]}`,
		message: "m", details: "a", partial: true},
	{name: "a problem", contentType: "application/problem+json", httpStatus: 409,
		body: `{"title":"m","detail":"d","status":409}`, message: "m", details: "d"},
	{name: "a problem with a detail", contentType: "application/problem+json", httpStatus: 409, body: `{"detail":"d"}`,
		message: "d"},
	{name: "a problem without a text", contentType: "application/problem+json", httpStatus: 409,
		body: `{"status":409,"message":"m"}`, message: "m"},
	{name: "the title of a problem in plain JSON", contentType: "application/json", httpStatus: 409,
		body: `{"title":"m","status":409}`, message: "m"},
	{name: "echo", httpStatus: 404, body: `{"message":"m"}`, message: "m"},
	{name: "echo under a 5xx", httpStatus: 500, body: `{"message":"dial tcp"}`, text: "dial tcp"},
	{name: "a text in error", httpStatus: 400, body: `{"error":"m"}`, message: "m"},
	{name: "OAuth", httpStatus: 400, body: `{"error":"invalid_grant","error_description":"m"}`, message: "m"},
	{name: "Spring", httpStatus: 404, body: `{"timestamp":1,"status":404,"error":"Not Found","message":"m","path":"/"}`,
		message: "m"},
	{name: "Django", httpStatus: 404, body: `{"detail":"m"}`, message: "m"},
	{name: "a byte order mark", httpStatus: 404, body: "\uFEFF" + `{"message":"m"}`, message: "m"},
}

// TestReadBody reads the body of each program.
func TestReadBody(t *testing.T) {
	for _, test := range bodies {
		t.Run(test.name, func(t *testing.T) {
			header := http.Header{}
			if test.contentType != "" {
				header.Set("Content-Type", test.contentType)
			}
			got, ok := contract.ReadBody(test.httpStatus, header, []byte(test.body))
			if !ok {
				t.Fatal("not read")
			}
			if test.text == "" {
				test.text = test.message
			}
			if test.retryAfter == 0 {
				test.retryAfter = -1
			}
			if got.Message != test.message || got.Details != test.details || got.Text != test.text {
				t.Errorf("read %q %q %q, want %q %q %q", got.Message, got.Details, got.Text, test.message, test.details,
					test.text)
			}
			if got.Code != test.code || got.HTTPStatus != test.exact || got.RetryAfter != test.retryAfter {
				t.Errorf("read %v %d %d, want %v %d %d", got.Code, got.HTTPStatus, got.RetryAfter, test.code,
					test.exact, test.retryAfter)
			}
			if got.Documented != test.documented || got.Partial != test.partial {
				t.Errorf("documented %t, partial %t", got.Documented, got.Partial)
			}
		})
	}
}

// TestReadBody_of_something_else returns false.
func TestReadBody_of_something_else(t *testing.T) {
	for name, body := range map[string]string{
		"nothing": "", "null": "null", "a list": `[{"code":409,"message":"m"}]`, "a text": `"m"`, "HTML": "<h1>m</h1>",
		"an incomplete object": `{"code":409,"message":"m"`, "an empty object": "{}", "a code alone": `{"code":409}`,
		"a message that is a list": `{"code":409,"message":["m"]}`,
		"the phrase of the status": `{"error":"Conflict","status":409}`, "invalid UTF-8": "{\"message\":\"\xff\"}",
		"over the limit":            `{"message":"` + strings.Repeat("m", 64<<10) + `"}`,
		"documented over the limit": `{"code":409,"message":"` + strings.Repeat("m", 64<<10) + `"}`,
		"a null error":              `{"error":null}`, "an empty error": `{"error":{}}`,
	} {
		if got, ok := contract.ReadBody(409, nil, []byte(body)); ok {
			t.Errorf("%s: read %+v", name, got)
		}
	}
	for _, contentType := range []string{"text/html", "text/plain", "application/json; charset=latin1", "a/b; c",
		"application/grpc"} {
		if _, ok := contract.ReadBody(409, http.Header{"Content-Type": {contentType}}, []byte(`{"message":"m"}`)); ok {
			t.Errorf("%s: read", contentType)
		}
	}
}

// FuzzReadBody expects valid and bounded texts, and never a success. A documented body is read the same way if white
// space follows it, which needs the JSON parser.
func FuzzReadBody(f *testing.F) {
	for _, test := range bodies {
		f.Add(test.httpStatus, test.contentType, []byte(test.body))
	}
	f.Fuzz(func(t *testing.T, httpStatus int, contentType string, body []byte) {
		got, ok := contract.ReadBody(httpStatus, http.Header{"Content-Type": {contentType}}, body)
		if !ok {
			return
		}
		for _, text := range []string{got.Message, got.Details, got.Text} {
			if !utf8.ValidString(text) || len(text) > 4*contract.BodyLimit {
				t.Errorf("%d bytes of text, valid: %t", len(text), utf8.ValidString(text))
			}
		}
		if got.HTTPStatus != 0 && !contract.IsError(got.HTTPStatus) {
			t.Errorf("HTTP status %d", got.HTTPStatus)
		}
		if got.Status != nil && got.Status.Code() != got.Code || got.RetryAfter < -1 {
			t.Errorf("code %v, status %v, retry after %d", got.Code, got.Status, got.RetryAfter)
		}
		header := http.Header{"Content-Type": {contentType}}
		spaced, ok := contract.ReadBody(httpStatus, header, append(bytes.Clone(body), '\n'))
		if got.Documented && (!ok || spaced != got) {
			t.Errorf("with white space it is %+v, without %+v", spaced, got)
		}
		if got.Documented {
			again, ok := contract.ReadBody(httpStatus, nil,
				contract.AppendBody(nil, httpStatus, got.Message, got.Details))
			if !ok || !again.Documented || again.Message != got.Message || again.Details != got.Details {
				t.Errorf("written and read again: %+v, want %+v", again, got)
			}
		}
	})
}
