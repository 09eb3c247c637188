package exchange_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/statusbridge/statusbridge/internal/exchange"
)

// TestCanonicalize merges names in any case, and keeps names that the package does not know.
func TestCanonicalize(t *testing.T) {
	t.Parallel()
	h := http.Header{
		"etag": {`"7"`}, "CONTENT-type": {"text/html"}, "Www-Authenticate": {"Basic"}, "WWW-Authenticate": {"Bearer"},
		"x-own": {"a"}, "X-Own": {"b"}, "sec-WebSocket-key": {"c"},
	}
	exchange.Canonicalize(h)
	want := http.Header{
		"Etag": {`"7"`}, "Content-Type": {"text/html"}, "Www-Authenticate": {"Basic", "Bearer"},
		"x-own": {"a"}, "X-Own": {"b"}, "sec-WebSocket-key": {"c"},
	}
	if diff := cmp.Diff(want, h); diff != "" {
		t.Error(diff)
	}
}

// TestCanonicalizeCopies merges into a slice that another header shares. The other one keeps its values.
func TestCanonicalizeCopies(t *testing.T) {
	t.Parallel()
	shared := make([]string, 1, 4)
	shared[0] = "GET"
	h, other := http.Header{"Allow": shared, "allow": {"PUT"}}, http.Header{"Allow": shared[:1:4]}
	exchange.Canonicalize(h)
	other["Allow"] = append(other["Allow"], "POST")
	if got := h["Allow"]; !slices.Equal(got, []string{"GET", "PUT"}) {
		t.Errorf("got %q", got)
	}
}

// TestSnapshot copies the headers about the representation and the message, and nothing else.
func TestSnapshot(t *testing.T) {
	t.Parallel()
	if got := exchange.Snapshot(http.Header{"X-Own": {"a"}, "Vary": {"Origin"}}); got != nil {
		t.Errorf("got %v of headers about neither", got)
	}
	h := http.Header{"etag": {`"7"`}, "Content-Encoding": {"gzip"}, "X-Own": {"a"}}
	want := http.Header{"Etag": {`"7"`}, "Content-Encoding": {"gzip"}}
	if diff := cmp.Diff(want, exchange.Snapshot(h)); diff != "" {
		t.Error(diff)
	}
}

// TestIsFraming compares names without regard to case.
func TestIsFraming(t *testing.T) {
	t.Parallel()
	for _, name := range []string{
		"Connection", "Content-Encoding", "Content-Length", "Content-Type", "Keep-Alive", "Proxy-Connection", "TE",
		"Trailer",
		"Transfer-Encoding", "Upgrade",
	} {
		lower, upper := strings.ToLower(name), strings.ToUpper(name)
		if !exchange.IsFraming(name) || !exchange.IsFraming(lower) || !exchange.IsFraming(upper) {
			t.Errorf("%s is no framing", name)
		}
	}
	others := []string{"", "Etag", "X-Content-Length", "Content-Length-X", "Grpc-Metadata-Te", "Content-Range"}
	for _, name := range others {
		if exchange.IsFraming(name) {
			t.Errorf("%q is framing", name)
		}
	}
}

// TestRemoveSuccess removes the headers that describe a success, in any case, and keeps those that were set before.
func TestRemoveSuccess(t *testing.T) {
	t.Parallel()
	removed := []string{
		"accept-ranges", "Age", "CONTENT-DIGEST", "Content-Disposition", "Content-Encoding", "Content-Language",
		"Content-Location", "Content-MD5", "Content-Range", "Digest", "ETag", "Expires", "Last-Modified", "Location",
		"Repr-Digest",
		"Content-Length", "Content-Type", "Trailer", "Transfer-Encoding", "CDN-Cache-Control", "Surrogate-Control",
	}
	h := http.Header{"Vary": {"Origin"}, "Retry-After": {"3"}, "Www-Authenticate": {"Basic"}, "Set-Cookie": {"a=b"}}
	want := h.Clone()
	for _, name := range removed {
		h[name] = []string{"max-age=9"}
	}
	exchange.RemoveSuccess(h, nil)
	if diff := cmp.Diff(want, h); diff != "" {
		t.Error(diff)
	}

	h = http.Header{"Content-Language": {"de"}, "Etag": {`"7"`}, "Content-Type": {"text/html"}}
	exchange.RemoveSuccess(h, http.Header{"Content-Language": {"en"}, "Content-Type": {"text/css"}})
	if diff := cmp.Diff(http.Header{"Content-Language": {"en"}}, h); diff != "" {
		t.Error(diff)
	}
}

