package mapping

import (
	"context"

	"google.golang.org/grpc"

	"github.com/statusbridge/statusbridge/internal/contract"
)

// ServerOptions returns the options of a gRPC server whose handlers' errors leave as [FromError] reads them: a status
// that was wrapped leaves as it is and not as the text around it, a context's error as DeadlineExceeded or Canceled,
// any other error without its text, and none beyond 4 KiB of trailers. A status that a handler made on purpose is not
// altered, unless it is larger than that.
//
//	server := grpc.NewServer(mapping.ServerOptions()...)
//
// They are a unary and a stream interceptor, and chain with others. One that is given before them sees the [Error]
// that is sent, with what the handler returned as its cause; one that is given after them sees what the handler
// returned.
func ServerOptions() []grpc.ServerOption {
	return []grpc.ServerOption{
		grpc.ChainUnaryInterceptor(func(ctx context.Context, request any, _ *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (any, error) {
			response, err := handler(ctx, request)
			return response, outgoing(err)
		}),
		grpc.ChainStreamInterceptor(func(server any, stream grpc.ServerStream, _ *grpc.StreamServerInfo, handler grpc.StreamHandler) error {
			return outgoing(handler(server, stream))
		}),
	}
}

// outgoing is the error that a server sends for what a handler returned.
func outgoing(err error) error {
	if err == nil {
		return nil
	}
	if carrier, ok := err.(contract.Carrier); ok { //nolint:errorlint // only what is not wrapped is right as it is
		if st := carrier.GRPCStatus(); st.Code() != 0 && fits(st) {
			return err
		}
	}
	return FromError(err)
}
