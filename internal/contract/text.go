package contract

import "unicode/utf8"

// Ellipsis marks a text that was cut.
const Ellipsis = "…"

// Cut shortens a text to at most limit bytes, the mark included, without splitting a character. The result is
// empty if the limit is below the length of the mark.
func Cut(text string, limit int) string {
	if len(text) <= limit {
		return text
	}
	end := limit - len(Ellipsis)
	if end < 0 {
		return ""
	}
	for end > 0 && !utf8.RuneStart(text[end]) {
		end--
	}
	return text[:end] + Ellipsis
}

// ValidUTF8 replaces each invalid byte by U+FFFD, as grpc-go does with the messages that it sends.
func ValidUTF8(text string) string {
	if utf8.ValidString(text) {
		return text
	}
	return string([]rune(text))
}
