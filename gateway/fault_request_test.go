package gateway_test

import (
	"context"
	"net/http"
	"testing"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/statusbridge/statusbridge/gateway"
	"github.com/statusbridge/statusbridge/internal/fault"
)

// succeed is a plain success.
func succeed(s *fault.Stream) {
	s.Begin()
	s.Data(anyReply)
	s.Trailers("grpc-status", "0")
}

// TestFaultRequest is about requests that the gateway cannot send on: their own fault, not the upstream's.
func TestFaultRequest(t *testing.T) {
	runIncidents(t, []incident{
		{
			name: "over the limit of what is sent", answer: succeed,
			dial:   []grpc.DialOption{grpc.WithDefaultCallOptions(grpc.MaxCallSendMsgSize(1))},
			status: 400, message: anyMessage, origin: gateway.OriginRequest, text: "trying to send message larger than max", stock: 429,
		},
		{
			// grpc-gateway takes the text as it is, and a proto may not hold it.
			name: "a parameter that is not UTF-8", answer: succeed, only: unary,
			unary:  call{method: http.MethodPatch, path: "/v1/things/1?updateMask=%ff", body: "{}"},
			status: 400, message: anyMessage, origin: gateway.OriginRequest, text: "invalid UTF-8", stock: 500,
		},
	})
}

// TestFaultInterceptor has an interceptor of the user's refuse a call by itself. What it says follows the table, in
// whatever order the options were given.
func TestFaultInterceptor(t *testing.T) {
	for code, want := range map[codes.Code]struct {
		status  int
		message string
		unseen  int // where DialOptions does not see it
	}{
		codes.PermissionDenied:   {403, "no entry", 403},
		codes.Unauthenticated:    {401, "no entry", 401},
		codes.ResourceExhausted:  {503, "", 503},
		codes.Unimplemented:      {501, "", 501},
		codes.FailedPrecondition: {409, "no entry", 409},
		codes.InvalidArgument:    {400, "no entry", 400},
		// grpc-go's client says Internal of most replies that it cannot make sense of, and without any metadata.
		codes.Internal: {500, "", 502},
	} {
		refusal := status.Error(code, "no entry")
		ours := gateway.DialOptions()
		theirs := []grpc.DialOption{
			grpc.WithChainUnaryInterceptor(func(context.Context, string, any, any, *grpc.ClientConn, grpc.UnaryInvoker, ...grpc.CallOption) error {
				return refusal
			}),
			grpc.WithChainStreamInterceptor(func(context.Context, *grpc.StreamDesc, *grpc.ClientConn, string, grpc.Streamer, ...grpc.CallOption) (grpc.ClientStream, error) {
				return nil, refusal
			}),
		}
		for order, dial := range map[string][]grpc.DialOption{
			"behind DialOptions":      append(append([]grpc.DialOption{}, ours...), theirs...),
			"in front of DialOptions": append(append([]grpc.DialOption{}, theirs...), ours...),
			"without DialOptions":     theirs,
		} {
			for route, c := range map[string]call{unary: {}, stream: watch} {
				t.Run(code.String()+"/"+order+"/"+route, func(t *testing.T) {
					var n notebook
					mux := runtime.NewServeMux(gateway.Bridge(gateway.WithObserver(n.observe)))
					dialUpstream(t, listen(t, false, fault.HTTP2(succeed)), mux, dial...)
					httpStatus := want.unseen
					if order == "behind DialOptions" {
						httpStatus = want.status
					}
					c.to(t, serveMux(t, mux)).wantError(t, httpStatus, want.message, "")
					o := n.one(t)
					if order == "behind DialOptions" && o.Origin != gateway.OriginGateway {
						t.Errorf("observed the origin %v", o.Origin)
					}
					if o.Origin == gateway.OriginUpstream && httpStatus != 502 {
						t.Error("observed that the upstream is to blame, which was not asked")
					}
				})
			}
		}
	}
}
