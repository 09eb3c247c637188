package mapping_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	spb "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/durationpb"

	"github.com/statusbridge/statusbridge/gateway"
	"github.com/statusbridge/statusbridge/mapping"
)

// overTheWire returns the status as a client receives it.
func overTheWire(t testing.TB, e *mapping.Error) error {
	t.Helper()
	st := e.GRPCStatus()
	if size := wireSize(st); size > 4096 {
		t.Errorf("%d bytes of trailers", size)
	}
	sent, err := proto.Marshal(st.Proto())
	if err != nil {
		t.Fatal(err)
	}
	received := &spb.Status{}
	if err := proto.Unmarshal(sent, received); err != nil {
		t.Fatal(err)
	}
	return status.ErrorProto(received)
}

// wantText compares a text with the one that was sent. A text that was cut ends in an ellipsis.
func wantText(t testing.TB, name, got, sent string) {
	t.Helper()
	if kept, cut := strings.CutSuffix(got, "…"); got != sent && (!cut || !strings.HasPrefix(sent, kept)) {
		t.Errorf("the %s is %q, sent was %q", name, got, sent)
	}
}

// FuzzDetailsOnTheWire attaches details to an error. After a hop, FromError reads the same status, texts and delay.
func FuzzDetailsOnTheWire(f *testing.F) {
	f.Add(409, "taken", "d", "belegt", "name", "is taken", int64(7))
	f.Add(503, "busy", "", "", "", "", int64(-1))
	f.Add(404, "", "", strings.Repeat("é", 3000), strings.Repeat("n", 3000), "x", int64(0))
	f.Fuzz(func(t *testing.T, httpStatus int, message, details, localized, field, text string, seconds int64) {
		for _, sent := range []*string{&message, &details, &localized, &field, &text} {
			*sent = strings.ToValidUTF8(*sent, "")
		}
		e := &mapping.Error{HTTPStatus: httpStatus, Message: message, Details: details}
		e = e.WithDetails(violationOf(field, text), &errdetails.LocalizedMessage{Message: localized},
			&errdetails.ErrorInfo{Reason: field})
		delay := durationpb.New(0)
		if delay.Seconds = seconds; seconds >= 0 && delay.IsValid() {
			e = e.WithDetails(&errdetails.RetryInfo{RetryDelay: delay})
		} else {
			delay = nil
		}
		if httpStatus < 400 || httpStatus > 599 {
			httpStatus = 500
		}
		first := mapping.FromError(overTheWire(t, e))
		second := mapping.FromError(overTheWire(t, first))
		for _, got := range []*mapping.Error{first, second} {
			if got.HTTPStatus != httpStatus {
				t.Errorf("%d arrives as %d", httpStatus, got.HTTPStatus)
			}
			switch {
			case localized != "":
				wantText(t, "message", got.Message, localized)
			case message != "":
				wantText(t, "message", got.Message, message)
			}
			listed := joined(": ", field, text)
			if httpStatus >= 500 {
				listed = ""
			}
			wantText(t, "details", got.Details, joined("; ", details, listed))
			if got := retryOf(t, got); delay != nil && got.GetSeconds() != seconds || delay == nil && got != nil {
				t.Errorf("the delay is %v, sent were %d seconds", got, seconds)
			}
		}
		if second.Message != first.Message || second.Details != first.Details {
			t.Errorf("the second hop reads %q %q, the first %q %q",
				second.Message, second.Details, first.Message, first.Details)
		}
	})
}

// joined joins the texts that are not empty.
func joined(separator, a, b string) string {
	if a == "" || b == "" {
		return a + b
	}
	return a + separator + b
}

// FuzzRESTComesBack reads a REST error as a gRPC status, and sends the status as a REST error again. The response is
// the same: status, texts and Retry-After.
func FuzzRESTComesBack(f *testing.F) {
	f.Add(409, `{"code":409,"message":"m","details":"d"}`, "7")
	f.Add(503, `{"error":{"code":503,"message":"m"}}`, "")
	f.Add(400, `{"code":3,"message":"m","details":[{"@type":"t/google.rpc.BadRequest",`+
		`"fieldViolations":[{"field":"name","description":"is empty"}]},`+
		`{"@type":"t/google.rpc.RetryInfo","retryDelay":"1.5s"},`+
		`{"@type":"t/google.rpc.LocalizedMessage","message":"leer"}]}`, "")
	f.Add(500, `{"code":13,"message":"sql","details":[{"@type":"t/statusbridge.v1.Error","code":502,"message":"m"}]}`,
		"3")
	f.Fuzz(func(t *testing.T, httpStatus int, body, retryAfter string) {
		if httpStatus < 400 || httpStatus > 599 || http.StatusText(httpStatus) == "" {
			return
		}
		header := http.Header{"Content-Type": {jsonType}, "Retry-After": {retryAfter}}
		read := mapping.FromError(mapping.FromHTTP(httpStatus, header, []byte(body)))
		recorder := httptest.NewRecorder()
		bridge := gateway.New(gateway.WithExtraStatuses(read.HTTPStatus))
		request := httptest.NewRequest(http.MethodGet, "/", nil)
		bridge.WriteError(recorder, request, overTheWire(t, read))
		response := recorder.Result()
		written, err := io.ReadAll(response.Body)
		if err != nil {
			t.Fatal(err)
		}
		again := mapping.FromError(mapping.FromHTTP(response.StatusCode, response.Header, written))
		if again.HTTPStatus != read.HTTPStatus {
			t.Errorf("%d comes back as %d", read.HTTPStatus, again.HTTPStatus)
		}
		wantText(t, "message", again.Message, read.Message)
		wantText(t, "details", again.Details, read.Details)
		want := ""
		if delay := retryOf(t, read); delay != nil {
			seconds := delay.GetSeconds()
			if delay.GetNanos() > 0 {
				seconds++
			}
			want = strconv.FormatInt(seconds, 10)
		}
		if got := response.Header.Get("Retry-After"); got != want {
			t.Errorf("Retry-After is %q, want %q", got, want)
		}
	})
}
