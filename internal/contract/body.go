package contract

import (
	"strconv"
	"unicode/utf8"
)

// AppendBody appends the documented error body to dst, `{"code":409,"message":"…","details":"…"}`. Empty details
// are omitted. The result is valid JSON in UTF-8 for every input, and the same with every version of Go.
func AppendBody(dst []byte, httpStatus int, message, details string) []byte {
	dst = append(dst, `{"code":`...)
	dst = strconv.AppendInt(dst, int64(httpStatus), 10)
	dst = append(dst, `,"message":`...)
	dst = AppendString(dst, message)
	if details != "" {
		dst = append(dst, `,"details":`...)
		dst = AppendString(dst, details)
	}
	return append(dst, '}')
}

const hexDigits = "0123456789abcdef"

// AppendString appends a JSON string (RFC 8259 section 7). It escapes what the RFC requires, and U+2028 and U+2029,
// which end a line in JavaScript. An invalid byte becomes the character U+FFFD.
func AppendString(dst []byte, text string) []byte {
	dst = append(dst, '"')
	copied := 0 // text[:copied] is in dst
	for i := 0; i < len(text); {
		c := text[i]
		if c >= utf8.RuneSelf {
			r, size := utf8.DecodeRuneInString(text[i:])
			if r == utf8.RuneError && size == 1 || r == '\u2028' || r == '\u2029' {
				dst = append(dst, text[copied:i]...)
				dst = appendRune(dst, r)
				copied = i + size
			}
			i += size
			continue
		}
		if c < ' ' || c == '"' || c == '\\' {
			dst = append(dst, text[copied:i]...)
			dst = appendEscape(dst, c)
			copied = i + 1
		}
		i++
	}
	dst = append(dst, text[copied:]...)
	return append(dst, '"')
}

// appendRune appends U+FFFD, or one of the line breaks of JavaScript as an escape.
func appendRune(dst []byte, r rune) []byte {
	if r == utf8.RuneError {
		return utf8.AppendRune(dst, r)
	}
	return append(dst, '\\', 'u', '2', '0', '2', hexDigits[r&0xf])
}

// appendEscape appends the escape of an ASCII character.
func appendEscape(dst []byte, c byte) []byte {
	switch c {
	case '"', '\\':
		return append(dst, '\\', c)
	case '\b':
		return append(dst, `\b`...)
	case '\f':
		return append(dst, `\f`...)
	case '\n':
		return append(dst, `\n`...)
	case '\r':
		return append(dst, `\r`...)
	case '\t':
		return append(dst, `\t`...)
	}
	return append(dst, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&0xf])
}
