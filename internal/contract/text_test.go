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
