package gateway_test

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/statusbridge/statusbridge/gateway"
	"github.com/statusbridge/statusbridge/internal/testkit"
	"github.com/statusbridge/statusbridge/internal/testkit/badpeer"
	"github.com/statusbridge/statusbridge/internal/testkit/testkitv1"
)

// directClient is a client without a connection, as in-process channels and hand-written clients are.
type directClient struct {
	testkitv1.ThingServiceClient
	err error
}

func (c directClient) Get(
	context.Context, *testkitv1.GetRequest, ...grpc.CallOption,
) (*testkitv1.GetResponse, error) {
	return nil, c.err
}

func (c directClient) Watch(
	context.Context, *testkitv1.WatchRequest, ...grpc.CallOption,
) (grpc.ServerStreamingClient[testkitv1.WatchResponse], error) {
	return nil, c.err
}

// TestDirectClient registers a client that is no connection: its statuses are the service's (docs/origin.md).
func TestDirectClient(t *testing.T) {
	for code, want := range codeStatuses {
		for route, c := range map[string]call{unary: {}, stream: watch} {
			t.Run(code.String()+"/"+route, func(t *testing.T) {
				var n notebook
				mux := gateway.New(gateway.WithObserver(n.observe)).NewServeMux()
				client := directClient{err: status.Error(codes.Code(code), "its own text")}
				if err := testkitv1.RegisterThingServiceHandlerClient(t.Context(), mux, client); err != nil {
					t.Fatal(err)
				}
				message := ""
				if want.status < 500 {
					message = "its own text"
				}
				c.To(t, testkit.Serve(t, mux)).WantError(t, want.status, message, "")
				if o := n.one(t); o.Origin != gateway.OriginBackend {
					t.Errorf("origin %q", o.Origin)
				}
			})
		}
	}
}

// TestRefusedMetadata has an HTTP request whose headers become metadata that grpc-go refuses to send: 400.
func TestRefusedMetadata(t *testing.T) {
	for name, dial := range map[string][]grpc.DialOption{"with DialOptions": gateway.DialOptions(), "without": nil} {
		for route, c := range map[string]call{unary: {}, stream: watch} {
			for kind, md := range map[string]metadata.MD{
				"an empty key": nil, "an illegal key": {"a!": {"x"}}, "an illegal value": {"a": {"\x00"}},
			} {
				t.Run(name+"/"+route+"/"+kind, func(t *testing.T) {
					var n notebook
					mux := gateway.New(gateway.WithObserver(n.observe)).NewServeMux(
						runtime.WithLegacyHeaderMatching(),
						runtime.WithMetadata(func(context.Context, *http.Request) metadata.MD { return md }))
					dialUpstream(t, listen(t, false, badpeer.HTTP2(succeed)), mux, dial...)
					if md == nil {
						c.Header = http.Header{"Grpc-Metadata-": {"x"}}
					}
					c.To(t, testkit.Serve(t, mux)).WantError(t, 400, "a header of the request is not valid as gRPC metadata", "")
					if o := n.one(t); o.Origin != gateway.OriginRequest {
						t.Errorf("origin %q", o.Origin)
					}
				})
			}
		}
	}
}

// TestStreamErrorHandlerCodes registers StreamErrorHandler without a bridge. A code stays if grpc-gateway's own table
// gives it the documented status.
func TestStreamErrorHandlerCodes(t *testing.T) {
	for code, want := range codeStatuses {
		got := gateway.StreamErrorHandler(t.Context(), status.Error(codes.Code(code), "x")).Code()
		if want.status == want.without && got != codes.Code(code) {
			t.Errorf("%v becomes %v", code, got)
		}
		if runtime.HTTPStatusFromCode(got) != want.status {
			t.Errorf("%v becomes %v, which is sent as %d, want %d", code, got, runtime.HTTPStatusFromCode(got), want.status)
		}
	}
}

// TestLocalReplies has an Envoy reply by itself, in gRPC: the status is 502, 503 or 504, and no text or challenge of the
// proxy is sent.
func TestLocalReplies(t *testing.T) {
	for _, c := range []struct {
		code, text string
		status     int
	}{
		{"14", "upstream request timeout", 504},
		{"4", "stream timeout", 504},
		{"14", "upstream connect error or disconnect/reset before headers. reset reason: connection timeout", 503},
		{"14", "no healthy upstream", 503},
		{"8", "local_rate_limited", 503},
		{"7", "RBAC: access denied", 502},
		{"16", "Jwt is missing", 502},
		{"12", "", 502},
		{"13", "", 502},
		{"2", "", 502},
		{"5", "", 502},
	} {
		for _, forwarded := range []bool{false, true} {
			fields := []string{
				":status", "200", "content-type", "application/grpc", "server", "envoy", "grpc-status", c.code,
				"grpc-message", c.text, "www-authenticate", `Bearer realm="http://` + marker + `"`,
			}
			if forwarded {
				fields = append(fields, "x-envoy-upstream-service-time", "3")
			}
			u := listen(t, false, badpeer.HTTP2(func(s *badpeer.Stream) { s.Trailers(fields...) }))
			for sight, dial := range map[string][]grpc.DialOption{"with DialOptions": gateway.DialOptions(), "without": nil} {
				var n notebook
				mux := gateway.New(gateway.WithObserver(n.observe),
					gateway.WithLocalReplies(gateway.EnvoyLocalReply)).NewServeMux()
				dialUpstream(t, u, mux, dial...)
				base := testkit.Serve(t, mux)
				for route, request := range map[string]call{unary: {}, stream: watch} {
					if sight == "without" && route == stream {
						continue // the trailer is not seen
					}
					n.seen = nil
					r := request.To(t, base)
					o := n.one(t)
					switch {
					case forwarded && c.code != "2" && o.Origin != gateway.OriginBackend:
						t.Errorf("%s/%s: a forwarded %s %q has the origin %q", sight, route, c.code, c.text, o.Origin)
					case forwarded:
					case r.Status != c.status || o.Origin != gateway.OriginUpstream:
						t.Errorf("%s/%s: %s %q is sent as %d %q", sight, route, c.code, c.text, r.Status, o.Origin)
					case strings.Contains(r.Body, marker) || r.Header.Get("WWW-Authenticate") != "":
						t.Errorf("%s/%s: %v %s", sight, route, r.Header, r.Body)
					}
				}
			}
		}
	}
}

// TestWithLocalRepliesNil panics where the option is made.
func TestWithLocalRepliesNil(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("no panic")
		}
	}()
	gateway.WithLocalReplies(nil)
}
