package gateway

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"sync"

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
	b.bytes = appendBody(b.bytes[:0], a)
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

// appendString appends a JSON string. Plain ASCII, which nearly every message is, needs no escaping; the rest is
// left to encoding/json.
func appendString(dst []byte, s string) []byte {
	if isPlain(s) {
		dst = append(dst, '"')
		dst = append(dst, s...)
		return append(dst, '"')
	}
	out := bytes.NewBuffer(dst)
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false)
	_ = encoder.Encode(contract.ValidUTF8(s)) // a string always encodes, and a bytes.Buffer takes every write
	return bytes.TrimSuffix(out.Bytes(), []byte("\n"))
}

// isPlain reports whether a string is printable ASCII without quotation marks and backslashes. It looks at eight bytes
// at once while there are as many, since a message may be long.
func isPlain(s string) bool {
	for ; len(s) >= 8; s = s[8:] {
		if hasSpecial(binary.LittleEndian.Uint64([]byte(s[:8]))) {
			return false
		}
	}
	for i := range len(s) {
		if c := s[i]; c < ' ' || c > '~' || c == '"' || c == '\\' {
			return false
		}
	}
	return true
}

// hasSpecial reports whether one of eight bytes is not plain. A byte that is below another has its highest bit set by
// the subtraction of that one; a borrow reaches only past a byte that is not plain itself.
func hasSpecial(x uint64) bool {
	const ones, highest = 0x0101010101010101, 0x8080808080808080
	quote, backslash, del := x^ones*'"', x^ones*'\\', x^ones*0x7f
	return (x|(x-ones*' ')|(quote-ones)|(backslash-ones)|(del-ones))&highest != 0
}
