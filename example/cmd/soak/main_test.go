package main

import (
	"bytes"
	"io"
	"strings"
	"testing"
)

func TestRun(t *testing.T) {
	var printed bytes.Buffer
	err := run(t.Context(), []string{"-requests", "400", "-concurrency", "4", "-rounds", "4"}, &printed, io.Discard)
	text := printed.String()
	if err != nil || !strings.Contains(text, "responses with 200") || !strings.Contains(text, "goroutines") {
		t.Errorf("printed %q: %v", &printed, err)
	}
}

func TestInvalidFlags(t *testing.T) {
	for _, args := range [][]string{{"-requests", "0"}, {"-rounds", "1"}, {"-no-such-flag"}, {"-proxy", "apache"}} {
		if err := run(t.Context(), args, io.Discard, io.Discard); err == nil {
			t.Errorf("%v: no error", args)
		}
	}
}
