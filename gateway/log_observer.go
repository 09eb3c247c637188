package gateway

import (
	"context"
	"log/slog"
	"net/http"
)

// LogObserver returns an observer for [WithObserver] that logs each error response with everything that the client does
// not see. A client that left is logged at level Debug, a 4xx at Info and a 5xx at Error. The attributes are
// http_status, grpc_code, origin, http_method, path, route, rpc_method, duration, reason, domain, request_id,
// client_gone and error. Empty ones are omitted. The path may contain data of users. It panics if logger is nil.
func LogObserver(logger *slog.Logger) func(context.Context, Observation) {
	if logger == nil {
		panic("gateway: LogObserver(nil): nothing to log to")
	}
	return func(ctx context.Context, o Observation) {
		level := slog.LevelInfo
		if o.HTTPStatus >= http.StatusInternalServerError {
			level = slog.LevelError
		}
		if o.ClientGone {
			level = slog.LevelDebug
		}
		if !logger.Enabled(ctx, level) {
			return
		}
		attributes := []slog.Attr{
			slog.Int("http_status", o.HTTPStatus), slog.String("grpc_code", o.GRPCCode.String()),
			slog.String("origin", string(o.Origin)),
		}
		for _, text := range []struct{ name, value string }{
			{"http_method", o.HTTPMethod}, {"path", o.Path}, {"route", o.Route}, {"rpc_method", o.RPCMethod},
			{"reason", o.Reason}, {"domain", o.Domain}, {"request_id", o.RequestID},
		} {
			if text.value != "" {
				attributes = append(attributes, slog.String(text.name, text.value))
			}
		}
		if o.Duration > 0 {
			attributes = append(attributes, slog.Duration("duration", o.Duration))
		}
		if o.ClientGone {
			attributes = append(attributes, slog.Bool("client_gone", true))
		}
		logger.LogAttrs(ctx, level, "request failed", append(attributes, slog.Any("error", o.Err))...)
	}
}
