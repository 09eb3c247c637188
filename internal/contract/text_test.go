package contract_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/statusbridge/statusbridge/internal/contract"
)

// isMarkedPrefix reports whether a text is the beginning of another one, followed by an ellipsis.
func isMarkedPrefix(text, whole string) bool {
	kept, marked := strings.CutSuffix(text, "…")
	return marked && strings.HasPrefix(whole, kept)
}

// TestCut cuts texts with characters of each length at every limit.
func TestCut(t *testing.T) {
	for _, text := range []string{"", "a", "plain text", "ééééé", "🙂🙂🙂", "a🙂é"} {
		for limit := range len(text) + 4 {
			got := contract.Cut(text, limit)
			switch {
			case len(text) <= limit:
				if got != text {
					t.Errorf("Cut(%q, %d) = %q, it was short enough", text, limit, got)
				}
			case len(got) > limit || !utf8.ValidString(got):
				t.Errorf("Cut(%q, %d) = %q", text, limit, got)
			case limit >= len("…") && !isMarkedPrefix(got, text):
				t.Errorf("Cut(%q, %d) = %q, not a beginning with a mark", text, limit, got)
			}
		}
	}
}

// TestCut_invalid_UTF8 cuts a text that consists of the middle bytes of characters.
func TestCut_invalid_UTF8(t *testing.T) {
	for limit := range 9 {
		if got := contract.Cut("\x80\x80\x80\x80\x80\x80\x80\x80\x80", limit); len(got) > limit {
			t.Errorf("Cut to %d bytes = %q", limit, got)
		}
	}
}

// TestValidUTF8 replaces each byte that is not part of a character.
func TestValidUTF8(t *testing.T) {
	for text, want := range map[string]string{"": "", "é🙂": "é🙂", "a\xff\xfeé\xc3": "a\uFFFD\uFFFDé\uFFFD"} {
		if got := contract.ValidUTF8(text); got != want {
			t.Errorf("ValidUTF8(%q) = %q, want %q", text, got, want)
		}
	}
}
