package upstream

import (
	"slices"
	"strings"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
)

// EnvoyLocalReply reports whether an Envoy made a reply itself, by the metadata of the reply. Envoy adds
// `server: envoy` to every reply, and x-envoy-upstream-service-time to those that it forwards. It cannot be recognised
// if Envoy is configured to suppress these headers, or if another Envoy forwarded its reply.
func EnvoyLocalReply(header, trailer metadata.MD) bool {
	const forwarded = "x-envoy-upstream-service-time"
	if len(header[forwarded]) > 0 || len(trailer[forwarded]) > 0 {
		return false
	}
	return slices.Contains(header["server"], "envoy") || slices.Contains(trailer["server"], "envoy")
}

func (f *failure) isLocalReply(header, trailer metadata.MD) bool {
	return f.localReply != nil && f.localReply(header, trailer)
}

// byProxy judges a reply that a proxy made itself. It is about the proxy and its upstream, and never about the caller:
// a 401 of the proxy's is a 502.
func (f *failure) byProxy() Diagnosis {
	if f.Code == codes.DeadlineExceeded || isProxyTimeout(f.Text) {
		return slow
	}
	switch f.Code {
	case codes.Unavailable, codes.ResourceExhausted, codes.Canceled:
		return down
	}
	return invalid
}

// isProxyTimeout recognises Envoy's texts for a deadline that passed. The code of such a reply is Unavailable. Envoy's
// text for a connection that was not made in time begins in another way.
func isProxyTimeout(text string) bool {
	return strings.HasSuffix(text, " timeout") && !strings.HasPrefix(text, "upstream connect error") ||
		text == "upstream max stream duration reached"
}
