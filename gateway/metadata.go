package gateway

import (
	"context"
	"io"
	"net/http"
	"net/textproto"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"golang.org/x/net/http/httpguts"
	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/proto"

	"github.com/statusbridge/statusbridge/internal/contract"
	"github.com/statusbridge/statusbridge/internal/exchange"
)

// The metadata keys that set a standard header of an error.
const (
	challengeKey  = "www-authenticate"
	retryAfterKey = "retry-after"
)

// isForwarded reports whether a metadata key may reach a client. The control key, gRPC's own keys, binary metadata and
// the framing of the gRPC message may not.
func isForwarded(key string) bool {
	key = strings.ToLower(key) // in process, a service can send what no connection would carry
	return key != contract.HTTPStatusKey && !strings.HasSuffix(key, "-bin") && !strings.HasPrefix(key, "grpc-") &&
		!exchange.IsFraming(key)
}

func validFieldValue(value string) bool { return httpguts.ValidHeaderFieldValue(value) }

func hasInvalidValue(values []string) bool {
	return slices.ContainsFunc(values, func(value string) bool { return !validFieldValue(value) })
}

// headerNames asks the mux for the header of each metadata key. Keys that the mux does not forward are missing. The
// matcher is not exported, so the mux forwards the keys, as their own values, as the headers of an empty stream.
func headerNames(ctx context.Context, mux *runtime.ServeMux, md metadata.MD) map[string]string {
	if len(md) == 0 {
		return nil
	}
	sent := make(metadata.MD, len(md))
	for key := range md {
		sent[key] = []string{key}
	}
	headers := headerSink{}
	runtime.ForwardResponseStream(
		runtime.NewServerMetadataContext(ctx, runtime.ServerMetadata{HeaderMD: sent}),
		mux, nil, headers, nil,
		func() (proto.Message, error) { return nil, io.EOF },
	)
	delete(headers, "Transfer-Encoding") // set by the mux for every stream
	names := make(map[string]string, len(md))
	for name, keys := range headers {
		for _, key := range keys {
			names[key] = name
		}
	}
	return names
}

// headerSink is a ResponseWriter that keeps headers and nothing else.
type headerSink http.Header

func (s headerSink) Header() http.Header         { return http.Header(s) }
func (s headerSink) Write(p []byte) (int, error) { return len(p), nil }
func (s headerSink) WriteHeader(int)             {}

// forward makes the headers of an error out of those that are set: what describes a success goes, and the backend's
// metadata comes, once. If a success had begun, its metadata is there already.
func forward(
	ctx context.Context, mux *runtime.ServeMux, c *call, h http.Header, md metadata.MD, httpStatus int,
) {
	if len(h) == 0 && len(md) == 0 {
		return
	}
	exchange.Canonicalize(h)
	kept, forwarded := keptHeaders(c, h), c != nil && c.settled
	names := headerNames(ctx, mux, md)
	if !forwarded && (len(h["Content-Type"]) > 0 || len(h["Transfer-Encoding"]) > 0) {
		forwarded = containsForwarded(h, md, names) // no middleware has noted it
	}
	own := func(key string) bool { // sets a standard header, see setFromMetadata
		return key == challengeKey && httpStatus == http.StatusUnauthorized || key == retryAfterKey
	}
	remove := removal{}
	for key, name := range names {
		switch {
		case !isForwarded(key) || own(key) && forwarded:
			remove.add(name, md[key])
		case forwarded || own(key) || exchange.IsFraming(name):
		default:
			for _, value := range md[key] {
				if validFieldValue(value) {
					h[name] = append(h[name], value)
				}
			}
		}
	}
	remove.from(h)
	exchange.RemoveSuccess(h, kept)
}

