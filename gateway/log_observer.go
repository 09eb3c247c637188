package gateway

import (
	"context"
	"log/slog"
	"net/http"
)

// LogObserver returns an observer for [WithObserver] that logs each error response with the original error. A 5xx is
// logged at level Error, a 4xx at Info, and a request whose client left at Debug. The attributes are http_status,
// grpc_code, origin and error, and if they are known rpc_method, route and client_gone. It panics if logger is nil.
func LogObserver(logger *slog.Logger) func(context.Context, Observation) {
	if logger == nil {
		panic("gateway: LogObserver(nil): nothing to log to")
	}
	return func(ctx context.Context, o Observation) {
		level := slog.LevelInfo
		switch {
		case o.ClientGone:
			level = slog.LevelDebug
		case o.HTTPStatus >= http.StatusInternalServerError:
			level = slog.LevelError
		}
		if !logger.Enabled(ctx, level) {
			return
		}
		attributes := []slog.Attr{
			slog.Int("http_status", o.HTTPStatus), slog.String("grpc_code", o.GRPCCode.String()),
			slog.String("origin", string(o.Origin)),
		}
		if o.RPCMethod != "" {
			attributes = append(attributes, slog.String("rpc_method", o.RPCMethod))
		}
		if o.Route != "" {
			attributes = append(attributes, slog.String("route", o.Route))
		}
		if o.ClientGone {
			attributes = append(attributes, slog.Bool("client_gone", true))
		}
		logger.LogAttrs(ctx, level, "request failed", append(attributes, slog.Any("error", o.Err))...)
	}
}
