package controlplane

import (
	"context"
	"errors"
	"log/slog"

	"google.golang.org/grpc"

	"github.com/statusbridge/statusbridge/gateway"
)

// logAnswers writes down every error that the REST API answers with, and what the client was not shown of it.
func logAnswers(log *slog.Logger) gateway.Option {
	return gateway.WithObserver(func(ctx context.Context, o gateway.Observation) {
		log.InfoContext(ctx, "answered with an error",
			"status", o.HTTPStatus, "code", o.GRPCCode.String(), "route", o.Route, "error", o.Err)
	})
}

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
