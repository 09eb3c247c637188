package contract_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/statusbridge/statusbridge/internal/contract"
)

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
			case limit >= len("…") && (!strings.HasSuffix(got, "…") || !strings.HasPrefix(text,
				strings.TrimSuffix(got, "…"))):
				t.Errorf("Cut(%q, %d) = %q, not a marked beginning", text, limit, got)
			}
		}
	}
}

func TestMeaningIsNeverEmptyForAnError(t *testing.T) {
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

// A status that RFC 9110 has no phrase for is as the x00 of its class (section 15).
func TestMeaningOfClass(t *testing.T) {
	for status, class := range map[int]int{419: 400, 452: 400, 499: 400, 512: 500, 599: 500} {
		if got, want := contract.Meaning(status), contract.Meaning(class); got != want {
			t.Errorf("%d says %q, want %q", status, got, want)
		}
	}
}
