package gateway

import (
	"context"
	"net/http"
	"time"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/grpclog"

	"github.com/statusbridge/statusbridge/internal/exchange"
)

// Observation describes one error response to an observer.
type Observation struct {
	// HTTPStatus is the status that was sent. For a stream that failed after its first message, it is the status in the
	// last chunk.
	HTTPStatus int
	// GRPCCode is the code of the error. For an error of routing it is the code of the status, as mapping.GRPCCode
	// returns it.
	GRPCCode codes.Code
	// Origin says who made the status. Together with HTTPStatus it says who caused the error.
	Origin Origin
	// HTTPMethod and Path are the method and the path of the request. Path is not escaped, and may contain data of
	// users.
	HTTPMethod, Path string
	// Route is the path template that the request matched, such as "/v1/things/{id}", or "/v1/things/{id=*}" for a
	// route that was registered by hand. It is empty if the request matched none.
	Route string
	// RPCMethod is the method that the request was bound to, such as "/package.Service/Method". It is empty if the
	// request was refused before.
	RPCMethod string
	// Duration is the time since the request reached the Handler, or else the mux. It is 0 outside of both.
	Duration time.Duration
	// Reason and Domain are the members of a google.rpc.ErrorInfo detail of the error, or empty.
	Reason, Domain string
	// RequestID is the id in a google.rpc.RequestInfo detail of the error, or empty.
	RequestID string
	// ClientGone reports that the client had left before the response was ready, so that nobody reads the status.
	ClientGone bool
	// Err is the error with everything that the client does not see.
	Err error
}

// observe tells the observers about the response to err.
func (b *Bridge) observe(ctx context.Context, r *http.Request, f *failure, err error) {
	if len(b.observers) == 0 {
		return
	}
	o := Observation{
		HTTPStatus: f.httpStatus, GRPCCode: f.code, Origin: f.origin, HTTPMethod: r.Method, Err: err,
		Reason: f.reason, Domain: f.domain, RequestID: f.requestID,
	}
	if r.URL != nil {
		o.Path = r.URL.Path
	}
	if x := exchange.From(ctx); x != nil {
		if start := x.Start(); !start.IsZero() {
			o.Duration = time.Since(start)
		}
		if x.Head() {
			o.HTTPMethod = http.MethodHead
		}
	}
	// A deadline ends the context as well, and so may a server that stops. net/http gives no cause for a client that
	// left. An error that wraps context.Canceled is a cause.
	o.ClientGone = context.Cause(r.Context()) == context.Canceled //nolint:errorlint // see above
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

// call recovers from a panic of the observer: the response has been written.
func (observe observer) call(ctx context.Context, o Observation) {
	defer func() {
		if v := recover(); v != nil {
			grpclog.Errorf("gateway: an observer panicked: %v", v)
		}
	}()
	observe(ctx, o)
}
