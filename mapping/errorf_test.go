package mapping_test

import (
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/statusbridge/statusbridge/mapping"
)

// TestErrorf removes the text of wrapped errors from the message, and keeps them in the chain.
func TestErrorf(t *testing.T) {
	secret := errors.New("dial tcp 10.0.0.3:5432: secret")
	other := errors.New("other secret")
	tests := []struct {
		format string
		args   []any
		want   string
		wraps  []error
	}{
		{"no such project", nil, "no such project", nil},
		{"project %q of %d%%", []any{"a", 3}, `project "a" of 3%`, nil},
		{"the store is away: %w", []any{secret}, "the store is away", []error{secret}},
		{"%w: the store is away", []any{secret}, "the store is away", []error{secret}},
		{"the store (%w) is away", []any{secret}, "the store is away", []error{secret}},
		{"the store (try %d: %w) is away", []any{3, secret}, "the store (try 3) is away", []error{secret}},
		{"the store is away: %+w", []any{secret}, "the store is away", []error{secret}},
		{"store %q: %w", []any{"main", secret}, `store "main"`, []error{secret}},
		{"store %s: %w, retry later", []any{"main", secret}, "store main, retry later", []error{secret}},
		{"%s: %w", []any{"main", secret}, "main", []error{secret}},
		{"%w", []any{secret}, "", []error{secret}},
		{"%w and %w", []any{secret, other}, "and", []error{secret, other}},
		{"both: %w; %w", []any{secret, other}, "both", []error{secret, other}},
		{"%[2]s: %[1]w", []any{secret, "store"}, "store", []error{secret}},
		{"%*d left: %w", []any{4, 7, secret}, "   7 left", []error{secret}},
		{"%-8s|: %w", []any{"ab", secret}, "ab      |", []error{secret}},
		{"unexpected %T: %w", []any{io.EOF, secret}, "unexpected *errors.errorString", []error{secret}},
		{"because %v", []any{other}, "because other secret", nil}, // %v sends the text
		{"100%%: %w", []any{secret}, "100%", []error{secret}},
	}
	for _, test := range tests {
		t.Run(test.format, func(t *testing.T) {
			err := mapping.Errorf(503, test.format, test.args...)
			if err.Message != test.want {
				t.Errorf("message %q, want %q", err.Message, test.want)
			}
			if err.HTTPStatus != 503 || err.Details != "" {
				t.Errorf("status %d, details %q", err.HTTPStatus, err.Details)
			}
			for _, wrapped := range test.wraps {
				if !errors.Is(err, wrapped) {
					t.Errorf("%v is not wrapped", wrapped)
				}
				if !strings.Contains(err.Error(), wrapped.Error()) {
					t.Errorf("the log text %q lacks the cause %q", err.Error(), wrapped.Error())
				}
			}
			if len(test.wraps) == 0 && err.Unwrap() != nil {
				t.Errorf("wraps %v", err.Unwrap())
			}
			sent := fmt.Sprint(err.GRPCStatus().Proto())
			for _, wrapped := range test.wraps {
				if strings.Contains(sent, wrapped.Error()) {
					t.Errorf("the cause is sent: %s", sent)
				}
			}
		})
	}
}

// TestErrorf_wrapped_error_under_another_verb hides a wrapped error also if the format prints it twice.
func TestErrorf_wrapped_error_under_another_verb(t *testing.T) {
	for _, format := range []string{"%[1]w, namely %[1]q", "%[1]w, namely %[1]v", "namely %[1]s: %[1]w"} {
		if got := mapping.Errorf(400, format, io.EOF).Message; got != "namely" {
			t.Errorf("Errorf(%q) has the message %q", format, got)
		}
	}
}

// TestErrorf_status_of_no_error returns a 500, whose cause names the mistake and wraps the error.
func TestErrorf_status_of_no_error(t *testing.T) {
	for _, httpStatus := range []int{math.MinInt, -1, 0, 100, 200, 204, 304, 399, 600, math.MaxInt} {
		e := mapping.Errorf(httpStatus, "m: %w", io.EOF)
		if e.HTTPStatus != 500 || e.Message != "m" || !errors.Is(e, io.EOF) {
			t.Errorf("Errorf(%d) = %v", httpStatus, e)
		}
		if !strings.Contains(e.Unwrap().Error(), strconv.Itoa(httpStatus)+" is not the status of an error") {
			t.Errorf("Errorf(%d) has the cause %v", httpStatus, e.Unwrap())
		}
	}
}

// FuzzErrorf writes texts before and after %w. The message has these texts, except for separators, and never the cause.
func FuzzErrorf(f *testing.F) {
	f.Add("the store is away: ", "", "", "x")
	f.Add("", ": away ", "!", "\"")
	f.Add("100% (", ") of ", " %w", "\xff")
	f.Add("\uE000", "%!", "[1]*.3", "")
	f.Add("\xd0 ", "\xbd", "0", "0") // halves of a character
	f.Fuzz(func(t *testing.T, before, between, after, text string) {
		const secret = "\x01secret\x01"
		around := before + between + strconv.Quote(text) + after
		if strings.Contains(around, secret) {
			return
		}
		format := escape(before) + "%w" + escape(between) + "%q" + escape(after)
		cause := errors.New(secret)
		got := mapping.Errorf(500, format, cause, text)
		if strings.Contains(got.Message, secret) {
			t.Errorf("Errorf(%q) shows the cause: %q", format, got.Message)
		}
		if !errors.Is(got, cause) {
			t.Errorf("Errorf(%q) does not wrap", format)
		}
		if letters(got.Message) != letters(around) {
			t.Errorf("Errorf(%q) = %q, want the letters of %q", format, got.Message, around)
		}
	})
}

// TestErrorf_incomplete_verb reports a format that ends inside a verb, as package fmt does.
func TestErrorf_incomplete_verb(t *testing.T) {
	format := "%w: 100%"
	if got, want := mapping.Errorf(503, format, io.EOF).Message, "100%!(NOVERB)"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// FuzzErrorfFormat compares Errorf with fmt.Errorf for every format.
func FuzzErrorfFormat(f *testing.F) {
	for _, format := range []string{
		"%s %w %s %w", "%s %w %", "%[2]w %[x]w", "%[2]w %[0]w",
		"a: %w", "%s %w", "%[2]w %[1]q", "%d%%%w", "%+w", "%6.2w", "%!w", "%", "%w %w %w", "%[w", "%[9]w", "%*w",
		"%[1]*w",
	} {
		f.Add(format)
	}
	f.Fuzz(func(t *testing.T, format string) {
		got := mapping.Errorf(500, format, "text", io.EOF, 3)
		full := fmt.Errorf(format, "text", io.EOF, 3)
		if errors.Is(got, io.EOF) != errors.Is(full, io.EOF) {
			t.Errorf("Errorf(%q) wraps %t, fmt.Errorf %t", format, errors.Is(got, io.EOF), errors.Is(full, io.EOF))
		}
		if got.Unwrap() == nil && got.Message != full.Error() {
			t.Errorf("Errorf(%q) = %q, fmt.Errorf %q", format, got.Message, full)
		}
	})
}

func escape(s string) string { return strings.ReplaceAll(s, "%", "%%") }

// letters removes the separators that Errorf may remove with a cause. It works on bytes, because the bytes before and
// after the cause may form one character.
func letters(s string) string {
	return string(slices.DeleteFunc([]byte(s), func(c byte) bool { return strings.IndexByte(":;,- \t\n()", c) >= 0 }))
}
