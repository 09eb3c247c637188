package contract_test

import (
	"testing"

	"github.com/statusbridge/statusbridge/internal/contract"
)

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
