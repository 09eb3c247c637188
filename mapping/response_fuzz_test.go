package mapping_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"net/http"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf8"

	"google.golang.org/grpc/codes"

	"github.com/statusbridge/statusbridge/mapping"
)

// FuzzFromResponse tests the rules for every response. An error keeps its status and never becomes a success. The
// message is the documented sentence, or a text of the body that is for people. The sent status and the log are
// bounded. A body that is read in small pieces gives the same result.
func FuzzFromResponse(f *testing.F) {
	documented := `{"code":409,"message":"m","details":"d"}`
	for _, body := range []string{
		"", documented, documented[:20], nginxPage, "null", "[]", `{"code":5,"message":"m","details":[` +
			`{"@type":"x/google.rpc.BadRequest","fieldViolations":[{"field":"a","description":"b"}]},` +
			`{"@type":"x/google.rpc.RetryInfo","retryDelay":"1.5s"}]}`,
		`{"code":409,"message":"m","complianceIssues":[{"field":"a","details":"b"}]}`, `{"title":"t","detail":"d"}`,
		`{"code":409,"message":"\ud800"}`, "\xff", string(zip(f, documented)),
	} {
		for _, contentType := range []string{"", jsonType, problemType, "text/html; charset=utf-8"} {
			f.Add(409, []byte(body), contentType, "", "7", "")
		}
		f.Add(502, []byte(body), jsonType, "gzip", halfMinute, date)
	}
	for _, httpStatus := range []int{-1, 0, 100, 200, 299, 302, 404, 499, 599, 600, math.MaxInt32} {
		f.Add(httpStatus, []byte(documented), jsonType, "", "", "")
	}
	f.Fuzz(func(t *testing.T, httpStatus int, body []byte, contentType, coding, retryAfter, date string) {
		response := answered(httpStatus, string(body), "Content-Type", contentType, "Content-Encoding", coding,
			"Retry-After", retryAfter, "Date", date)
		if httpStatus >= 200 && httpStatus <= 299 {
			if err := mapping.FromResponse(&response.Response); err != nil {
				t.Fatalf("%d is %v", httpStatus, err)
			}
			return
		}
		e := read(t, response)
		st := e.GRPCStatus()
		if size := wireSize(st); size > 4096 {
			t.Errorf("%d bytes of trailers", size)
		}
		if text := e.Unwrap(); text != nil && (len(text.Error()) > 16<<10 || !utf8.ValidString(text.Error())) {
			t.Errorf("%d bytes of log", len(text.Error()))
		}
		if delay := retryOf(t, e); delay != nil && !delay.IsValid() {
			t.Errorf("a delay of %v", delay)
		}
		back := mapping.FromError(st.Err())
		if want := mapping.GRPCCode(httpStatus); httpStatus != 0 && st.Code() != want &&
			(want == codes.OK || rpcCodes[st.Code()] != httpStatus) {
			t.Errorf("%d is sent as %v, want %v", httpStatus, st.Code(), want)
		}
		if httpStatus >= 400 && httpStatus < 600 && back.HTTPStatus != httpStatus {
			t.Errorf("%d comes back as %d", httpStatus, back.HTTPStatus)
		}
		if kept, cut := strings.CutSuffix(back.Message, "…"); back.Message != e.Message &&
			(!cut || !strings.HasPrefix(e.Message, kept)) {
			t.Errorf("%q comes back as %q", e.Message, back.Message)
		}
		if coding == "" && !known(httpStatus, e.Message) && !slices.Contains(textsOf(body), e.Message) {
			t.Errorf("%q says %q", body, e.Message)
		}
		response.Body = io.NopCloser(iotest.OneByteReader(bytes.NewReader(body)))
		again := read(t, response)
		if again.Message != e.Message || again.Details != e.Details {
			t.Errorf("read again it says %q %q, and said %q %q", again.Message, again.Details, e.Message, e.Details)
		}
	})
}

// known reports whether a message is a documented sentence, or the phrase of the status.
func known(httpStatus int, message string) bool {
	if message == http.StatusText(httpStatus) {
		return true
	}
	for _, row := range page {
		if row.meaning == message {
			return true
		}
	}
	return false
}

// textsOf returns the members of a body that are for people: in the documented body, in a problem, and in a
// google.rpc.Status.
func textsOf(body []byte) []string {
	decoder := json.NewDecoder(bytes.NewReader(body))
	if _, err := decoder.Token(); err != nil {
		return nil
	}
	var texts []string
	for decoder.More() {
		name, err := decoder.Token()
		if err != nil {
			break
		}
		var value any
		if decoder.Decode(&value) != nil {
			break
		}
		if text, ok := value.(string); ok &&
			slices.ContainsFunc([]string{"message", "title", "detail"}, func(member string) bool {
				return strings.EqualFold(fmt.Sprint(name), member)
			}) {
			texts = append(texts, text)
		}
	}
	return texts
}

// TestFromResponse_takes_bounded_memory reads bodies of any size with the memory for the first 64 KiB.
func TestFromResponse_takes_bounded_memory(t *testing.T) {
	const responses, limit = 20, 12 << 20 // the most expensive 64 KiB of JSON take less, and 64 MiB more
	for name, body := range map[string]string{
		"a message":    `{"code":502,"message":"` + strings.Repeat("m", 64<<20),
		"nesting":      strings.Repeat(`{"details":[`, 4<<20),
		"many members": "{" + strings.Repeat(`"a":1,`, 8<<20),
		"many details": `{"code":14,"message":"m","details":[` + strings.Repeat(`{},`, 64<<10/3-20) + `{}]}`,
		"many issues": `{"code":502,"message":"m","complianceIssues":[` + strings.Repeat(`{"field":"a"},`,
			64<<10/14-10) + `{}]}`,
		"8 MiB of gzip": string(zip(t, strings.Repeat("m", 8<<20))),
	} {
		t.Run(name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			var kept [responses]*mapping.Error
			for i := range kept {
				response := answered(502, body, "Content-Type", jsonType)
				if strings.HasSuffix(name, "gzip") {
					response.Header.Set("Content-Encoding", "gzip")
				}
				kept[i] = read(t, response)
			}
			runtime.ReadMemStats(&after)
			if took := (after.TotalAlloc - before.TotalAlloc) / responses; took > limit {
				t.Errorf("a response takes %d bytes, want at most %d", took, limit)
			}
			runtime.GC()
			runtime.ReadMemStats(&after)
			if held := (int64(after.HeapAlloc) - int64(before.HeapAlloc)) / responses; held > 128<<10 {
				t.Errorf("an error holds %d bytes", held)
			}
			runtime.KeepAlive(kept)
		})
	}
}
