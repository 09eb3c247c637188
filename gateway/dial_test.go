package gateway_test

import (
	"context"
	"errors"
	"net/http"
	"testing"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"

	"github.com/statusbridge/statusbridge/gateway"
	"github.com/statusbridge/statusbridge/internal/fault"
	"github.com/statusbridge/statusbridge/internal/probe"
	"github.com/statusbridge/statusbridge/internal/probe/probev1"
	"github.com/statusbridge/statusbridge/mapping"
)

// refusesAsPage is a proxy that refuses with a page of HTML.
func refusesAsPage(s *fault.Stream) {
	s.Headers(":status", "401", "content-type", "text/html")
	s.LastData([]byte(marker))
}

func clientOf(t *testing.T, u upstream, options ...grpc.DialOption) probev1.ProbeServiceClient {
	t.Helper()
	conn, err := grpc.NewClient(u.address, append(options, grpc.WithTransportCredentials(u.credentials))...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return probev1.NewProbeServiceClient(conn)
}

// TestOwnCall has middleware, and a handler of its own, ask a service over a channel with DialOptions and answer with
// the error of that call. What a proxy in front of that service says is not about the caller (DESIGN 2.6).
func TestOwnCall(t *testing.T) {
	client := clientOf(t, listen(t, false, fault.HTTP2(refusesAsPage)), gateway.DialOptions()...)
	ask := func(r *http.Request) error {
		_, err := client.Get(r.Context(), &probev1.GetRequest{})
		return err
	}
	var n notebook
	mux := runtime.NewServeMux(probe.Bridge(gateway.New(gateway.WithObserver(n.observe))))
	for path, answer := range map[string]func(http.ResponseWriter, *http.Request, error){
		"/written": gateway.New().WriteError,
		"/mux": func(w http.ResponseWriter, r *http.Request, err error) {
			runtime.HTTPError(r.Context(), mux, &runtime.JSONPb{}, w, r, err)
		},
	} {
		err := mux.HandlePath(http.MethodGet, path, func(w http.ResponseWriter, r *http.Request, _ map[string]string) {
			answer(w, r, ask(r))
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	front := gateway.New(gateway.WithObserver(n.observe)).Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		gateway.New().WriteError(w, r, ask(r))
	}))
	for name, base := range map[string]string{"/written": serveMux(t, mux), "/mux": serveMux(t, mux), "/front": serveMux(t, front)} {
		t.Run(name, func(t *testing.T) {
			n.seen = nil
			r := call{path: name}.to(t, base)
			r.wantError(t, 502, "", "")
			if o := n.one(t); o.Origin != gateway.OriginUpstream {
				t.Errorf("origin %q", o.Origin)
			}
		})
	}
}

// hidden is an error of a user's own, with a status that is not that of its cause.
type hidden struct{ cause error }

func (h hidden) Error() string              { return "no such thing here" }
func (h hidden) Unwrap() error              { return h.cause }
func (h hidden) GRPCStatus() *status.Status { return status.New(codes.NotFound, h.Error()) }

// TestTranslatingInterceptor has an interceptor in front of DialOptions, as their documentation asks, answer for a
// failed call with an error of its own that wraps it. The error is then the interceptor's and not the call's.
func TestTranslatingInterceptor(t *testing.T) {
	for name, translate := range map[string]func(error) error{
		"mapping.Errorf": func(err error) error { return mapping.Errorf(404, "no such thing here: %w", err) },
		"own type":       func(err error) error { return hidden{err} },
	} {
		t.Run(name, func(t *testing.T) {
			theirs := []grpc.DialOption{
				grpc.WithChainUnaryInterceptor(func(ctx context.Context, method string, in, out any, conn *grpc.ClientConn, invoke grpc.UnaryInvoker, options ...grpc.CallOption) error {
					return translate(invoke(ctx, method, in, out, conn, options...))
				}),
			}
			var n notebook
			mux := runtime.NewServeMux(probe.Bridge(gateway.New(gateway.WithObserver(n.observe))))
			dialUpstream(t, listen(t, false, fault.HTTP2(refusesAsPage)), mux, gateway.DialOptions(theirs...)...)
			call{}.to(t, serveMux(t, mux)).wantError(t, 404, "no such thing here", "")
			if o := n.one(t); o.Origin != gateway.OriginGateway {
				t.Errorf("origin %q", o.Origin)
			}
		})
	}
}

// TestTranslatedSend has such an interceptor answer for a message that could not be sent.
func TestTranslatedSend(t *testing.T) {
	for name, c := range map[string]struct {
		dial   []grpc.DialOption
		status int
		origin gateway.Origin
	}{
		"with DialOptions": {gateway.DialOptions(), 500, gateway.OriginGateway},
		// Without evidence, a unary call that no connection took is that of a service in this process.
		"without": {nil, 500, gateway.OriginBackend},
	} {
		t.Run(name, func(t *testing.T) {
			var n notebook
			mux := runtime.NewServeMux(probe.Bridge(gateway.New(gateway.WithObserver(n.observe))))
			dialUpstream(t, listen(t, false, fault.HTTP2(succeed)), mux, append([]grpc.DialOption{
				grpc.WithDefaultCallOptions(grpc.MaxCallSendMsgSize(1)),
				grpc.WithChainStreamInterceptor(func(ctx context.Context, desc *grpc.StreamDesc, conn *grpc.ClientConn, method string, open grpc.Streamer, options ...grpc.CallOption) (grpc.ClientStream, error) {
					stream, err := open(ctx, desc, conn, method, options...)
					return translatingStream{stream}, err
				}),
			}, c.dial...)...)
			r := call{method: http.MethodPost, path: "/v1/uploads", body: `{"part":"longer than the limit"}`}.to(t, serveMux(t, mux))
			r.wantError(t, c.status, "", "")
			if o := n.one(t); o.Origin != c.origin {
				t.Errorf("origin %q of %v", o.Origin, o.Err)
			}
		})
	}
}

// translatingStream takes what is too large to send for a defect of the gateway's.
type translatingStream struct{ grpc.ClientStream }

func (s translatingStream) SendMsg(message any) error {
	if err := s.ClientStream.SendMsg(message); status.Code(err) == codes.ResourceExhausted {
		return unsent{hidden{err}}
	}
	return nil
}

type unsent struct{ hidden }

func (unsent) GRPCStatus() *status.Status { return status.New(codes.Internal, "the part was not sent") }

// TestRetryEndsByDeadline has the deadline pass while grpc-go waits to try again. The status is made on this side;
// what the attempt before had been answered with does not count.
func TestRetryEndsByDeadline(t *testing.T) {
	service := &probe.Service{}
	service.Behave(fails(status.Error(codes.Unavailable, "busy")))
	for route, c := range map[string]call{unary: {header: http.Header{"Grpc-Timeout": {"300m"}}}} {
		t.Run(route, func(t *testing.T) {
			var n notebook
			mux := runtime.NewServeMux(probe.Bridge(gateway.New(gateway.WithObserver(n.observe))))
			retry := grpc.WithDefaultServiceConfig(`{"methodConfig":[{"name":[{}],"retryPolicy":{"maxAttempts":2,"initialBackoff":"60s","maxBackoff":"60s","backoffMultiplier":1,"retryableStatusCodes":["UNAVAILABLE"]}}]}`)
			dialUpstream(t, upstream{probe.Serve(t, service), insecure.NewCredentials()}, mux, gateway.DialOptions(retry)...)
			c.to(t, serveMux(t, mux)).wantError(t, 504, "", "")
			if o := n.one(t); o.Origin != gateway.OriginUpstream {
				t.Errorf("origin %q of %v", o.Origin, o.Err)
			}
		})
	}
}

// TestErrorsOfCalls reads errors of calls as user code does.
func TestErrorsOfCalls(t *testing.T) {
	service := &probe.Service{}
	sent := status.Error(codes.NotFound, "no such thing")
	service.Behave(fails(sent))
	client := clientOf(t, upstream{probe.Serve(t, service), insecure.NewCredentials()}, gateway.DialOptions()...)
	_, err := client.Get(t.Context(), &probev1.GetRequest{})
	if !errors.Is(err, sent) || status.Code(err) != codes.NotFound || err.Error() != sent.Error() {
		t.Errorf("%v", err)
	}
	if st, ok := status.FromError(err); !ok || st.Message() != "no such thing" {
		t.Errorf("%v %v", st, ok)
	}
}
