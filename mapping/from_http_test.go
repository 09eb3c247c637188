package mapping_test

import (
	"bytes"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"

	"github.com/statusbridge/statusbridge/mapping"
)

// TestFromHTTP keeps the message, the gRPC code, the exact status and the delay of error bodies of other programs.
func TestFromHTTP(t *testing.T) {
	for name, test := range map[string]struct {
		httpStatus       int
		body             string
		want             int // 0: httpStatus
		code             codes.Code
		message, details string
		retry            int64
		logged           string
	}{
		"documented": {httpStatus: 409, body: `{"code":409,"message":"m","details":"d"}`,
			code: codes.Aborted, message: "m", details: "d"},
		"a stream of another gateway": {httpStatus: 404, body: `{"error":{"code":5,"message":"m","details":[]}}`,
			code: codes.NotFound, message: "m"},
		"a Google API": {httpStatus: 429,
			body: `{"error":{"code":429,"status":"RESOURCE_EXHAUSTED","message":"m","details":[` +
				`{"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"30s"}]}}`,
			code: codes.ResourceExhausted, message: "m", retry: 30},
		"Kubernetes": {httpStatus: 409, body: `{"code":409,"message":"exists","details":{"name":"x"}}`,
			code: codes.Aborted, message: "exists", logged: `"name\":\"x`},
		"a Status of Kubernetes": {httpStatus: 429,
			body: `{"kind":"Status","message":"m","code":429,"details":{"retryAfterSeconds":7}}`,
			code: codes.ResourceExhausted, message: "m", retry: 7, logged: "retryAfterSeconds"},
		"an exact status": {httpStatus: 503, body: `{"code":14,"message":"secret","details":[` +
			`{"@type":"type.googleapis.com/statusbridge.v1.Error","code":502,"message":"m","details":"d"}]}`,
			want: 502, code: codes.Unavailable, message: "m", details: "d", logged: "secret"},
		"a list of texts": {httpStatus: 400, body: `{"message":"m","details":["a","b"]}`, code: codes.InvalidArgument,
			message: "m", details: "a; b"},
		"a text under 5xx": {httpStatus: 500, body: `{"message":"secret"}`, code: codes.Internal,
			message: sentence(500), logged: "secret"},
		"HTML": {httpStatus: 502, body: "<h1>secret", code: codes.Unavailable, message: sentence(502),
			logged: "secret"},
		"no status": {httpStatus: 0, body: `{"error":{"code":409,"message":"m"}}`, want: 409,
			code: codes.Aborted, message: "m"},
		"gzip": {httpStatus: 404, body: string(zip(t, `{"code":404,"message":"m"}`)), code: codes.NotFound,
			message: "m"},
	} {
		t.Run(name, func(t *testing.T) {
			header := http.Header{"Content-Encoding": {"gzip"}} // also if the client has decoded the body
			e := mapping.FromError(mapping.FromHTTP(test.httpStatus, header, []byte(test.body)))
			if test.want == 0 {
				test.want = test.httpStatus
			}
			if e.HTTPStatus != test.want || e.Message != test.message || e.Details != test.details ||
				e.GRPCStatus().Code() != test.code {
				t.Errorf("read %d %q %q %v", e.HTTPStatus, e.Message, e.Details, e.GRPCStatus().Code())
			}
			if delay := retryOf(t, e); delay.GetSeconds() != test.retry {
				t.Errorf("the delay is %v", delay)
			}
			if (e.Unwrap() != nil) != (test.logged != "") || !strings.Contains(e.Error(), test.logged) {
				t.Errorf("the cause is %v", e.Unwrap())
			}
			again := mapping.FromError(e.GRPCStatus().Err())
			if again.HTTPStatus != test.want || again.Message != test.message || again.Details != test.details {
				t.Errorf("after a hop it is %v", again)
			}
		})
	}
}

