package gateway

import (
	"context"
	"log/slog"
	"net/http"
)

// LogObserver is an observer that logs each answer with its error. Give it to [WithObserver]. What the client was not
// shown is in the log. A client that left is worth Debug, a 4xx Info, a 5xx Error. The attributes are http_status,
// grpc_code, origin, rpc_method and route, which are left out when empty, client_gone, which is when it is false, and
// error. It panics when logger is nil.
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
