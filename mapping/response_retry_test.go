package mapping_test

import (
	"net/http"
	"testing"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
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
