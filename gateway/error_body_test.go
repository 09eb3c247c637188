package gateway_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/statusbridge/statusbridge/gateway"
	"github.com/statusbridge/statusbridge/internal/testkit"
	"github.com/statusbridge/statusbridge/mapping"
)

// hostile are texts that break what prints them carelessly. Each arrives as it was written, but for bytes that are
// not UTF-8, which JSON cannot hold (RFC 8259 section 8.1): they arrive as U+FFFD.
var hostile = map[string]string{
	"quotes":       `a "quoted" 'name' with a \ and a /`,
	"NUL":          "before\x00after",
	"ESC":          "\x1b[31mred\x1b[0m",
	"DEL":          "a\x7fb",
	"newlines":     "one\ntwo\r\nthree\tfour",
	"HTML":         "<script>alert('x') && 1</script>",
	"U+2028":       "line\u2028paragraph\u2029end",
	"emoji":        "no such thing 🐢 in the zoo",
	"per cent":     "100% of %s and %41",
	"spaces":       "  leading and trailing  ",
	"BOM":          "\ufeffmarked",
	"noncharacter": "\uffff and \U0010ffff",
	"3,000 bytes":  strings.Repeat("0123456789", 300),
	"300,000 bytes": strings.Repeat(
		"a text that is far longer than anybody would read", 6123)[:300_000],
}

// TestErrorBodyTexts sends texts that break careless code through the message of a status.
func TestErrorBodyTexts(t *testing.T) {
	t.Parallel()
	var scenarios []scenario
	for name, text := range hostile {
		scenarios = append(scenarios, scenario{
			name:    name,
			behave:  testkit.Fails(status.Error(codes.NotFound, text)),
			status:  404,
			message: text,
			without: without(404, text),
		})
		if len(text) > 1000 {
			continue
		}
		scenarios = append(scenarios, scenario{
			name:    name + " through mapping",
			behave:  testkit.Fails(&mapping.Error{HTTPStatus: 502, Message: text, Details: text}),
			status:  502,
			message: text,
			details: text,
			without: without(503, text),
		})
	}
	scenarios = append(scenarios, scenario{
		name:    "invalid UTF-8",
		behave:  testkit.Fails(status.Error(codes.NotFound, "bad \xff name")),
		status:  404,
		message: "bad \ufffd name",
		without: recorded{network: 404, inProcess: 500},
	}, scenario{
		name:    "invalid UTF-8 through mapping",
		behave:  testkit.Fails(&mapping.Error{HTTPStatus: 502, Message: "bad \xff name", Details: "\xc3"}),
		status:  502,
		message: "bad \ufffd name",
		details: "\ufffd",
		without: without(503, "bad \ufffd name"),
	})
	run(t, scenarios)
}

// TestErrorBodyBytes compares bytes. Characters that JSON need not escape (RFC 8259 section 7) are sent as they are,
// so that a terminal shows them. U+2028 is escaped for JavaScript.
func TestErrorBodyBytes(t *testing.T) {
	t.Parallel()
	service := &testkit.Service{}
	service.Behave(testkit.Fails(&mapping.Error{HTTPStatus: 409, Message: "<b> & \"é\" \\ 🐢",
		Details: "~ line\nnext\u2028"}))
	for _, transport := range testkit.Transports {
		const want = `{"code":409,"message":"<b> & \"é\" \\ 🐢","details":"~ line\nnext\u2028"}`
		if r := (call{}).To(t, bridged(t, transport, service, standard)); r.Body != want {
			t.Errorf("%s: the body is %s, want %s", transport, r.Body, want)
		}
	}
}

// TestErrorBodyCharacters sends every character in a message and compares the body with encoding/json.
func TestErrorBodyCharacters(t *testing.T) {
	t.Parallel()
	var text strings.Builder
	check := func() {
		sent := text.String()
		text.Reset()
		var want bytes.Buffer
		encoder := json.NewEncoder(&want)
		encoder.SetEscapeHTML(false)
		// A byte that is not UTF-8 is sent as U+FFFD, as grpc-go does.
		if err := encoder.Encode(string([]rune(sent))); err != nil {
			t.Fatal(err)
		}
		r := handledAlone(t.Context(), status.Error(codes.NotFound, sent))
		if got := `{"code":404,"message":` + strings.TrimSuffix(want.String(), "\n") + "}"; r.Body != got {
			t.Errorf("the body of %.100q is %.300q, want %.300q", sent, r.Body, got)
		}
	}
	for c := range rune(utf8.MaxRune + 1) {
		if text.WriteRune(c); c%1000 == 999 || c == utf8.MaxRune {
			check()
		}
	}
	// Every byte, at each position of a short text.
	for c := range 256 {
		for length := range 20 {
			for at := range length {
				text.WriteString(strings.Repeat("a", at) + string([]byte{byte(c)}) + strings.Repeat("~", length-at))
			}
		}
		check()
	}
}

