package gateway

// Origin says who made an error answer, so that with the status of the answer it tells whose fault it is: see [Handler]
// and the page docs/origin.md.
type Origin string

const (
	// OriginBackend: the service answered with this status.
	OriginBackend Origin = "backend"
	// OriginUpstream: the status was made on this side, of what happened on the way to the backend and back. 502: what
	// came is no gRPC reply, or none that can be read. 503: the backend was not reached, or the connection was lost or
	// closed. 504: the deadline passed.
	OriginUpstream Origin = "upstream"
	// OriginRequest: the request was refused on this side. No route was found for it, or it could not be read.
	OriginRequest Origin = "request"
	// OriginGateway: the status was made in the gateway's process and is about nothing outside of it: a panic, an answer
	// that cannot be marshalled, an error of middleware or of an interceptor.
	OriginGateway Origin = "gateway"
)
