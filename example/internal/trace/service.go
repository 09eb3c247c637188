package trace

import (
	"context"

	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"
)

// ServerOption returns the option of a gRPC server that records its calls, and the errors that end them.
func (r *Recorder) ServerOption() grpc.ServerOption {
	return grpc.ChainUnaryInterceptor(
		func(ctx context.Context, request any, _ *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (any, error) {
			response, err := handler(ctx, request)
			for _, addr := range metadata.ValueFromIncomingContext(ctx, metadataKey) {
				r.record(addr, func(t *Trace) {
					t.Reached = true
					if err != nil {
						t.Cause = err.Error()
					}
				})
			}
			return response, err
		})
}