// TestErrorBodyOfLongTexts keeps an exact status when its texts are too long for a trailer. The texts are cut and
// marked.
func TestErrorBodyOfLongTexts(t *testing.T) {
	t.Parallel()
	const limit = 4 << 10
	for _, transport := range testkit.Transports {
		for _, length := range []int{3_000, 300_000} {
			for _, letter := range []string{"x", "é", "🐢", "\x00", "\xff"} {
				t.Run(fmt.Sprintf("%s/%d of %q", transport, length, letter), func(t *testing.T) {
					service := &testkit.Service{}
					long := strings.Repeat(letter, length/len(letter))
					service.Behave(testkit.Fails(&mapping.Error{HTTPStatus: 502, Message: long, Details: long}))
					r := call{}.To(t, bridged(t, transport, service, standard))
					if err := r.ErrorDefect(); err != nil || r.Status != 502 {
						t.Fatal(r.Status, err)
					}
					body, _ := testkit.ParseErrorBody(r.Body)
					for _, text := range []string{body.Message, body.Details} {
						if len(text) > limit || !utf8.ValidString(text) || text == "" {
							t.Errorf("%d bytes arrived: %.100q", len(text), text)
						}
						if kept, marked := strings.CutSuffix(text, "…"); letter != "\xff" &&
							(!marked || !strings.HasPrefix(long, kept)) {
							t.Errorf("not the beginning of the text, marked: %.100q", text)
						}
					}
				})
			}
		}
	}
}

// TestErrorBodyIgnoresAccept asks for other media types. An error is always application/json.
func TestErrorBodyIgnoresAccept(t *testing.T) {
	t.Parallel()
	protobuf := []runtime.ServeMuxOption{
		runtime.WithMarshalerOption("application/octet-stream", &runtime.ProtoMarshaller{}),
	}
	var scenarios []scenario
	for _, header := range []http.Header{
		{"Accept": {"application/octet-stream"}},
		{"Accept": {"text/html, application/xml;q=0.9"}},
		{"Accept": {"application/json;q=0"}},
		{"Accept": {"", "*/*"}},
		{"Accept": {"text/event-stream"}, "Accept-Encoding": {"gzip"}, "Accept-Charset": {"latin1"}},
		{"Content-Type": {"application/octet-stream"}},
	} {
		s := scenario{
			name:    fmt.Sprint(header),
			call:    call{Header: header},
			behave:  testkit.Fails(status.Error(codes.NotFound, "no such thing")),
			status:  404,
			message: "no such thing",
			without: without(404),
		}
		scenarios = append(scenarios, s)
		s.name, s.options = s.name+" with a ProtoMarshaller", protobuf
		scenarios = append(scenarios, s)
		s.name, s.call.Path, s.message, s.without = s.name+" on no route", "/nowhere", "", without(404)
		scenarios = append(scenarios, s)
		s.name, s.call.Path, s.message, s.without = s.name+" on a bad parameter", "/v1/things/one",
			`invalid parameter "id": "one": invalid syntax`, without(400)
		s.status = 400
		scenarios = append(scenarios, s)
	}
	run(t, scenarios)
}

// TestErrorBodyCompressed reads errors through middleware that announces its encoding before it knows the response.
func TestErrorBodyCompressed(t *testing.T) {
	t.Parallel()
	service := &testkit.Service{}
	service.Behave(testkit.Fails(testkit.ErrNotFound))
	written := http.HandlerFunc(func(w http.ResponseWriter,
		r *http.Request) {
		standard.WriteError(w, r, testkit.ErrNotFound)
	})
	for name, handler := range map[string]http.Handler{
		"bridge": testkit.Register(t, testkit.Network, service, standard.NewServeMux()),
		"alone": testkit.Register(t, testkit.Network, service,
			runtime.NewServeMux(runtime.WithErrorHandler(gateway.ErrorHandler),
				runtime.WithRoutingErrorHandler(gateway.RoutingErrorHandler))),
		"written": written,
	} {
		for _, around := range []func(http.Handler) http.Handler{testkit.Compress, compressKeepingLength} {
			base := testkit.Serve(t, around(handler))
			for path, message := range map[string]string{"/v1/things/1": "no such thing",
				"/nowhere": testkit.Meanings[404]} {
				if name == "written" {
					message = "no such thing"
				}
				r := call{Path: path}.To(t, base) // net/http's client decompresses
				if want := fmt.Sprintf(`{"code":404,"message":%q}`, message); r.Status != 404 || r.Body != want {
					t.Errorf("%s %s: %d %q, want %s", name, path, r.Status, r.Body, want)
				}
			}
		}
	}
}

// compressKeepingLength is the gzip middleware that many projects have copied. It never deletes Content-Length.
func compressKeepingLength(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Encoding", "gzip")
		zip := gzip.NewWriter(w)
		defer func() { _ = zip.Close() }()
		next.ServeHTTP(struct {
			io.Writer
			writerOnly
		}{zip, writerOnly{w}}, r)
	})
}

// writerOnly hides Write, so that a struct may embed another one.
type writerOnly struct{ w http.ResponseWriter }

func (w writerOnly) Header() http.Header    { return w.w.Header() }
func (w writerOnly) WriteHeader(status int) { w.w.WriteHeader(status) }
