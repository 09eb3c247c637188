package exchange

import (
	"maps"
	"net/http"
	"net/textproto"
	"slices"
	"strconv"
	"strings"
	"time"
)

// representation lists the headers that describe the content of a success. An error does not have them.
var representation = []string{
	"Accept-Ranges", "Age", "Content-Digest", "Content-Disposition", "Content-Encoding", "Content-Language",
	"Content-Location", "Content-Md5", "Content-Range", "Digest", "Etag", "Last-Modified", "Location",
	"Repr-Digest",
}

// caching lists the headers with directives for caches (RFC 9111 section 5.2, RFC 9213 section 3).
var caching = []string{"Cache-Control", "Cdn-Cache-Control", "Surrogate-Control"}

// framing lists the headers that describe the message and not its content (RFC 9110 sections 6.6, 7.6 and 8).
var framing = []string{
	"Connection", "Content-Encoding", "Content-Length", "Content-Type", "Keep-Alive", "Proxy-Connection", "Te",
	"Trailer", "Transfer-Encoding", "Upgrade",
}

// known contains the headers that this package and error responses set or remove.
var known = func() map[string]bool {
	names := map[string]bool{"Allow": true, "Expires": true, "Retry-After": true, "Www-Authenticate": true}
	for _, name := range slices.Concat(representation, caching, framing) {
		names[name] = true
	}
	return names
}()

// IsFraming reports whether a header describes the message. The name may have any case.
func IsFraming(name string) bool {
	return slices.Contains(framing, textproto.CanonicalMIMEHeaderKey(name))
}

// Canonicalize merges headers under names that are not canonical, such as h["etag"], into the canonical ones, if the
// package or an error response knows them.
func Canonicalize(h http.Header) {
	for name, values := range h {
		if canonical := textproto.CanonicalMIMEHeaderKey(name); canonical != name && known[canonical] {
			delete(h, name)
			h[canonical] = append(slices.Clip(h[canonical]), values...)
		}
	}
}

// Snapshot returns the headers about the content and the message that are set already, with canonical names. The result
// is nil without such headers.
func Snapshot(h http.Header) http.Header {
	var set http.Header
	for name, values := range h {
		canonical := textproto.CanonicalMIMEHeaderKey(name)
		if !slices.Contains(representation, canonical) && !slices.Contains(framing, canonical) {
			continue
		}
		if set == nil {
			set = http.Header{}
		}
		set[canonical] = append(slices.Clip(set[canonical]), values...)
	}
	return set
}

// RemoveSuccess removes the headers that describe a success from those of an error. Headers in before stay: they were
// set before the handler was called. Cache directives that restrict stay as well.
func RemoveSuccess(h, before http.Header) {
	Canonicalize(h)
	for _, name := range representation {
		delete(h, name)
		if values, ok := before[name]; ok {
			h[name] = values
		}
	}
	restrictCaching(h)
	for _, name := range []string{"Content-Length", "Content-Type", "Trailer", "Transfer-Encoding"} {
		delete(h, name)
	}
}

// restrictCaching removes what permits a cache to store an error. Directives that restrict stay.
func restrictCaching(h http.Header) {
	for _, name := range caching {
		setOrDelete(h, name, restricting(h[name]))
	}
	if len(h["Cache-Control"]) == 0 || !expired(h["Expires"]) {
		delete(h, "Expires")
	}
}

// RestoreFraming gives the headers about the message the values that they had before a backend's metadata was added.
// Except lists names to leave alone.
func RestoreFraming(h, before http.Header, except ...string) {
	for _, name := range framing {
		if !slices.Contains(except, name) {
			setOrDelete(h, name, before[name])
		}
	}
}

func setOrDelete(h http.Header, name string, values []string) {
	if len(values) == 0 {
		delete(h, name)
		return
	}
	h[name] = values
}

// restricting returns the directives that restrict what a cache may do (RFC 9111 section 5.2.2).
func restricting(values []string) []string {
	var kept []string
	for _, value := range values {
		permits := func(directive string) bool { return !restricts(directive) }
		if restricting := slices.DeleteFunc(directives(value), permits); len(restricting) > 0 {
			kept = append(kept, strings.Join(restricting, ", "))
		}
	}
	return kept
}

// directives splits a Cache-Control. A comma in a quoted string separates nothing.
func directives(value string) []string {
	var split []string
	quoted, begin := false, 0
	for i := range len(value) {
		if value[i] == '"' {
			quoted = !quoted
		}
		if value[i] == ',' && !quoted {
			split = append(split, strings.TrimSpace(value[begin:i]))
			begin = i + 1
		}
	}
	return append(split, strings.TrimSpace(value[begin:]))
}

func restricts(directive string) bool {
	name, argument, _ := strings.Cut(strings.ToLower(directive), "=")
	switch name {
	case "no-store", "no-cache", "private", "must-revalidate", "proxy-revalidate", "no-transform":
		return true
	case "max-age", "s-maxage":
		seconds, err := strconv.ParseUint(strings.Trim(argument, `"`), 10, 64)
		return err == nil && seconds == 0
	}
	return false
}

// expired reports whether an Expires header is in the past. An invalid date is (RFC 9111 section 5.3).
func expired(values []string) bool {
	if len(values) == 0 {
		return false
	}
	date, err := http.ParseTime(values[0])
	return err != nil || !date.After(time.Now())
}

// bodyless reports whether a status excludes a body (RFC 9110 sections 6.4.1 and 15.3.6).
func bodyless(status int) bool {
	return status == http.StatusNoContent || status == http.StatusResetContent || status == http.StatusNotModified
}

// removeBody removes the headers about a body that is not sent. A 304 has those of the representation.
func removeBody(h http.Header, status int) {
	if status == http.StatusNotModified {
		return
	}
	for _, name := range []string{"Content-Encoding", "Content-Length", "Content-Type", "Trailer"} {
		delete(h, name)
	}
	if status == http.StatusResetContent {
		h["Content-Length"] = []string{"0"}
	}
}

// removeUnannounced removes trailers that need no announcement. HTTP/2 would send them after any response.
func removeUnannounced(h http.Header) {
	maps.DeleteFunc(h, func(name string, _ []string) bool { return strings.HasPrefix(name, http.TrailerPrefix) })
}
