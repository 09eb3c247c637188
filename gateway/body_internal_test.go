package gateway

import (
	"fmt"
	"strings"
	"testing"
)

// TestIsPlain tries every byte, at every place of a word and after it.
func TestIsPlain(t *testing.T) {
	for c := range 256 {
		plain := c >= 0x20 && c <= 0x7e && c != '"' && c != '\\'
		for length := range 20 {
			for at := range length {
				for _, around := range []byte{'a', ' ', '~'} {
					text := []byte(strings.Repeat(string(around), length))
					text[at] = byte(c)
					if got := isPlain(string(text)); got != plain {
						t.Fatal(fmt.Sprintf("%q", text), got)
					}
				}
			}
		}
	}
}
