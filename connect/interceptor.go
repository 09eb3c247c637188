package statusconnect

import (
	"context"

	"connectrpc.com/connect"
	"google.golang.org/grpc"
)

// Interceptor returns an interceptor for connect-go handlers. It has two effects.
//
// It sends the gRPC status of an error as [mapping.FromError] reads it: that of a mapping.Error or of a grpc-go status,
// also if it is wrapped. It does not change a *connect.Error of the handler, except that one that is larger than 4 KiB
// is cut as [mapping.Error.GRPCStatus] documents, and that one with code 0 becomes Internal. All other Go errors keep
// the code and the text that connect-go gives them.
//
// It makes [mapping.SetHTTPStatus] work with the context of a handler. In a stream, call it before the first message.
//
// Clients are not affected, so the interceptor can be shared between clients and handlers.
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

// sendingConn notes that the response headers are sent with the first message.
type sendingConn struct {
	connect.StreamingHandlerConn
	headers *headers
}

func (c sendingConn) Send(message any) error {
	c.headers.sent.Store(true)
	return c.StreamingHandlerConn.Send(message)
}