// TestFromHTTP_long_body reads 64 KiB that the client has decoded, and does not read a longer body.
func TestFromHTTP_long_body(t *testing.T) {
	const start, end, limit = `{"code":404,"message":"`, `"}`, 64 << 10
	message := strings.Repeat("m", limit-len(start+end))
	header := http.Header{"Content-Encoding": {"gzip"}}
	fits := mapping.FromError(mapping.FromHTTP(404, header, []byte(start+message+end)))
	if fits.HTTPStatus != 404 || fits.Message != message {
		t.Errorf("64 KiB: read %d and %d bytes", fits.HTTPStatus, len(fits.Message))
	}
	long := mapping.FromError(mapping.FromHTTP(404, header, []byte(start+message+"m"+end)))
	if long.HTTPStatus != 404 || long.Message != sentence(404) ||
		!strings.Contains(long.Error(), "longer than 65536 bytes") {
		t.Errorf("64 KiB and a byte: read %.300v", long)
	}
}

// TestFromHTTP_delay_of_zero keeps a RetryInfo of no time: the client may repeat the call at once.
func TestFromHTTP_delay_of_zero(t *testing.T) {
	for _, body := range []string{
		`{"code":409,"message":"m","details":[{"@type":"t/google.rpc.RetryInfo","retryDelay":"0s"}]}`,
		`{"code":10,"message":"m","details":[{"@type":"t/google.rpc.RetryInfo","retryDelay":"0s"}]}`,
	} {
		if delay := retryOf(t, mapping.FromError(mapping.FromHTTP(409, nil, []byte(body)))); delay == nil {
			t.Errorf("%s is read without a RetryInfo", body)
		}
	}
}

// TestFromHTTP_success returns nil for every 2xx.
func TestFromHTTP_success(t *testing.T) {
	for httpStatus := 200; httpStatus <= 299; httpStatus++ {
		if err := mapping.FromHTTP(httpStatus, nil, []byte(`{"error":{"code":5,"message":"m"}}`)); err != nil {
			t.Errorf("%d is %v", httpStatus, err)
		}
	}
}

// FuzzFromHTTP checks that FromHTTP is total and bounded, and reads a body as FromResponse does.
func FuzzFromHTTP(f *testing.F) {
	for _, body := range []string{
		`{"code":409,"message":"m","details":"d"}`, `{"error":{"code":5,"message":"m"}}`,
		`{"message":"m","details":["a"]}`, "<h1>", string(zip(f, `{"message":"m"}`)),
		`{"code":14,"message":"m","details":[{"@type":"t/statusbridge.v1.Error","code":502,"message":"m"}]}`,
	} {
		f.Add(503, []byte(body), jsonType, "gzip", "7")
		f.Add(0, []byte(body), "", "", "")
	}
	f.Fuzz(func(t *testing.T, httpStatus int, body []byte, contentType, coding, retryAfter string) {
		header := http.Header{"Content-Type": {contentType}, "Content-Encoding": {coding}, "Retry-After": {retryAfter}}
		err := mapping.FromHTTP(httpStatus, header, slices.Clone(body))
		if httpStatus >= 200 && httpStatus <= 299 {
			if err != nil {
				t.Fatalf("%d is %v", httpStatus, err)
			}
			return
		}
		e := mapping.FromError(err)
		if e.GRPCStatus().Code() == codes.OK || e.Message == "" || len(e.Error()) > 512<<10 ||
			wireSize(e.GRPCStatus()) > 4096 {
			t.Fatalf("read %.300v", e)
		}
		if coding != "" {
			return
		}
		response := &http.Response{StatusCode: httpStatus, Header: header, Body: io.NopCloser(bytes.NewReader(body))}
		other := mapping.FromError(mapping.FromResponse(response))
		if other.HTTPStatus != e.HTTPStatus || other.Message != e.Message || other.Details != e.Details {
			t.Errorf("FromResponse reads %.300v, FromHTTP %.300v", other, e)
		}
	})
}

// TestFromHTTP_header_names reads headers whose names are as on the wire.
func TestFromHTTP_header_names(t *testing.T) {
	header := http.Header{
		"content-type": {"application/json"}, "content-encoding": {"gzip"}, "retry-after": {"7"}, "RETRY-AFTER": nil,
	}
	e := mapping.FromError(mapping.FromHTTP(503, header, zip(t, `{"code":503,"message":"m"}`)))
	isDelay := func(detail any) bool {
		info, ok := detail.(*errdetails.RetryInfo)
		return ok && info.GetRetryDelay().GetSeconds() == 7
	}
	if details := e.GRPCStatus().Details(); e.Message != "m" || !slices.ContainsFunc(details, isDelay) {
		t.Errorf("read %q with %v", e.Message, details)
	}
}
