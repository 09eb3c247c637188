package gateway

import "github.com/statusbridge/statusbridge/internal/upstream"

// Origin says who made the status of an answer, so that both together say whose fault it is.
type Origin string

const (
	// OriginBackend marks a status with which the service answered.
	OriginBackend = Origin(upstream.Backend)
	// OriginUpstream marks a status that was made on this side, of what happened on the way to the backend or back. 502:
	// what came is no gRPC reply, or none that can be read. 503: the backend was not reached, or the connection was lost
	// or closed. 504: the deadline passed.
	OriginUpstream = Origin(upstream.Upstream)
	// OriginRequest marks a request that was refused on this side: no route was found for it, or it could not be read.
	OriginRequest = Origin(upstream.Request)
	// OriginGateway marks a status that was made in the gateway's process and is about nothing outside of it: a panic, an
	// answer that cannot be marshalled, an error of middleware or of an interceptor.
	OriginGateway = Origin(upstream.Gateway)
)
