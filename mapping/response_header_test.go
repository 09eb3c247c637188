package mapping_test

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/types/known/durationpb"

	"github.com/statusbridge/statusbridge/mapping"
)

// retryOf returns the delay of the RetryInfo of a status, or nil. A status has at most one RetryInfo.
func retryOf(t *testing.T, e *mapping.Error) *durationpb.Duration {
	t.Helper()
	var delay *durationpb.Duration
	for _, detail := range e.GRPCStatus().Details() {
		if retry, ok := detail.(*errdetails.RetryInfo); ok {
			if delay != nil {
				t.Error("there are two RetryInfos")
			}
			delay = retry.GetRetryDelay()
			if delay == nil {
				t.Error("there is a RetryInfo without a delay")
			}
		}
	}
	return delay
}

const (
	date       = "Sun, 06 Nov 1994 08:49:37 GMT"
	halfMinute = "Sun, 06 Nov 1994 08:50:07 GMT"
)

// TestFromResponse_Retry_After reads seconds, or an HTTP date in one of three forms (RFC 9110 sections 10.2.3 and
// 5.6.7).
func TestFromResponse_Retry_After(t *testing.T) {
	const none = -1
	tests := []struct {
		name, value, date string
		want              int64
	}{
		{"seconds", "120", "", 120},
		{"none to wait", "0", "", 0},
		{"leading zeros", "007", "", 7},
		{"ten thousand years", "315576000000", "", 315576000000},
		{"more than a duration holds", "315576000001", "", none},
		{"more than an int holds", "99999999999999999999", "", none},
		{"negative", "-1", "", none},
		{"signed", "+1", "", none},
		{"a fraction", "1.5", "", none},
		{"a unit", "1s", "", none},
		{"hexadecimal", "0x10", "", none},
		{"a list", "1, 2", "", none},
		{"nothing", "", "", none},
		{"words", "soon", "", none},
		{"a date by the server's clock", halfMinute, date, 30},
		{"RFC 850", "Sunday, 06-Nov-94 08:50:07 GMT", date, 30},
		{"asctime", "Sun Nov  6 08:50:07 1994", date, 30},
		{"a date that is past by the server's clock", date, halfMinute, 0},
		{"a date that is past by ours", date, "", 0},
		{"a date beside a Date that does not parse", date, "yesterday", 0},
		{"a time zone that HTTP does not have", "Sun, 06 Nov 1994 08:50:07 +0200", date, none},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			for _, body := range []string{"", `{"code":503,"message":"m","details":"d"}`} {
				response := answered(503, body, "Retry-After", test.value, "Date", test.date)
				got := int64(none)
				if delay := retryOf(t, read(t, response)); delay != nil {
					if delay.GetNanos() != 0 {
						t.Errorf("%v is not a whole number of seconds", delay)
					}
					got = delay.GetSeconds()
				}
				if got != test.want {
					t.Errorf("%d seconds, want %d", got, test.want)
				}
			}
		})
	}
}

// TestFromResponse_Retry_After_without_Date compares the date with the clock of the client.
func TestFromResponse_Retry_After_without_Date(t *testing.T) {
	in := time.Now().Add(time.Hour).UTC().Format(http.TimeFormat)
	delay := retryOf(t, read(t, answered(503, "", "Retry-After", in)))
	if delay == nil || delay.AsDuration() > time.Hour || delay.AsDuration() < 50*time.Minute {
		t.Errorf("an hour is %v", delay)
	}
	far := retryOf(t, read(t, answered(503, "", "Retry-After", "Fri, 31 Dec 9999 23:59:59 GMT")))
	if far == nil || far.AsDuration() < 100*365*24*time.Hour {
		t.Errorf("the year 9999 is %v", far)
	}
}

// TestFromResponse_RetryInfo expects a RetryInfo for every error status, also after a text was changed.
func TestFromResponse_RetryInfo(t *testing.T) {
	for httpStatus := 300; httpStatus < 600; httpStatus++ {
		e := read(t, answered(httpStatus, `{"code":1,"message":"m"}`, "Retry-After", "7"))
		e.Message, e.Details = "another", "text"
		if delay := retryOf(t, e); delay.GetSeconds() != 7 {
			t.Errorf("%d: %v, want 7 seconds", httpStatus, delay)
		}
	}
	if err := mapping.FromResponse(&answered(202, "", "Retry-After", "7").Response); err != nil {
		t.Errorf("a 202 is %v", err)
	}
}

