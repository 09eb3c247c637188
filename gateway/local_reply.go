package gateway

import (
	"google.golang.org/grpc/metadata"

	"github.com/statusbridge/statusbridge/internal/upstream"
)

// WithLocalReplies recognises gRPC errors that a proxy between gateway and service made itself. isLocal gets the header
// and trailer metadata of a reply, and reports whether the proxy made it. [EnvoyLocalReply] is for Envoy and Istio.
// Such an error is sent as 502, 503 or 504 with the origin [OriginUpstream], without the text and the challenge of the
// proxy. By default, each reply counts as one of the service. Streams need [DialOptions] on the connection, because
// grpc-gateway does not know their trailer. It panics if isLocal is nil.
func WithLocalReplies(isLocal func(header, trailer metadata.MD) bool) Option {
	if isLocal == nil {
		panic("gateway: WithLocalReplies(nil): nothing to call")
	}
	return optionFunc(func(c *config) { c.localReply = isLocal })
}

// EnvoyLocalReply reports whether an Envoy made a reply itself: the reply has `server: envoy` and no
// x-envoy-upstream-service-time, which Envoy adds to replies that it forwards. It does not recognise a reply if Envoy
// is configured to suppress these headers, or if a second Envoy forwarded the reply.
func EnvoyLocalReply(header, trailer metadata.MD) bool {
	return upstream.EnvoyLocalReply(header, trailer)
}
