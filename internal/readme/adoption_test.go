package readme

import (
	"testing"

	"github.com/statusbridge/statusbridge/internal/adoption"
)

// adopted is the table of a group of requests, with the recipes and without.
func adopted(t *testing.T, group string) string {
	t.Helper()
	for _, g := range adoption.Groups() {
		if g.Name == group {
			return g.Table(t)
		}
	}
	t.Errorf("no requests of the kind %q", group)
	return ""
}
