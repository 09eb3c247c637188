// Package upstream finds out who caused the failure of a call to a backend. docs/origin.md shows the results.
//
// [DialOptions] collect the evidence on the connection. [Diagnose] judges an error by that evidence, or without it by
// what grpc-gateway knows, and by grpc-go's texts where nothing better is left. The caller is never blamed for what
// happened upstream.
package upstream

import (
	"net/http"
)

// Origin says who made the status of an error.
type Origin string

const (
	// Backend is the service: it returned the status.
	Backend Origin = "backend"
	// Upstream is this side of the connection: it made the status of what happened on the way to the backend or back.
	Upstream Origin = "upstream"
	// Request is a request that was refused: it could not be read, or it cannot be sent.
	Request Origin = "request"
	// Gateway is code of the gateway's process: middleware, an interceptor, a response that cannot be marshalled.
	Gateway Origin = "gateway"
)

// Diagnosis names who caused an error, and the status and message that follow.
type Diagnosis struct {
	Origin Origin
	// HTTPStatus is the status to send. If it is 0, the status table decides.
	HTTPStatus int
	// Message is the text for the client. If it is empty, the message is that of any other error.
	Message string
}

var (
	byBackend = Diagnosis{Origin: Backend}
	byRequest = Diagnosis{Origin: Request}
	byGateway = Diagnosis{Origin: Gateway}

	failed  = Diagnosis{Origin: Upstream} // in a way for which the status table has the status
	invalid = Diagnosis{Origin: Upstream, HTTPStatus: http.StatusBadGateway}
	down    = Diagnosis{Origin: Upstream, HTTPStatus: http.StatusServiceUnavailable}
	slow    = Diagnosis{Origin: Upstream, HTTPStatus: http.StatusGatewayTimeout}
)

// refused is the diagnosis of a request that cannot be sent, or that the backend's own limit refuses.
func refused(message string) Diagnosis {
	return Diagnosis{Origin: Request, HTTPStatus: http.StatusBadRequest, Message: message}
}
