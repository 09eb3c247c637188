package outage_test

import (
	"testing"

	"github.com/statusbridge/statusbridge/example/internal/outage"
)

func TestParseMode(t *testing.T) {
	for _, mode := range []outage.Mode{outage.Running, outage.Down, outage.Hang, outage.Rubbish} {
		if got, err := outage.ParseMode(string(mode)); got != mode || err != nil {
			t.Errorf("%q: got %q, %v", mode, got, err)
		}
	}
	for _, name := range []string{"", "Down", "on fire"} {
		if got, err := outage.ParseMode(name); err == nil {
			t.Errorf("%q: got %q, want an error", name, got)
		}
	}
}
