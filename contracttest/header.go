package contracttest

import (
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/net/http/httpguts"
)

// controlKey is the metadata key that carries a success status from a service to the gateway.
const controlKey = "statusbridge-http-status"

func isToken(text string) bool { return httpguts.ValidHeaderFieldName(text) }

func isFieldValue(text string) bool { return httpguts.ValidHeaderFieldValue(text) }

// canonical returns a header as clients read it: with the usual case of names, so that each name occurs once.
func canonical(header http.Header) http.Header {
	merged := make(http.Header, len(header))
	for _, name := range slices.Sorted(maps.Keys(header)) {
		key := http.CanonicalHeaderKey(name)
		merged[key] = append(merged[key], header[name]...)
	}
	return merged
}

// checkKeys looks for keys of a backend that clients must not receive, in the header and in the trailer.
func (x *exchange) checkKeys() {
	for _, header := range []http.Header{x.header, x.trailer} {
		for name := range header {
			key := strings.ToLower(name)
			for _, prefix := range []string{"trailer:", "grpc-metadata-", "grpc-trailer-"} {
				key = strings.TrimPrefix(key, prefix)
			}
			switch {
			case strings.Contains(key, controlKey):
				x.breaks(ruleControlKey, "the response has %s", name)
			case strings.HasPrefix(key, "grpc-"):
				x.breaks(ruleGRPCHeader, "the response has %s", name)
			case strings.HasSuffix(key, "-bin"):
				x.breaks(ruleBinaryHeader, "the response has %s", name)
			}
		}
	}
}

// single lists headers that hold one value.
var single = []string{
	"Content-Type", "Content-Length", "Content-Location", "Content-Range", "Date", "Etag", "Expires", "Last-Modified",
	"Location", "Retry-After",
}

func (x *exchange) checkOnce() {
	for _, want := range single {
		if count := len(x.header[want]); count > 1 {
			x.breaks(ruleHeaderOnce, "%s is sent %d times", want, count)
		}
	}
}

func (x *exchange) checkRetryAfter() {
	value := x.header.Get("Retry-After")
	if _, err := strconv.ParseUint(value, 10, 63); err == nil {
		return
	}
	if _, err := http.ParseTime(value); err != nil {
		x.breaks(ruleRetryAfter, "Retry-After is %q", value)
	}
}

func (x *exchange) checkLength() {
	if x.decoded || x.header.Get("Content-Encoding") != "" {
		return
	}
	value := x.header.Get("Content-Length")
	length, err := strconv.ParseUint(value, 10, 63)
	switch {
	case value == "":
		x.breaks(ruleLength, "the error has no Content-Length")
	case err != nil:
		x.breaks(ruleLength, "Content-Length is %q", value)
	case x.whole && !x.isHead() && length != uint64(len(x.body)):
		x.breaks(ruleLength, "Content-Length is %d, and the body has %d bytes", length, len(x.body))
	}
}

func (x *exchange) checkAllow() {
	if len(x.header.Values("Allow")) == 0 {
		x.breaks(ruleAllow, "the 405 has no Allow header")
		return
	}
	for _, method := range listOf(x.header.Values("Allow")) {
		if !isToken(method) {
			x.breaks(ruleAllow, "Allow lists %q, which is not a method", method)
		}
	}
}

// listOf returns the elements of a header that holds a list.
func listOf(values []string) []string {
	var elements []string
	for element := range strings.SplitSeq(strings.Join(values, ","), ",") {
		if element = strings.TrimSpace(element); element != "" {
			elements = append(elements, element)
		}
	}
	return elements
}

func (x *exchange) checkChallenge() {
	values := x.header.Values("WWW-Authenticate")
	if len(values) == 0 {
		x.breaks(ruleChallenge, "the 401 has no WWW-Authenticate header")
		return
	}
	for _, value := range values {
		if !isChallenge(value) {
			x.breaks(ruleChallenge, "WWW-Authenticate is not a list of challenges: %q", value)
		}
	}
}

// stale lists headers that describe a success.
var stale = []string{
	"Accept-Ranges", "Age", "Content-Disposition", "Content-Location", "Content-Range", "Etag", "Expires",
	"Last-Modified", "Location",
}

func (x *exchange) checkStale() {
	for _, old := range stale {
		tellsRange := old == "Content-Range" && x.status == http.StatusRequestedRangeNotSatisfiable
		if values := x.header[old]; len(values) > 0 && !tellsRange {
			x.breaks(ruleStaleHeader, "the error has %s: %s", old, strings.Join(values, ", "))
		}
	}
	if values := x.header["Cache-Control"]; slices.ContainsFunc(listOf(values), permitsCaching) {
		x.breaks(ruleCacheControl, "the error has Cache-Control: %s", strings.Join(values, ", "))
	}
}

// permitsCaching reports whether a Cache-Control directive lets a cache keep a response.
func permitsCaching(directive string) bool {
	name, value, _ := strings.Cut(strings.ToLower(directive), "=")
	switch name {
	case "public", "immutable", "stale-while-revalidate", "stale-if-error":
		return true
	case "max-age", "s-maxage":
		return strings.Trim(value, `" 0`) != ""
	}
	return false
}
