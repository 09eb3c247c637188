package gateway

import (
	"context"
	"net/http"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/grpclog"
)

// Observation is what an observer learns of one error answer.
type Observation struct {
	// HTTPStatus is the status that was sent, or, for a stream that failed after its first message, that would have been.
	HTTPStatus int
	// GRPCCode is the code of the error. For an error of routing it is the code that the status is read as.
	GRPCCode codes.Code
	// RPCMethod is the method that the request was bound to, as in "/package.Service/Method". It is empty when the
	// request was refused before.
	RPCMethod string
	// Route is the path template that the request matched, as in "/v1/things/{id}", or "/v1/things/{id=*}" for one that
	// was registered by hand. It is empty when none did.
	Route string
	// Err is the error as it was, with everything that the client was not shown.
	Err error
}

// observe tells the observer, if there is one, what was sent for err.
func (b *bridge) observe(ctx context.Context, r *http.Request, a answer, err error) {
	if b.observer == nil {
		return
	}
	o := Observation{HTTPStatus: a.httpStatus, GRPCCode: a.code, Err: err}
	o.RPCMethod, _ = runtime.RPCMethod(ctx)
	if route, ok := runtime.HTTPPathPattern(ctx); ok {
		o.Route = route
	} else if pattern, ok := runtime.HTTPPattern(r.Context()); ok {
		o.Route = pattern.String()
	}
	defer func() {
		if v := recover(); v != nil {
			grpclog.Errorf("gateway: the observer panicked: %v", v)
		}
	}()
	b.observer(ctx, o)
}
