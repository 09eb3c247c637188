package gateway

import (
	"bytes"
	"compress/gzip"
	"io"
	"slices"
)

// decode makes readable what is held when a proxied server, or middleware, has compressed it with gzip, which is what
// clients of HTTP ask for. It leaves as it was read. What is coded otherwise stays as it is, and is not read.
func (f *front) decode() {
	h := f.writer.Header()
	if f.cut || !f.encoded() || !slices.Equal(h["Content-Encoding"], []string{"gzip"}) {
		return
	}
	reader, err := gzip.NewReader(bytes.NewReader(f.body))
	if err != nil {
		return
	}
	body, err := io.ReadAll(io.LimitReader(reader, maxHeld+1))
	if err != nil || len(body) > maxHeld {
		return
	}
	f.body = body
	delete(h, "Content-Encoding")
	if before, ok := f.before["Content-Encoding"]; ok {
		h["Content-Encoding"] = before
	}
}