// TestFromResponse_details_of_a_status reads google.rpc.Status as grpc-gateway writes it.
func TestFromResponse_details_of_a_status(t *testing.T) {
	const badRequest = `{"@type":"type.googleapis.com/google.rpc.BadRequest","fieldViolations":[` +
		`{"field":"name","description":"is empty","reason":"EMPTY"},{"field":"quota"},{"description":"too many:"}]}`
	tests := []struct {
		name, list string
		details    string
		retry      int64
	}{
		{"none", ``, "", 0},
		{"field violations", badRequest, "name: is empty; quota; too many:", 0},
		{"field violations by their proto names",
			`{"@type":"x/google.rpc.BadRequest","field_violations":[{"field":"a","description":"b"}]}`, "a: b", 0},
		{"two lists of them", badRequest + "," + badRequest,
			"name: is empty; quota; too many:; name: is empty; quota; too many:", 0},
		{"a retry", `{"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"2.500s"},` + badRequest,
			"name: is empty; quota; too many:", 2},
		{"a retry that does not parse",
			`{"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"soon"},` + badRequest,
			"name: is empty; quota; too many:", 0},
		{"a retry without a delay", `{"@type":"type.googleapis.com/google.rpc.RetryInfo"}`, "", 0},
		{"an unknown type",
			`{"@type":"type.googleapis.com/acme.Custom","fieldViolations":"none","retryDelay":7},` + badRequest,
			"name: is empty; quota; too many:", 0},
		{"another type of that name",
			`{"@type":"type.googleapis.com/acme.google.rpc.BadRequest","fieldViolations":[{"field":"a"}]}`, "", 0},
		{"a list that does not parse",
			`{"@type":"type.googleapis.com/google.rpc.BadRequest","fieldViolations":"none"},` + badRequest,
			"name: is empty; quota; too many:", 0},
		{"elements that are not objects", `1,"a",null,[],true,{"@type":7},` + badRequest,
			"name: is empty; quota; too many:", 0},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			body := `{"code":9,"message":"m","details":[` + test.list + `]}`
			e := read(t, answered(400, body, "Content-Type", jsonType))
			if e.Message != "m" || e.Details != test.details {
				t.Errorf("%q %q, want \"m\" %q", e.Message, e.Details, test.details)
			}
			if code := e.GRPCStatus().Code(); code != codes.FailedPrecondition {
				t.Errorf("sends %v, want the code of the body", code)
			}
			if delay := retryOf(t, e); delay.GetSeconds() != test.retry {
				t.Errorf("%v, want %d seconds", delay, test.retry)
			}
			header := read(t, answered(400, body, "Content-Type", jsonType, "Retry-After", "9"))
			if delay := retryOf(t, header); delay.GetSeconds() != 9 {
				t.Errorf("the header has 9 seconds, the status %v", delay)
			}
		})
	}
}

// rpcCodes are the HTTP statuses that google/rpc/code.proto names for the codes.
var rpcCodes = map[codes.Code]int{
	1: 499, 2: 500, 3: 400, 4: 504, 5: 404, 6: 409, 7: 403, 8: 429, 9: 400, 10: 409, 11: 400, 12: 501, 13: 500, 14: 503,
	15: 500, 16: 401,
}

// TestFromResponse_code_of_the_body uses the gRPC code of a body only under the HTTP status of that code.
func TestFromResponse_code_of_the_body(t *testing.T) {
	got, want := map[codes.Code][]int{}, map[codes.Code][]int{}
	for code := codes.Code(1); code <= 16; code++ {
		for httpStatus := 400; httpStatus < 600; httpStatus++ {
			body := fmt.Sprintf(`{"code":%d,"message":"m","details":[]}`, code)
			e := read(t, answered(httpStatus, body, "Content-Type", jsonType))
			if httpStatus < 500 && e.Message != "m" || httpStatus >= 500 && e.Message == "m" {
				t.Fatalf("%d %s reads as %q", httpStatus, body, e.Message)
			}
			if sent := e.GRPCStatus().Code(); sent != mapping.GRPCCode(httpStatus) {
				got[sent] = append(got[sent], httpStatus)
			}
		}
		if httpStatus := rpcCodes[code]; code != mapping.GRPCCode(httpStatus) {
			want[code] = append(want[code], httpStatus)
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("used codes (-want +got):\n%s", diff)
	}
}
