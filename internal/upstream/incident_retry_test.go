package upstream_test

import (
	"context"
	"fmt"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/stats"
	"google.golang.org/grpc/status"
)

// ends is a stats handler that calls a function at the end of each attempt.
type ends struct{ call func() }

func (ends) TagRPC(ctx context.Context, _ *stats.RPCTagInfo) context.Context   { return ctx }
func (ends) TagConn(ctx context.Context, _ *stats.ConnTagInfo) context.Context { return ctx }
func (ends) HandleConn(context.Context, stats.ConnStats)                       {}

func (e ends) HandleRPC(_ context.Context, event stats.RPCStats) {
	if _, ok := event.(*stats.End); ok {
		e.call()
	}
}

// TestIncidentsOfRetries has grpc-go repeat a call. The evidence is that of the last attempt.
func TestIncidentsOfRetries(t *testing.T) {
	busy := returns(status.Error(codes.Unavailable, "busy"))
	retry := func(wait string) grpc.DialOption {
		return grpc.WithDefaultServiceConfig(fmt.Sprintf(`{"methodConfig":[{"name":[{}],"retryPolicy":{"maxAttempts":2,
			"initialBackoff":%q,"maxBackoff":%q,"backoffMultiplier":1,"retryableStatusCodes":["UNAVAILABLE"]}}]}`,
			wait, wait))
	}
	play(t, []incident{
		{
			name: "busy twice", server: busy, want: always("503 backend"),
			dial: func(func()) []grpc.DialOption { return []grpc.DialOption{retry("0.001s")} },
		},
		{
			// grpc-go returns the error of the first attempt to a stream, and its own to a unary call.
			name: "the client leaves before the second attempt", server: busy,
			want: diagnoses{"503 upstream", "503 backend", "503 upstream", "503 backend"},
			dial: func(leave func()) []grpc.DialOption {
				return []grpc.DialOption{retry("600s"), grpc.WithStatsHandler(ends{leave})}
			},
		},
	})
}
