package gateway_test

import (
	"fmt"
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

// TestTexts sends hostile texts through the message of a status.
func TestTexts(t *testing.T) {
	var scenarios []scenario
	for name, text := range hostile {
		scenarios = append(scenarios, scenario{
			name:    name,
			behave:  testkit.Fails(status.Error(codes.NotFound, text)),
			status:  404,
			message: text,
			stock:   stock(404, text),
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
			stock:   stock(503, text),
		})
	}
	scenarios = append(scenarios, scenario{
		name:    "invalid UTF-8",
		behave:  testkit.Fails(status.Error(codes.NotFound, "bad \xff name")),
		status:  404,
		message: "bad \ufffd name",
		stock:   baseline{network: 404, inProcess: 500},
	}, scenario{
		name:    "invalid UTF-8 through mapping",
		behave:  testkit.Fails(&mapping.Error{HTTPStatus: 502, Message: "bad \xff name", Details: "\xc3"}),
		status:  502,
		message: "bad \ufffd name",
		details: "\ufffd",
		stock:   stock(503, "bad \ufffd name"),
	})
	run(t, scenarios)
}

// TestRawForm looks at the bytes. What JSON does not ask to escape (RFC 8259 section 7) is sent as it is, so that the
// body reads in a terminal; U+2028 is escaped for those who paste it into JavaScript.
func TestRawForm(t *testing.T) {
	service := &testkit.Service{}
	service.Behave(testkit.Fails(&mapping.Error{HTTPStatus: 409, Message: "<b> & \"é\" \\ 🐢", Details: "~ line\nnext\u2028"}))
	for _, transport := range testkit.Transports {
		const want = `{"code":409,"message":"<b> & \"é\" \\ 🐢","details":"~ line\nnext\u2028"}`
		if r := (call{}).To(t, bridged(t, transport, service, gateway.New())); r.Body != want {
			t.Errorf("%s: the body is %s, want %s", transport, r.Body, want)
		}
	}
}

// TestLongTexts keeps a status exact when the texts beside it are too long for a trailer: they are cut and marked.
func TestLongTexts(t *testing.T) {
	const limit = 4 << 10
	for _, transport := range testkit.Transports {
		for _, length := range []int{3_000, 300_000} {
			for _, letter := range []string{"x", "é", "🐢", "\x00", "\xff"} {
				t.Run(fmt.Sprintf("%s/%d of %q", transport, length, letter), func(t *testing.T) {
					service := &testkit.Service{}
					long := strings.Repeat(letter, length/len(letter))
					service.Behave(testkit.Fails(&mapping.Error{HTTPStatus: 502, Message: long, Details: long}))
					r := call{}.To(t, bridged(t, transport, service, gateway.New()))
					if err := r.ErrorDefect(); err != nil || r.Status != 502 {
						t.Fatal(r.Status, err)
					}
					body, _ := testkit.ParseErrorBody(r.Body)
					for _, text := range []string{body.Message, body.Details} {
						if len(text) > limit || !utf8.ValidString(text) || text == "" {
							t.Errorf("%d bytes arrived: %.100q", len(text), text)
						}
						if kept, marked := strings.CutSuffix(text, "…"); letter != "\xff" && (!marked || !strings.HasPrefix(long, kept)) {
							t.Errorf("not the beginning of the text, marked: %.100q", text)
						}
					}
				})
			}
		}
	}
}

// TestAccept asks for other types. An error is always application/json (DESIGN 2.2).
func TestAccept(t *testing.T) {
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
			stock:   stock(404),
		}
		scenarios = append(scenarios, s)
		s.name, s.options = s.name+" with a ProtoMarshaller", protobuf
		scenarios = append(scenarios, s)
		s.name, s.call.Path, s.message, s.stock = s.name+" on no route", "/nowhere", "", stock(404)
		scenarios = append(scenarios, s)
		s.name, s.call.Path, s.message, s.stock = s.name+" on a bad parameter", "/v1/things/one", `invalid parameter "id": "one": invalid syntax`, stock(400)
		s.status = 400
		scenarios = append(scenarios, s)
	}
	run(t, scenarios)
}
