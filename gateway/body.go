package gateway

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/statusbridge/statusbridge/internal/contract"
)

// The body is written by hand, not by the mux's marshalers: it is three fields whose form must not depend on what
// the request accepts, on which types are linked, or on a library's spacing.

// maxPooledBody keeps the buffer of one long message from being held for good.
const maxPooledBody = 64 << 10

var bodies = sync.Pool{New: func() any { return new(buffer) }}

type buffer struct{ bytes []byte }

func newBody(a *answer) *buffer {
	b := bodies.Get().(*buffer)
	const around = len(`{"code":500,"message":"","details":""}`)
	b.bytes = appendBody(slices.Grow(b.bytes[:0], around+len(a.message)+len(a.details)), a)
	return b
}

func (b *buffer) free() {
	if cap(b.bytes) <= maxPooledBody {
		bodies.Put(b)
	}
}

// appendBody appends the documented error body, in the order of the published schema.
func appendBody(dst []byte, a *answer) []byte {
	dst = append(dst, `{"code":`...)
	dst = append(dst, decimal(a.httpStatus)...)
	dst = append(dst, `,"message":`...)
	dst = appendString(dst, a.message)
	if a.details != "" {
		dst = append(dst, `,"details":`...)
		dst = appendString(dst, a.details)
	}
	return append(dst, '}')
}

// appendString appends a JSON string. Text that needs no escaping, as nearly every message is, goes as it is; the rest
// is left to encoding/json.
func appendString(dst []byte, s string) []byte {
	if isPlain(s) {
		dst = append(dst, '"')
		dst = append(dst, s...)
		return append(dst, '"')
	}
	q := quoters.Get().(*quoter)
	q.text = contract.ValidUTF8(s)
	_ = q.encoder.Encode(&q.text) // a string always encodes, and a bytes.Buffer takes every write
	dst = append(dst, bytes.TrimSuffix(q.out.Bytes(), []byte("\n"))...)
	q.text = ""
	q.out.Reset()
	if q.out.Cap() <= maxPooledBody {
		quoters.Put(q)
	}
	return dst
}

// quoter is a JSON encoder with what it reads and writes, so that it is made once and not for each string.
type quoter struct {
	encoder *json.Encoder
	text    string
	out     bytes.Buffer
}

var quoters = sync.Pool{New: func() any {
	q := &quoter{}
	q.encoder = json.NewEncoder(&q.out)
	q.encoder.SetEscapeHTML(false)
	return q
}}

const (
	everyByte = 0x0101010101010101
	highest   = 0x80 // bit of a byte, which no character of ASCII has
)

// isPlain reports whether encoding/json writes a string as it is. It looks at eight bytes at once while there are as many,
// since a message may be long.
func isPlain(s string) bool {
	rest, ascii := s, true
	for ; len(rest) >= 8; rest = rest[8:] {
		if word := binary.LittleEndian.Uint64([]byte(rest[:8])); mayBeEscaped(word) {
			if isEscaped(word) {
				return false
			}
			ascii = false
		}
	}
	for i := range len(rest) {
		c := rest[i]
		if c < ' ' || c == '"' || c == '\\' {
			return false
		}
		ascii = ascii && c < highest
	}
	// The two are line breaks in JavaScript, and escaped for its sake.
	return ascii || utf8.ValidString(s) && !strings.Contains(s, "\u2028") && !strings.Contains(s, "\u2029")
}

// isEscaped reports whether one of eight bytes is a character of ASCII that JSON escapes. A byte below another gets its
// highest bit by the subtraction of that one, if it had none; a borrow reaches only past a byte that is one itself.
func isEscaped(word uint64) bool {
	quote, backslash := word^everyByte*'"', word^everyByte*'\\'
	below := (word-everyByte*' ')&^word | (quote-everyByte)&^quote | (backslash-everyByte)&^backslash
	return below&(everyByte*highest) != 0
}

// mayBeEscaped is isEscaped, but true as well where one of the bytes is not ASCII. It is the cheaper question.
func mayBeEscaped(word uint64) bool {
	quote, backslash := word^everyByte*'"', word^everyByte*'\\'
	return (word|(word-everyByte*' ')|(quote-everyByte)|(backslash-everyByte))&(everyByte*highest) != 0
}
