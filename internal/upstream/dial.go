package upstream

import (
	"context"
	"errors"
	"io"
	"slices"

	"google.golang.org/grpc"
)

// DialOptions returns own and the options that collect evidence. They add a stats handler, and interceptors that wrap
// the errors of calls. A wrapped error is, to the packages status and errors, the error that it was.
//
// One pair of interceptors runs before the interceptors in own, and another pair after them. The second pair sees the
// call. The first pair sees the errors that the interceptors in own make themselves.
func DialOptions(own ...grpc.DialOption) []grpc.DialOption {
	outer := []grpc.DialOption{
		grpc.WithChainUnaryInterceptor(outerUnary),
		grpc.WithChainStreamInterceptor(outerStream),
	}
	inner := []grpc.DialOption{
		grpc.WithStatsHandler(collector{}),
		grpc.WithChainUnaryInterceptor(innerUnary),
		grpc.WithChainStreamInterceptor(innerStream),
	}
	return slices.Concat(outer, own, inner)
}

func innerUnary(
	ctx context.Context, method string, request, reply any, conn *grpc.ClientConn,
	invoke grpc.UnaryInvoker, options ...grpc.CallOption,
) error {
	c := &call{Context: ctx}
	if err := invoke(c, method, request, reply, conn, options...); err != nil {
		return c.failed(err)
	}
	return nil
}

func innerStream(
	ctx context.Context, desc *grpc.StreamDesc, conn *grpc.ClientConn, method string,
	open grpc.Streamer, options ...grpc.CallOption,
) (grpc.ClientStream, error) {
	c := &call{Context: ctx, streaming: desc.ServerStreams}
	stream, err := open(c, desc, conn, method, options...)
	if err != nil {
		return nil, c.failed(err)
	}
	return &watchedStream{ClientStream: stream, failed: c.failed}, nil
}

func outerUnary(
	ctx context.Context, method string, request, reply any, conn *grpc.ClientConn,
	invoke grpc.UnaryInvoker, options ...grpc.CallOption,
) error {
	if err := invoke(ctx, method, request, reply, conn, options...); err != nil {
		return intercepted(err)
	}
	return nil
}

func outerStream(
	ctx context.Context, desc *grpc.StreamDesc, conn *grpc.ClientConn, method string,
	open grpc.Streamer, options ...grpc.CallOption,
) (grpc.ClientStream, error) {
	stream, err := open(ctx, desc, conn, method, options...)
	if err != nil {
		return nil, intercepted(err)
	}
	if _, ok := stream.(*watchedStream); ok {
		return stream, nil // no interceptor can change its errors
	}
	return &watchedStream{ClientStream: stream, failed: intercepted}, nil
}

// watchedStream adds evidence to the errors of a stream.
type watchedStream struct {
	grpc.ClientStream
	failed func(error) error
}

func (s *watchedStream) RecvMsg(message any) error {
	return s.watch(s.ClientStream.RecvMsg(message))
}

func (s *watchedStream) SendMsg(message any) error {
	return s.watch(s.ClientStream.SendMsg(message))
}

func (s *watchedStream) watch(err error) error {
	if err == nil || errors.Is(err, io.EOF) {
		return err
	}
	return s.failed(err)
}
