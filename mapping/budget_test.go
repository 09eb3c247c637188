package mapping_test

import (
	"encoding/base64"
	"strings"
	"testing"
	"unicode/utf8"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	"github.com/statusbridge/statusbridge/mapping"
)

// texts are messages that are hard to encode.
var texts = []string{
	"", "plain", "\"quotes\" and \\", "NUL \x00 ESC \x1b", "two\r\nlines", "<b>&amp;</b>", "\u2028 and \u2029",
	"emoji 🙂",
	"invalid \xff\xfe UTF-8", "100%", strings.Repeat("a", 3000), strings.Repeat("é", 3000), strings.Repeat("%", 3000),
	strings.Repeat("a", 300_000), strings.Repeat("🙂", 75_000), strings.Repeat("\xff", 300_000),
}

// TestErrorFitsInTrailers sends errors of any size to a client that accepts 8 KiB of headers, as some clients do.
func TestErrorFitsInTrailers(t *testing.T) {
	call := client(t, grpc.WithMaxHeaderListSize(8<<10))
	for i, message := range texts {
		for j, details := range texts {
			for _, httpStatus := range []int{404, 405, 503} {
				err := call(failWith(&mapping.Error{HTTPStatus: httpStatus, Message: message, Details: details}))
				if got := mapping.FromError(err); got.HTTPStatus != httpStatus {
					t.Errorf("%d with texts %d and %d reads as %d: %.200v", httpStatus, i, j, got.HTTPStatus, err)
				}
			}
		}
	}
}

// wireSize returns what a status takes in trailers, by the specification of gRPC over HTTP/2. grpc-message
// percent-encodes '%' and every byte outside printable ASCII. A status with details is sent in base64 as well.
func wireSize(st *status.Status) int {
	size := 0
	for _, b := range []byte(st.Message()) {
		size++
		if b < 0x20 || b > 0x7e || b == '%' {
			size += 2
		}
	}
	if len(st.Proto().GetDetails()) > 0 {
		raw, err := proto.Marshal(st.Proto())
		if err != nil {
			panic(err)
		}
		size += base64.RawStdEncoding.EncodedLen(len(raw))
	}
	return size
}

// FuzzErrorBudget expects errors that fit the trailers. A text arrives unchanged, or cut with an ellipsis.
func FuzzErrorBudget(f *testing.F) {
	for _, message := range texts[:13] {
		f.Add(503, message, "details")
		f.Add(404, "message", message)
		f.Add(409, message, message)
	}
	f.Fuzz(func(t *testing.T, httpStatus int, message, details string) {
		sent := &mapping.Error{HTTPStatus: httpStatus, Message: message, Details: details}
		st := sent.GRPCStatus()
		if st.Code() == codes.OK {
			t.Fatal("an error is a success")
		}
		if size := wireSize(st); size > 4096 {
			t.Errorf("%d bytes of trailers", size)
		}
		if !utf8.ValidString(st.Message()) {
			t.Errorf("message %q", st.Message())
		}
		got := mapping.FromError(st.Err())
		for _, text := range []struct{ name, sent, got string }{
			{"message", message, got.Message}, {"details", details, got.Details},
		} {
			valid := string([]rune(text.sent)) // U+FFFD for each invalid byte, as grpc-go sends a message
			if text.name == "message" && valid == "" {
				continue // the documented sentence is sent instead
			}
			if text.got == valid {
				continue
			}
			kept, cut := strings.CutSuffix(text.got, "…")
			if !cut || !strings.HasPrefix(valid, kept) {
				t.Errorf("%s %q was sent as %q", text.name, valid, text.got)
			}
		}
	})
}

// TestBudget_longest_text_first cuts the longest text, and only as far as needed.
func TestBudget_longest_text_first(t *testing.T) {
	short := strings.Repeat("s", 100)
	long := strings.Repeat("l", 10_000)
	for _, sent := range []*mapping.Error{
		{HTTPStatus: 404, Message: short, Details: long},
		{HTTPStatus: 404, Message: long, Details: short},
	} {
		got := mapping.FromError(sent.GRPCStatus().Err())
		if got.Message != short && got.Details != short {
			t.Errorf("the short text was cut: %d and %d bytes", len(got.Message), len(got.Details))
		}
		if size := wireSize(sent.GRPCStatus()); size < 4000 {
			t.Errorf("cut to %d bytes of 4096", size)
		}
	}
	// A message alone uses the whole budget: 4087 of its bytes, and the ellipsis, which takes 9 bytes percent-encoded.
	alone := &mapping.Error{HTTPStatus: 404, Message: long}
	if size := wireSize(alone.GRPCStatus()); size != 4096 {
		t.Errorf("a message alone was cut to %d bytes", size)
	}
	both := &mapping.Error{HTTPStatus: 404, Message: long, Details: long}
	got := mapping.FromError(both.GRPCStatus().Err())
	if diff := len(got.Message) - len(got.Details); diff != 0 {
		t.Errorf("two texts of one length were cut to %d and %d bytes", len(got.Message), len(got.Details))
	}
}

// TestBudget_characters_that_arrive counts how much of a text arrives, as the documentation of GRPCStatus promises.
func TestBudget_characters_that_arrive(t *testing.T) {
	for name, test := range map[string]struct {
		character  string
		httpStatus int
		details    string
		want       int
	}{
		"a 5xx in ASCII":                {"m", 503, "", 2800},
		"a 5xx in Chinese":              {"中", 503, "", 880},
		"a 4xx in ASCII with details":   {"m", 409, "d", 2800},
		"a 4xx in Chinese with details": {"中", 409, "d", 880},
		"a 4xx in ASCII":                {"m", 404, "", 4080},
		"a 4xx in Chinese":              {"中", 404, "", 880},
		"a 4xx of percent signs":        {"%", 404, "", 2600},
		"a 5xx of percent signs":        {"%", 503, "", 2600},
	} {
		for _, length := range []int{test.want, 100_000} {
			e := &mapping.Error{HTTPStatus: test.httpStatus, Message: strings.Repeat(test.character, length),
				Details: test.details}
			st := e.GRPCStatus()
			got := mapping.FromError(st.Err())
			if arrived := strings.Count(got.Message, test.character); arrived < test.want ||
				got.Details != test.details {
				t.Errorf("%s: %d of %d characters arrive, want %d", name, arrived, length, test.want)
			}
			if size := wireSize(st); size > 4096 {
				t.Errorf("%s: %d bytes of trailers", name, size)
			}
		}
	}
}
