package upstream

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/statusbridge/statusbridge/internal/contract"
)

const (
	nameLimit  = 64  // characters of a name or parameter that a text repeats
	valueLimit = 3   // characters of a value of the body, and never more than half of it
	textLimit  = 256 // bytes of a cause
)

// names are the beginnings of protojson's texts that quote a name and not a value.
var names = []string{
	"duplicate field ", "duplicate map key ", "unknown field ", "unable to resolve ", "error parsing ",
	"invalid value for enum field ",
}

// cutValues shortens what protojson's text repeats of the body. A name stays, and a value is cut to few characters.
func cutValues(text string) string {
	if hasAnyPrefix(text, names) {
		return cutLong(text)
	}
	// A value without quotes is a literal, a number, or what somebody forgot to quote.
	if word, ok := strings.CutPrefix(text, "invalid value "); ok && !strings.HasPrefix(word, "for ") {
		return "invalid value " + cutRunes(word, valueLimit)
	}
	return contract.Cut(cutAllQuoted(text, valueLimit), textLimit)
}

// cutLong shortens a text that repeats names or parameters.
func cutLong(text string) string {
	return contract.Cut(cutAllQuoted(text, nameLimit), textLimit)
}

// quotedParts finds each quoted part of a text. The last one reaches to the end of the text if no quote closes it.
var quotedParts = lazily(`(?s)"(?:[^"\\]|\\.)*\\?"?`)

// cutAllQuoted shortens each quoted part of a text.
func cutAllQuoted(text string, limit int) string {
	return quotedParts().ReplaceAllStringFunc(text, func(quoted string) string { return cutQuoted(quoted, limit) })
}

// cutQuoted shortens the content of a quoted text, and closes the quote if it did so.
func cutQuoted(quoted string, limit int) string {
	content := strings.TrimSuffix(strings.TrimPrefix(quoted, `"`), `"`)
	short := cutRunes(content, limit)
	if short == content {
		return quoted
	}
	return `"` + short + `"`
}

// cutRunes shortens a text to a number of characters. If that is [valueLimit], less than half of the text remains.
func cutRunes(text string, limit int) string {
	n := utf8.RuneCountInString(text)
	if limit == valueLimit {
		limit = min(limit, n/2)
	}
	if n <= limit {
		return text
	}
	end := 0
	for range limit {
		_, size := utf8.DecodeRuneInString(text[end:])
		end += size
	}
	return withoutHalfEscape(text[:end]) + contract.Ellipsis
}

// withoutHalfEscape removes an escape sequence that is not complete from the end of a text.
func withoutHalfEscape(text string) string {
	last := strings.LastIndexByte(text, '\\')
	if last < 0 {
		return text
	}
	if _, _, _, err := strconv.UnquoteChar(text[last:], '"'); err == nil {
		return text
	}
	return strings.TrimRight(text[:last], `\`)
}
