package mapping

import (
	"context"
	"errors"
	"log/slog"
	"net/http"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"

	"github.com/statusbridge/statusbridge/internal/contract"
)

// Observer is called with each error of a handler, before the error is sent. method is the full name of the method,
// `/package.Service/Method`. cause is the error of the handler, and e is the Error that is sent. An observer may change
// e, as [HideText] does. It runs in the goroutine of the call.
type Observer func(ctx context.Context, method string, e *Error, cause error)

// ServerOptions returns options for a gRPC server. They send each error of a handler as [FromError] reads it, and call
// the observers in their order:
//
//	server := grpc.NewServer(mapping.ServerOptions(mapping.LogObserver(logger))...)
//
// A wrapped status is sent with its own code, message and details, without the text around it. Context errors are sent
// as DeadlineExceeded and Canceled. Other errors are sent with their text, as grpc-go does. The gateway's observer
// needs that text, and REST clients never read it. A status takes at most 4 KiB of trailers.
//
// The options contain a unary and a stream interceptor, which chain with others. Interceptors that you pass to
// grpc.NewServer before the options see the [Error] that is sent. Interceptors after them see the error of the handler.
func ServerOptions(observers ...Observer) []grpc.ServerOption {
	return []grpc.ServerOption{
		grpc.ChainUnaryInterceptor(func(
			ctx context.Context, request any, info *grpc.UnaryServerInfo, handler grpc.UnaryHandler,
		) (any, error) {
			response, err := handler(ctx, request)
			return response, outgoing(ctx, info.FullMethod, err, observers)
		}),
		grpc.ChainStreamInterceptor(func(
			server any, stream grpc.ServerStream, info *grpc.StreamServerInfo, handler grpc.StreamHandler,
		) error {
			return outgoing(stream.Context(), info.FullMethod, handler(server, stream), observers)
		}),
	}
}

// LogObserver returns an Observer that writes each error to a logger: a 5xx at level Error, and any other status at
// level Info. The attributes are method, code, status, message and cause.
func LogObserver(logger *slog.Logger) Observer {
	return func(ctx context.Context, method string, e *Error, cause error) {
		level := slog.LevelInfo
		if e.effectiveStatus() >= http.StatusInternalServerError {
			level = slog.LevelError
		}
		logger.LogAttrs(ctx, level, "call failed", slog.String("method", method), slog.Any("code", e.code()),
			slog.Int("status", e.HTTPStatus), slog.String("message", e.Message), slog.String("cause", cause.Error()))
	}
}

// HideText is an [Observer] that hides the text of plain errors from gRPC callers, who then read the documented
// sentence. All observers still receive the text in cause.
func HideText(_ context.Context, _ string, e *Error, _ error) {
	e.grpcMessage = ""
}

// outgoing returns the error that a server sends for the error of a handler.
func outgoing(ctx context.Context, method string, err error, observers []Observer) error {
	if err == nil {
		return nil
	}
	carrier, ok := err.(contract.Carrier) //nolint:errorlint // a wrapped status must not be sent
	if ok && len(observers) == 0 && !hidesResponse(carrier) {
		if st := carrier.GRPCStatus(); st.Code() != codes.OK && fits(st) {
			return err
		}
	}
	e := *FromError(err)
	if !contract.IsError(e.HTTPStatus) {
		e.cause = withMistake(notAnError(e.HTTPStatus), e.cause)
		e.HTTPStatus = e.effectiveStatus()
	}
	if e.isPlain(err) {
		e.grpcMessage = err.Error()
	}
	for _, observe := range observers {
		observe(ctx, method, &e, err)
	}
	return &e
}

// isPlain reports whether a service chose neither a status nor a code for the error. Its text is for gRPC callers.
func (e *Error) isPlain(err error) bool {
	_, chosen := errors.AsType[contract.Carrier](err)
	return !chosen && e.source != nil && e.source.status == nil && e.HTTPStatus >= http.StatusInternalServerError &&
		contract.HTTPStatus(e.code()) >= http.StatusInternalServerError
}
