package gateway

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"
)

// TestAppendString holds every character, and every byte that is none, to encoding/json, at every place of a word and
// behind it.
func TestAppendString(t *testing.T) {
	check := func(s string) {
		var want bytes.Buffer
		encoder := json.NewEncoder(&want)
		encoder.SetEscapeHTML(false)
		// A byte that is no character is replaced by U+FFFD, as grpc-go does it.
		if err := encoder.Encode(string([]rune(s))); err != nil {
			t.Fatal(err)
		}
		if got := string(appendString(nil, s)) + "\n"; got != want.String() {
			t.Fatalf("%q is written as %s, want %s", s, got, want.String())
		}
	}
	for c := range 256 {
		for length := range 20 {
			for at := range length {
				for _, around := range []string{"a", " ", "~", "\x7f"} {
					check(strings.Repeat(around, at) + string([]byte{byte(c)}) + strings.Repeat(around, length-at-1))
				}
			}
		}
	}
	for c := range rune(utf8.MaxRune + 1) {
		check(fmt.Sprintf("around %c it", c))
	}
}
