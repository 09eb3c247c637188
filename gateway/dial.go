package gateway

import (
	"context"
	"errors"
	"io"
	"slices"

	"google.golang.org/grpc"
)

// DialOptions make a ClientConn tell the handlers of this package what happened to a call that failed: whether the
// backend sent the status, and if not, how far the call came. Give them to [grpc.NewClient], or to the registration
// from an endpoint:
//
//	conn, err := grpc.NewClient(target, append(gateway.DialOptions(), credentials)...)
//
// They add a stats handler, and interceptors that wrap the errors of calls; a wrapped error is, to the status and errors
// packages, the error that it was. Place them after options that add interceptors of your own, whose errors are then
// theirs and not the backend's.
//
// Without them the handlers go by what grpc-gateway tells them. A unary call over the network that failed without any
// metadata was not answered by the backend; but credentials that fail with a status of their own are then taken for an
// interceptor that refuses the call, and an interceptor's Internal for the connection. Of streams, and of replies that
// failed after their header metadata had come, the text of grpc-go's errors is all that tells them from the backend's
// own. The page docs/origin.md has what follows.
func DialOptions(own ...grpc.DialOption) []grpc.DialOption {
	return append(slices.Clone(own),
		grpc.WithStatsHandler(evidenceCollector{}),
		grpc.WithChainUnaryInterceptor(interceptUnary),
		grpc.WithChainStreamInterceptor(interceptStream),
	)
}

func interceptUnary(ctx context.Context, method string, request, reply any, conn *grpc.ClientConn, invoke grpc.UnaryInvoker, options ...grpc.CallOption) error {
	c := &upstreamCall{Context: ctx}
	if err := invoke(c, method, request, reply, conn, options...); err != nil {
		return c.failed(err, nil)
	}
	return nil
}

func interceptStream(ctx context.Context, desc *grpc.StreamDesc, conn *grpc.ClientConn, method string, open grpc.Streamer, options ...grpc.CallOption) (grpc.ClientStream, error) {
	c := &upstreamCall{Context: ctx}
	if desc.ServerStreams {
		c.evidence.Store(uint32(streaming))
	}
	stream, err := open(c, desc, conn, method, options...)
	if err != nil {
		return nil, c.failed(err, nil)
	}
	return &upstreamStream{ClientStream: stream, call: c}, nil
}

type upstreamStream struct {
	grpc.ClientStream
	call *upstreamCall
}

func (s *upstreamStream) RecvMsg(message any) error {
	err := s.ClientStream.RecvMsg(message)
	if err == nil || errors.Is(err, io.EOF) {
		return err
	}
	return s.call.failed(err, s.Trailer())
}

func (s *upstreamStream) SendMsg(message any) error {
	err := s.ClientStream.SendMsg(message)
	if err == nil || errors.Is(err, io.EOF) {
		return err
	}
	return s.call.failed(err, nil)
}
