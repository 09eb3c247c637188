package testkit

import (
	"context"
	"strconv"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
)

// Behaviour is what a method of the test service does before it returns. The method returns its error unchanged.
type Behaviour func(ctx context.Context) error

// ErrNotFound is a plain gRPC error with a message for the client.
var ErrNotFound = status.Error(codes.NotFound, "no such thing")

// Secret is a text that no REST client may read under a 5xx.
const Secret = "dial tcp 10.0.0.3:5432: connect: connection refused"

// StatusKey is the metadata key that carries the success status, as docs/services.md says.
const StatusKey = "statusbridge-http-status"

// Fails returns err.
func Fails(err error) Behaviour {
	return func(context.Context) error { return err }
}

// Sets sends header and trailer metadata and then returns err.
func Sets(header, trailer metadata.MD, err error) Behaviour {
	return func(ctx context.Context) error {
		if e := grpc.SetHeader(ctx, header); e != nil {
			return e
		}
		if e := grpc.SetTrailer(ctx, trailer); e != nil {
			return e
		}
		return err
	}
}

// Claims sends success statuses as metadata, as a service in another language does.
func Claims(httpStatuses ...string) Behaviour {
	return func(ctx context.Context) error {
		return grpc.SetHeader(ctx, metadata.MD{StatusKey: httpStatuses})
	}
}

// Claim is Claims for one status.
func Claim(httpStatus int) Behaviour {
	return Claims(strconv.Itoa(httpStatus))
}

// StreamBehaviour is what a server stream does: it sends as many messages as it wants and returns the stream's error.
type StreamBehaviour func(ctx context.Context, send func() error) error

// Sends sends a number of messages and then returns err.
func Sends(messages int, err error) StreamBehaviour {
	return func(_ context.Context, send func() error) error {
		for range messages {
			if err := send(); err != nil {
				return err
			}
		}
		return err
	}
}

// Endless sends messages and returns only when the call or the given context ends. It closes ended when it returns.
func Endless(test context.Context, messages int, ended chan<- struct{}) StreamBehaviour {
	return func(ctx context.Context, send func() error) error {
		defer close(ended)
		for range messages {
			if err := send(); err != nil {
				return err
			}
		}
		select {
		case <-ctx.Done():
		case <-test.Done():
		}
		return ctx.Err()
	}
}
