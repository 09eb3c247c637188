package exchange

import (
	"net/http"
	"strconv"
)

// maxCounted is the length of the longest body to which net/http adds a Content-Length.
const maxCounted = 2048

// countedBody is the body of a response to HEAD. It is not sent, but it decides headers that net/http adds to a GET.
type countedBody struct {
	header http.Header // of the response, as it was before the first byte
	first  [sniffed]byte
	kept   int   // how many bytes of first are used
	length int64 // of the whole body
}

func (b *countedBody) add(p []byte) {
	b.kept += copy(b.first[b.kept:], p)
	b.length += int64(len(p))
}

// describe adds the headers that net/http would add for a GET. Complete reports that nothing is left to be written.
func (b *countedBody) describe(h http.Header, complete bool) {
	if _, set := h["Content-Type"]; !set && b.kept > 0 && h.Get("Content-Encoding") == "" {
		h["Content-Type"] = []string{http.DetectContentType(b.first[:b.kept])}
	}
	if complete && len(h["Content-Length"]) == 0 && b.length <= maxCounted {
		h["Content-Length"] = []string{strconv.FormatInt(b.length, 10)}
	}
}
