package statusconnect

import (
	"context"

	"connectrpc.com/connect"
	"google.golang.org/grpc"
)

// Interceptor returns an interceptor for connect-go handlers. It does two things.
//
// Errors: if a handler returns a [mapping.Error] or an error with a grpc-go status, also a wrapped one, the caller
// receives the status that [mapping.FromError] reads. A *connect.Error is sent unchanged, with two exceptions. One that
// is larger than 4 KiB is shortened as [mapping.Error.GRPCStatus] documents. One with code 0 becomes Internal. All
// other Go errors get the code and the text that connect-go gives them.
//
// Successes: [mapping.SetHTTPStatus] works with the context of a handler. In a stream, call it before the first
// message.
//
// Clients are not affected, so clients and handlers may share the interceptor.
func Interceptor() connect.Interceptor {
	return interceptor{}
}

type interceptor struct{}

func (interceptor) WrapUnary(next connect.UnaryFunc) connect.UnaryFunc {
	return func(ctx context.Context, request connect.AnyRequest) (connect.AnyResponse, error) {
		if request.Spec().IsClient {
			return next(ctx, request)
		}
		if info, ok := connect.CallInfoForHandlerContext(ctx); ok {
			h := &headers{method: info.Spec().Procedure, header: info.ResponseHeader}
			ctx = grpc.NewContextWithServerTransportStream(ctx, h)
		}
		response, err := next(ctx, request)
		return response, outgoing(err)
	}
}

func (interceptor) WrapStreamingClient(next connect.StreamingClientFunc) connect.StreamingClientFunc {
	return next
}

func (interceptor) WrapStreamingHandler(next connect.StreamingHandlerFunc) connect.StreamingHandlerFunc {
	return func(ctx context.Context, conn connect.StreamingHandlerConn) error {
		h := &headers{method: conn.Spec().Procedure, header: conn.ResponseHeader}
		ctx = grpc.NewContextWithServerTransportStream(ctx, h)
		return outgoing(next(ctx, sendingConn{conn, h}))
	}
}

// sendingConn records that the first message, and the response headers with it, have been sent.
type sendingConn struct {
	connect.StreamingHandlerConn
	headers *headers
}

func (c sendingConn) Send(message any) error {
	c.headers.sent.Store(true)
	return c.StreamingHandlerConn.Send(message)
}
