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

// TestMeaning_is_never_empty asks for documented, undocumented and invalid statuses.
func TestMeaning_is_never_empty(t *testing.T) {
	for status := 400; status < 600; status++ {
		if contract.Meaning(status) == "" {
			t.Errorf("%d has no sentence", status)
		}
	}
	for _, status := range []int{-1, 0, 99, 306, 600, 70000} {
		if contract.Meaning(status) == "" {
			t.Errorf("%d has no sentence", status)
		}
	}
}

// TestMeaning_of_a_class uses the x00 status of the class for a status without a phrase (RFC 9110 section 15).
func TestMeaning_of_a_class(t *testing.T) {
	for status, class := range map[int]int{419: 400, 452: 400, 499: 400, 512: 500, 599: 500} {
		if got, want := contract.Meaning(status), contract.Meaning(class); got != want {
			t.Errorf("%d says %q, want %q", status, got, want)
		}
	}
}