// TestRemoveSuccessOfCaching keeps the directives that restrict a cache (RFC 9111 section 5.2.2), and removes those
// that permit.
func TestRemoveSuccessOfCaching(t *testing.T) {
	t.Parallel()
	const past, future = "Thu, 01 Jan 1970 00:00:00 GMT", "Fri, 31 Dec 9999 23:59:59 GMT"
	for _, c := range []struct {
		control []string
		expires string
		want    []string
		stays   bool // Expires
	}{
		{control: []string{"no-store"}, want: []string{"no-store"}},
		{control: []string{"No-Store"}, want: []string{"No-Store"}},
		{control: []string{"no-cache, private"}, want: []string{"no-cache, private"}},
		{control: []string{"private,max-age=60,must-revalidate"}, want: []string{"private, must-revalidate"}},
		{control: []string{"proxy-revalidate", "no-transform"}, want: []string{"proxy-revalidate", "no-transform"}},
		{control: []string{"max-age=0"}, want: []string{"max-age=0"}},
		{control: []string{`s-maxage="00"`}, want: []string{`s-maxage="00"`}},
		{control: []string{"max-age=", "max-age", "max-age=0x", "max-age=-0", "max-age=1"}},
		{control: []string{"public, max-age=60, immutable, stale-if-error=9, stale-while-revalidate=9"}},
		{control: []string{`no-cache="set-cookie, x-own", max-age=60`}, want: []string{`no-cache="set-cookie, x-own"`}},
		{control: []string{`private="x-own"`}, want: []string{`private="x-own"`}},
		{control: []string{`max-age="60, no-store"`}},
		{control: []string{"", ",", " , ,"}},
		{control: []string{"no-store-really, xprivate"}},
		{control: []string{"no-store"}, expires: past, want: []string{"no-store"}, stays: true},
		{control: []string{"no-store"}, expires: "0", want: []string{"no-store"}, stays: true},
		{control: []string{"no-store"}, expires: future, want: []string{"no-store"}},
		{control: []string{"public"}, expires: past},
		{expires: past},
	} {
		for _, name := range []string{"Cache-Control", "CACHE-control"} {
			h := http.Header{}
			if c.control != nil {
				h[name] = c.control
			}
			if c.expires != "" {
				h["Expires"] = []string{c.expires}
			}
			exchange.RemoveSuccess(h, nil)
			if got := h["Cache-Control"]; !slices.Equal(got, c.want) {
				t.Errorf("%q: got %q, want %q", c.control, got, c.want)
			}
			if got := h["Expires"] != nil; got != c.stays {
				t.Errorf("%q with Expires %q: it stays: %t", c.control, c.expires, got)
			}
		}
	}
}

// TestRestoreFraming gives the framing its earlier values, and does not touch other headers and exceptions.
func TestRestoreFraming(t *testing.T) {
	t.Parallel()
	before := http.Header{"Content-Encoding": {"gzip"}, "Connection": {"close"}}
	h := http.Header{
		"Content-Encoding": {"br"}, "Content-Length": {"3"}, "Content-Type": {"text/html"}, "Trailer": {"X-Sum"},
		"Transfer-Encoding": {"chunked"}, "Etag": {`"7"`},
	}
	exchange.RestoreFraming(h, before, "Content-Type", "Trailer")
	want := http.Header{
		"Content-Encoding": {"gzip"}, "Connection": {"close"}, "Content-Type": {"text/html"}, "Trailer": {"X-Sum"},
		"Etag": {`"7"`},
	}
	if diff := cmp.Diff(want, h); diff != "" {
		t.Error(diff)
	}
}
