package gateway

import "github.com/statusbridge/statusbridge/internal/upstream"

// Origin says who made the status of a response. Together with the status it says who caused an error.
type Origin string

const (
	// OriginBackend is the origin of a status that the service returned.
	OriginBackend = Origin(upstream.Backend)
	// OriginUpstream is the origin of a status that the gateway made because the call failed. 502 means that the reply
	// was not gRPC or could not be read. 503 means that the backend was not reached, or that the connection was lost or
	// closed. 504 means that the deadline passed.
	OriginUpstream = Origin(upstream.Upstream)
	// OriginRequest is the origin of a status that the gateway made because it could not route or read the request.
	OriginRequest = Origin(upstream.Request)
	// OriginGateway is the origin of a status that the gateway's process caused: by a panic, a response that cannot be
	// marshalled, middleware or an interceptor.
	OriginGateway = Origin(upstream.Gateway)
)
