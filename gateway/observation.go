package gateway

import (
	"context"
	"net/http"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/grpclog"
)

// Observation is what an observer learns of one answer that is not a plain success.
type Observation struct {
	// HTTPStatus is the status that was sent, or, for a stream that failed after its first message, that would have been.
	HTTPStatus int
	// GRPCCode is the code of the error. For an error of routing it is the code that the status is read as.
	GRPCCode codes.Code
	// Origin says who made the status. With HTTPStatus it says whose fault the error is.
	Origin Origin
	// RPCMethod is the method that the request was bound to, as in "/package.Service/Method". It is empty when the
	// request was refused before.
	RPCMethod string
	// Route is the path template that the request matched, as in "/v1/things/{id}", or "/v1/things/{id=*}" for one that
	// was registered by hand. It is empty when none did.
	Route string
	// ClientGone reports that the client had left before the answer was ready, so that nobody reads the status.
	ClientGone bool
	// Err is the error as it was, with everything that the client was not shown.
	Err error
}

// observe tells the observers what was sent for err.
func (b *bridge) observe(ctx context.Context, r *http.Request, a *answer, err error) {
	if len(b.observers) == 0 {
		return
	}
	o := Observation{HTTPStatus: a.httpStatus, GRPCCode: a.code, Origin: a.origin, Err: err}
	// A deadline ends the context too, and so may a server that stops and middleware; net/http gives no cause.
	o.ClientGone = context.Cause(r.Context()) == context.Canceled //nolint:errorlint // what wraps it is a cause
	o.RPCMethod, _ = runtime.RPCMethod(ctx)
	if route, ok := runtime.HTTPPathPattern(ctx); ok {
		o.Route = route
	} else if pattern, ok := runtime.HTTPPattern(r.Context()); ok {
		o.Route = pattern.String()
	}
	for _, observe := range b.observers {
		observe.call(ctx, o)
	}
}

type observer func(context.Context, Observation)

// call keeps a panic from the request, which has been answered.
func (observe observer) call(ctx context.Context, o Observation) {
	defer func() {
		if v := recover(); v != nil {
			grpclog.Errorf("gateway: an observer panicked: %v", v)
		}
	}()
	observe(ctx, o)
}
