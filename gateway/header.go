package gateway

import (
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"

	"google.golang.org/grpc/metadata"
)

// successHeaders describe a representation that an error does not have: what a failed success, or a forward option
// before it, left behind. They are keys of http.Header, in its canonical form.
var successHeaders = [...]string{
	"Accept-Ranges", "Age", "Cache-Control", "Content-Digest", "Content-Disposition", "Content-Encoding", "Content-Language",
	"Content-Location", "Content-Range", "Etag", "Expires", "Last-Modified", "Location", "Repr-Digest",
}

// bodyHeaders speak of the body that is sent, and so of no other. Content-Encoding is not among them: middleware that
// compresses says so before it knows what.
var bodyHeaders = [...]string{"Content-Length", "Content-Type", "Trailer", "Transfer-Encoding"}

// removeSuccessHeaders takes a failed success out of the headers. What stood there before the mux was called, from
// middleware in front of it, is not part of one; without the bridge's middleware it cannot be told apart.
func removeSuccessHeaders(h, before http.Header) {
	for _, name := range successHeaders {
		delete(h, name)
	}
	maps.Copy(h, before)
}

func removeBodyHeaders(h http.Header) {
	if len(h) == 0 {
		return
	}
	for _, name := range bodyHeaders {
		delete(h, name)
	}
}

// frontHeaders are what middleware says of every answer, errors included.
var frontHeaders = [...]string{"Cache-Control", "Content-Encoding", "Expires"}

// headersBefore keeps those of the named headers that are there.
func headersBefore(h http.Header, names []string) http.Header {
	if len(h) == 0 {
		return nil
	}
	var before http.Header
	for _, name := range names {
		if values, ok := h[name]; ok {
			if before == nil {
				before = http.Header{}
			}
			before[name] = slices.Clone(values)
		}
	}
	return before
}

// setErrorHeaders sets what every error answer carries, and what its status asks for.
func setErrorHeaders(h http.Header, a *answer, challenge string, md metadata.MD, length int) {
	// One allocation for both values. Neither slice has room to grow into the other.
	values := [2]string{"application/json", decimal(length)}
	h["Content-Type"] = values[0:1:1]
	h["Content-Length"] = values[1:2:2]
	if a.httpStatus == http.StatusUnauthorized {
		setChallenge(h, challenge, md)
	}
	if a.retryAfter >= 0 {
		h["Retry-After"] = []string{strconv.FormatInt(a.retryAfter, 10)}
	}
}

// decimal is strconv.Itoa, which allocates for a number of three digits, as the length of most answers is.
func decimal(n int) string {
	if n < 100 || n > 999 {
		return strconv.Itoa(n)
	}
	return threeDigits()[(n-100)*3:][:3]
}

var threeDigits = sync.OnceValue(func() string {
	digits := make([]byte, 0, 900*3)
	for n := 100; n <= 999; n++ {
		digits = strconv.AppendInt(digits, int64(n), 10)
	}
	return string(digits)
})

// setChallenge gives a 401 its WWW-Authenticate (RFC 9110 section 15.5.2): what the backend sent, else what
// middleware set, else the configured challenge.
func setChallenge(h http.Header, challenge string, md metadata.MD) {
	var sent []string
	for _, value := range md["www-authenticate"] {
		if value != "" && validFieldValue(value) {
			sent = append(sent, value)
		}
	}
	switch {
	case len(sent) > 0:
		h["Www-Authenticate"] = sent
	case len(h["Www-Authenticate"]) == 0:
		h["Www-Authenticate"] = []string{challenge}
	}
}

// validFieldValue reports whether a string can be a header value without changing the message around it
// (RFC 9110 section 5.5).
func validFieldValue(value string) bool {
	for i := range len(value) {
		if c := value[i]; (c < ' ' && c != '\t') || c == 0x7f {
			return false
		}
	}
	return true
}

// validFieldName reports whether a string is a token, as the name of a field is (RFC 9110 section 5.1).
func validFieldName(name string) bool {
	for i := range len(name) {
		c := name[i] | 0x20
		if (c < 'a' || c > 'z') && (name[i] < '0' || name[i] > '9') && strings.IndexByte("!#$%&'*+-.^_`|~", name[i]) < 0 {
			return false
		}
	}
	return name != ""
}

func invalidFieldValue(value string) bool { return !validFieldValue(value) }
