package readme

import (
	"testing"

	"github.com/statusbridge/statusbridge/internal/adoption"
)

// adopted returns the table of a group of requests.
func adopted(t *testing.T, group string) string {
	t.Helper()
	for _, g := range adoption.Groups() {
		if g.Name == group {
			return g.Table(t)
		}
	}
	t.Errorf("there is no group %q", group)
	return ""
}
