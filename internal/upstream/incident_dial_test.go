package upstream_test

import (
	"context"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
)

// intercepting returns a user's interceptors. Before a call they call before, which may refuse it. After the call they
// translate its error.
func intercepting(
	before func(context.Context, *grpc.ClientConn) (context.Context, error), translate func(error) error,
) []grpc.DialOption {
	return []grpc.DialOption{
		grpc.WithChainUnaryInterceptor(func(ctx context.Context, method string, in, out any, conn *grpc.ClientConn,
			invoke grpc.UnaryInvoker, options ...grpc.CallOption) error {
			ctx, err := before(ctx, conn)
			if err != nil {
				return err
			}
			return translate(invoke(ctx, method, in, out, conn, options...))
		}),
		grpc.WithChainStreamInterceptor(func(ctx context.Context, desc *grpc.StreamDesc, conn *grpc.ClientConn,
			method string, open grpc.Streamer, options ...grpc.CallOption) (grpc.ClientStream, error) {
			ctx, err := before(ctx, conn)
			if err != nil {
				return nil, err
			}
			stream, err := open(ctx, desc, conn, method, options...)
			return translatedStream{stream, translate}, err
		}),
	}
}

type translatedStream struct {
	grpc.ClientStream

	translate func(error) error
}

func (s translatedStream) RecvMsg(message any) error {
	return s.translate(s.ClientStream.RecvMsg(message))
}

func unchanged(err error) error { return err }

func pass(ctx context.Context, _ *grpc.ClientConn) (context.Context, error) { return ctx, nil }

// closing closes the connection before each call.
func closing(func()) []grpc.DialOption {
	return intercepting(func(ctx context.Context, conn *grpc.ClientConn) (context.Context, error) {
		_ = conn.Close()
		return ctx, nil
	}, unchanged)
}

// adding adds metadata to each call.
func adding(pairs ...string) func(func()) []grpc.DialOption {
	return func(func()) []grpc.DialOption {
		return intercepting(func(ctx context.Context, _ *grpc.ClientConn) (context.Context, error) {
			return metadata.AppendToOutgoingContext(ctx, pairs...), nil
		}, unchanged)
	}
}

// refusing refuses each call.
func refusing(func()) []grpc.DialOption {
	return intercepting(func(ctx context.Context, _ *grpc.ClientConn) (context.Context, error) {
		return ctx, status.Error(codes.PermissionDenied, "no entry")
	}, unchanged)
}

// translating replaces each NotFound.
func translating(func()) []grpc.DialOption {
	return intercepting(pass, func(err error) error {
		if status.Code(err) == codes.NotFound {
			return status.Error(codes.PermissionDenied, "no entry")
		}
		return err
	})
}
