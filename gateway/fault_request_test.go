package gateway_test

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/statusbridge/statusbridge/gateway"
	"github.com/statusbridge/statusbridge/internal/fault"
	"github.com/statusbridge/statusbridge/internal/probe"
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
		{
			name: "a compressor that the gateway does not have", answer: succeed,
			dial:   []grpc.DialOption{grpc.WithDefaultCallOptions(grpc.UseCompressor("lz4"))},
			status: 500, origin: gateway.OriginGateway, text: "Compressor is not installed", stock: 500,
		},
	})
}

// TestFaultLikeRequest has a backend fail with a text that ends as grpc-go's of such a parameter does. It is the backend's.
func TestFaultLikeRequest(t *testing.T) {
	runIncidents(t, fromBackend("a stored text", codes.Internal, "the stored name is invalid UTF-8"))
}

// TestFaultRequestHeaders sends a backend more metadata than it takes, which the client of gRPC refuses to.
func TestFaultRequestHeaders(t *testing.T) {
	service := &probe.Service{}
	address := probe.Serve(t, service, grpc.MaxHeaderListSize(1<<10))
	for name, dial := range map[string][]grpc.DialOption{"with DialOptions": gateway.DialOptions(), "without": nil} {
		for route, c := range map[string]call{unary: {}, stream: watch} {
			t.Run(name+"/"+route, func(t *testing.T) {
				var n notebook
				base := serveMux(t, probe.Connect(t, address, runtime.NewServeMux(probe.Bridge(gateway.New(gateway.WithObserver(n.observe)))), dial...))
				if r := c.to(t, base); r.status != 200 { // the connection knows the limit from now on
					t.Fatalf("answered %d %s", r.status, r.body)
				}
				c.header = http.Header{"Cookie": {strings.Repeat("x", 2<<10)}}
				c.to(t, base).wantError(t, 400, "the headers of the request are too large", "")
				if o := n.one(t); o.Origin != gateway.OriginRequest || !strings.Contains(o.Err.Error(), "header list size to send") {
					t.Errorf("observed %s %v", o.Origin, o.Err)
				}
			})
		}
	}
}

// TestFaultInterceptor has an interceptor of the user's refuse a call. The status table decides, whatever the order of
// the options. The origin is the gateway if DialOptions know the interceptor.
func TestFaultInterceptor(t *testing.T) {
	for code, want := range map[codes.Code]struct {
		status  int
		message string
	}{
		codes.PermissionDenied:   {403, "no entry"},
		codes.Unauthenticated:    {401, "no entry"},
		codes.ResourceExhausted:  {503, ""},
		codes.Unimplemented:      {501, ""},
		codes.FailedPrecondition: {409, "no entry"},
		codes.InvalidArgument:    {400, "no entry"},
		codes.Internal:           {500, ""},
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
			"after DialOptions":    append(append([]grpc.DialOption{}, ours...), theirs...),
			"before DialOptions":   append(append([]grpc.DialOption{}, theirs...), ours...),
			"given to DialOptions": gateway.DialOptions(theirs...),
			"without DialOptions":  theirs,
		} {
			for route, c := range map[string]call{unary: {}, stream: watch} {
				t.Run(code.String()+"/"+order+"/"+route, func(t *testing.T) {
					var n notebook
					mux := runtime.NewServeMux(probe.Bridge(gateway.New(gateway.WithObserver(n.observe))))
					dialUpstream(t, listen(t, false, fault.HTTP2(succeed)), mux, dial...)
					c.to(t, serveMux(t, mux)).wantError(t, want.status, want.message, "")
					o := n.one(t)
					seen := order == "after DialOptions" || order == "given to DialOptions"
					if seen && o.Origin != gateway.OriginGateway || o.Origin == gateway.OriginUpstream {
						t.Errorf("observed the origin %v", o.Origin)
					}
				})
			}
		}
	}
}
