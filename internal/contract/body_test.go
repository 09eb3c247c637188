package contract_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/statusbridge/statusbridge/internal/contract"
)

// encoded returns what encoding/json writes for the documented error body. Go 1.26 writes U+FFFD as an escape, and Go
// 1.27 as the character.
func encoded(t testing.TB, httpStatus int, message, details string) string {
	t.Helper()
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(struct {
		Code    int    `json:"code"`
		Message string `json:"message"`
		Details string `json:"details,omitempty"`
	}{httpStatus, message, details}); err != nil {
		t.Fatal(err)
	}
	return strings.TrimSuffix(out.String(), "\n")
}

// TestAppendBody writes the documented form.
func TestAppendBody(t *testing.T) {
	for _, test := range []struct {
		httpStatus       int
		message, details string
		want             string
	}{
		{404, "no such project", "", `{"code":404,"message":"no such project"}`},
		{409, "m", "d", `{"code":409,"message":"m","details":"d"}`},
		{400, "", "", `{"code":400,"message":""}`},
		{400, "\xff<&>\u2028", "a\xc3",
			`{"code":400,"message":"` + "\uFFFD" + `<&>\u2028","details":"a` + "\uFFFD" + `"}`},
	} {
		if got := string(contract.AppendBody(nil, test.httpStatus, test.message, test.details)); got != test.want {
			t.Errorf("got %s, want %s", got, test.want)
		}
	}
}

// TestAppendBody_every_character compares each character with encoding/json of Go 1.27.
func TestAppendBody_every_character(t *testing.T) {
	const atOnce = 64
	for first := rune(0); first <= utf8.MaxRune; first += atOnce {
		var characters []rune
		for r := first; r < first+atOnce; r++ {
			characters = append(characters, r)
		}
		text := string(characters)
		want := strings.ReplaceAll(encoded(t, 400, text, "a"+text+"b"), `\ufffd`, "\uFFFD")
		if got := string(contract.AppendBody(nil, 400, text, "a"+text+"b")); got != want {
			t.Fatalf("from %U: got %s, want %s", first, got, want)
		}
	}
}

// FuzzAppendBody compares the body with that of encoding/json, for every text.
func FuzzAppendBody(f *testing.F) {
	f.Add(404, "no such project", "")
	f.Add(400, "invalid \xff\xfe\xe2\x80", "\u2028\u2029\x00\x7f\"\\")
	f.Fuzz(func(t *testing.T, httpStatus int, message, details string) {
		body := contract.AppendBody([]byte("before "), httpStatus, message, details)
		if !utf8.Valid(body) {
			t.Fatalf("%q is not UTF-8", body)
		}
		valid := func(text string) string { return string([]rune(text)) }
		// An own U+FFFD and the escape \ufffd in the text itself must not be confused.
		want := encoded(t, httpStatus, strings.ReplaceAll(valid(message), "\uFFFD", "?"),
			strings.ReplaceAll(valid(details), "\uFFFD", "?"))
		if got := strings.ReplaceAll(strings.TrimPrefix(string(body), "before "), "\uFFFD", "?"); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	})
}

func BenchmarkAppendBody(b *testing.B) {
	dst := make([]byte, 0, 1024)
	b.ReportAllocs()
	for b.Loop() {
		dst = contract.AppendBody(dst[:0], 409, `a project named "a" exists`, "name: is taken")
	}
}