// keptHeaders returns the headers that an error keeps because middleware has set them: those before the handler of c.
// If they are not known, they are the Content-Encoding, because middleware that sets it encodes errors too.
func keptHeaders(c *call, h http.Header) http.Header {
	if c != nil && c.request != nil {
		return c.before
	}
	if encoding, ok := h["Content-Encoding"]; ok {
		return http.Header{"Content-Encoding": encoding}
	}
	return nil
}

// containsForwarded reports whether the headers contain metadata that grpc-gateway has forwarded.
func containsForwarded(h http.Header, md metadata.MD, names map[string]string) bool {
	sets := map[string]map[string]bool{}
	for key, name := range names {
		if !isForwarded(key) {
			continue
		}
		if sets[name] == nil {
			sets[name] = map[string]bool{}
			for _, value := range h[name] {
				sets[name][value] = true
			}
		}
		if slices.ContainsFunc(md[key], func(value string) bool { return sets[name][value] }) {
			return true
		}
	}
	return false
}

// setFromMetadata sets WWW-Authenticate and Retry-After from metadata, and headers from the trailers that
// WithErrorTrailers names.
func (b *Bridge) setFromMetadata(h http.Header, httpStatus int, header, trailer metadata.MD) {
	if len(header) == 0 && len(trailer) == 0 {
		return
	}
	values := func(key string, valid func(string) bool) []string {
		sent := slices.Concat(header[key], trailer[key])
		return slices.DeleteFunc(sent, func(value string) bool { return !valid(value) })
	}
	if challenge := values(challengeKey, isChallenge); httpStatus == http.StatusUnauthorized && len(challenge) > 0 {
		h["Www-Authenticate"] = challenge
	}
	if delay := values(retryAfterKey, isRetryAfter); len(delay) > 0 {
		h["Retry-After"] = delay[:1]
	}
	for _, key := range b.errorTrailers {
		if key == challengeKey || key == retryAfterKey {
			continue
		}
		for _, value := range trailer[key] {
			if validFieldValue(value) {
				name := textproto.CanonicalMIMEHeaderKey(key)
				h[name] = append(h[name], value)
			}
		}
	}
}

// challenges matches a list of challenges (RFC 9110 section 11.6.1). A scheme is followed by nothing, by a token68, or
// by parameters.
var challenges = sync.OnceValue(func() *regexp.Regexp {
	const (
		token     = "[!#$%&'*+.^_`|~0-9A-Za-z-]+"
		parameter = token + `[ \t]*=[ \t]*(?:` + token + `|"(?:[^"\\]|\\.)*")`
		challenge = token + `(?: +(?:` + parameter + `|[-._~+/0-9A-Za-z]+=*))?`
	)
	return regexp.MustCompile(`^` + challenge + `(?:[ \t]*,[ \t]*(?:` + challenge + `|` + parameter + `)?)*$`)
})

// isChallenge reports whether a value is a list of challenges.
func isChallenge(value string) bool {
	return challenges().MatchString(strings.TrimSpace(value)) && validFieldValue(value)
}

// isRetryAfter reports whether a value is a Retry-After (RFC 9110 section 10.2.3).
func isRetryAfter(value string) bool {
	if _, err := strconv.ParseUint(value, 10, 63); err == nil {
		return true
	}
	_, err := http.ParseTime(value)
	return err == nil
}

// removal lists values to remove from headers, each of them once.
type removal map[string][]string

func (r removal) add(name string, values []string) {
	if r[name] == nil {
		r[name] = slices.Clip(values) // most headers come from one key, and need no copy
		return
	}
	r[name] = append(r[name], values...)
}

func (r removal) from(h http.Header) {
	for name, values := range r {
		if slices.Equal(h[name], values) {
			delete(h, name)
			continue
		}
		counts := make(map[string]int, len(values))
		for _, value := range values {
			counts[value]++
		}
		kept := slices.DeleteFunc(slices.Clone(h[name]), func(value string) bool {
			counts[value]--
			return counts[value] >= 0
		})
		if len(kept) == 0 {
			delete(h, name)
		} else {
			h[name] = kept
		}
	}
}
