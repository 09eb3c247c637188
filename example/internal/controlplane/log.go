package controlplane

import (
	"context"
	"errors"
	"log/slog"

	"google.golang.org/grpc"
)

// logCauses writes down the errors that a service knows the cause of: the cause never leaves the service, so the
// gateway cannot write it down.
func logCauses(log *slog.Logger) grpc.ServerOption {
	return grpc.ChainUnaryInterceptor(
		func(ctx context.Context, req any, info *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (any, error) {
			response, err := handler(ctx, req)
			if errors.Unwrap(err) != nil {
				log.InfoContext(ctx, "a service failed", "method", info.FullMethod, "error", err)
			}
			return response, err
		})
}
