package gateway

import (
	"strconv"
	"testing"
)

func TestDecimal(t *testing.T) {
	for n := range 2000 {
		if got := decimal(n); got != strconv.Itoa(n) {
			t.Errorf("decimal(%d) = %q", n, got)
		}
	}
}
