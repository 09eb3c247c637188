package gateway

import (
	"maps"
	"net/http"
	"strings"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

const timeoutHeader = "Grpc-Timeout"

// withTimeoutHeader returns a request with another timeout. The header of r may be shared with other requests.
func withTimeoutHeader(r *http.Request, timeout []string) *http.Request {
	changed := *r
	changed.Header = maps.Clone(r.Header)
	if timeout == nil {
		delete(changed.Header, timeoutHeader)
	} else {
		changed.Header[timeoutHeader] = timeout
	}
	return &changed
}

// timeoutUnit returns a unit of the Timeout in gRPC over HTTP/2, and 0 for any other character. See
// https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md.
func timeoutUnit(c byte) time.Duration {
	switch c {
	case 'H':
		return time.Hour
	case 'M':
		return time.Minute
	case 'S':
		return time.Second
	case 'm':
		return time.Millisecond
	case 'u':
		return time.Microsecond
	case 'n':
		return time.Nanosecond
	}
	return 0
}

const maxTimeoutDigits = 8

// askedTimeout returns the Grpc-Timeout of a request, or 0 without one. Zero in the header counts as no timeout,
// because gRPC gives it no meaning.
func askedTimeout(h http.Header) (time.Duration, error) {
	values := h[timeoutHeader]
	if len(values) == 0 {
		return 0, nil
	}
	asked, ok := parseTimeout(values[0])
	if !ok || len(values) > 1 {
		return 0, status.Errorf(codes.InvalidArgument,
			"invalid header Grpc-Timeout: want 1 to 8 digits and one of the units H, M, S, m, u, n, got %.40q",
			strings.Join(values, ", "))
	}
	return asked, nil
}

// parseTimeout reads a timeout. One that a time.Duration cannot hold becomes the longest one.
func parseTimeout(s string) (time.Duration, bool) {
	if len(s) < 2 || len(s) > maxTimeoutDigits+1 {
		return 0, false
	}
	unit := timeoutUnit(s[len(s)-1])
	if unit == 0 {
		return 0, false
	}
	n := time.Duration(0)
	for _, c := range []byte(s[:len(s)-1]) {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = n*10 + time.Duration(c-'0')
	}
	const longest = time.Duration(1<<63 - 1)
	if n > longest/unit {
		return longest, true
	}
	return n * unit, true
}
