package gateway_test

import (
	"context"
	"crypto/tls"
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/resolver"
	"google.golang.org/grpc/resolver/manual"
	"google.golang.org/grpc/status"

	"github.com/statusbridge/statusbridge/gateway"
	"github.com/statusbridge/statusbridge/internal/testkit"
	"github.com/statusbridge/statusbridge/internal/testkit/badpeer"
	"github.com/statusbridge/statusbridge/internal/testkit/testkitv1"
)

// TestDiagnosisOfUnreachableBackends does not reach the backend: 503, or 502 if a peer is there that does not speak
// gRPC (docs/origin.md).
func TestDiagnosisOfUnreachableBackends(t *testing.T) {
	t.Parallel()
	unreached := func(name string, start func(*testing.T, bool) upstream, text string) incident {
		return incident{name: name, start: start, status: 503, origin: gateway.OriginUpstream, text: text, without: 503}
	}
	mistaken := func(name, only string, start func(*testing.T, bool) upstream, text string) incident {
		i := unreached(name, start, text)
		i.only, i.status = only, 502
		return i
	}
	runIncidents(t, []incident{
		unreached("nothing listens", func(t *testing.T, secure bool) upstream {
			u := listen(t, secure, badpeer.Mute)
			u.address = badpeer.Nowhere(t)
			return u
		}, "connection refused"),
		unreached("hangs up", func(t *testing.T, secure bool) upstream {
			return listen(t, secure, badpeer.HangUp)
		}, "code = Unavailable"),
		{
			name: "no address is known", start: func(t *testing.T, secure bool) upstream {
				u := listen(t, secure, badpeer.Mute)
				u.address = "nowhere:///backend"
				return u
			},
			dial:   []grpc.DialOption{grpc.WithResolvers(nowhere())},
			status: 503, origin: gateway.OriginUpstream, text: "produced zero addresses", without: 503,
		},
		{
			name: "never speaks", start: func(t *testing.T,
				secure bool) upstream {
				return listen(t, secure, badpeer.Mute)
			},
			header: timely, only: cleartext,
			status: 504, origin: gateway.OriginUpstream, text: "deadline exceeded", without: 504,
		},
		mistaken("HTTP/1.1", cleartext, func(t *testing.T, secure bool) upstream {
			return listen(t, secure, badpeer.HTTP1(marker))
		}, "looked like an HTTP/1.1 header"),
		mistaken("HTTP/1.1 without ALPN", overTLS, startTLS(func(t *testing.T, a *badpeer.Authority) *tls.Config {
			return a.Speaking(t)
		}, badpeer.HTTP1(marker)), "missing selected ALPN property"),
		mistaken("HTTP/1.1 in ALPN", overTLS, startTLS(func(t *testing.T, a *badpeer.Authority) *tls.Config {
			return a.Speaking(t, "http/1.1")
		}, badpeer.HTTP1(marker)), "no application protocol"),
		mistaken("HTTP/1.1 where TLS is expected", overTLS, func(t *testing.T, _ bool) upstream {
			authority, _ := trusted(t)
			return upstream{badpeer.Listen(t, nil, badpeer.HTTP1(marker)), authority.Credentials()}
		}, "first record does not look like a TLS handshake"),
		{
			// A TLS server that reads cleartext closes the connection silently.
			name: "TLS where cleartext is expected", only: cleartext, start: func(t *testing.T, _ bool) upstream {
				_, server := trusted(t)
				return upstream{badpeer.Listen(t, server, badpeer.Mute), insecure.NewCredentials()}
			},
			status: 503, origin: gateway.OriginUpstream, text: "error reading server preface", without: 503,
		},
		onlyTLS("another name", startTLS(func(t *testing.T, a *badpeer.Authority) *tls.Config {
			return a.Named(t, "192.0.2.1")
		}, badpeer.Mute), "x509: certificate is valid for 192.0.2.1"),
		onlyTLS("expired", startTLS(func(t *testing.T, a *badpeer.Authority) *tls.Config {
			return a.Expired(t)
		}, badpeer.Mute), "certificate has expired"),
		onlyTLS("unknown authority", func(t *testing.T, _ bool) upstream {
			authority, _ := trusted(t)
			stranger := badpeer.NewAuthority(t)
			return upstream{badpeer.Listen(t, stranger.Server(t), badpeer.Mute), authority.Credentials()}
		}, "certificate signed by unknown authority"),
	})
}

// nowhere is a resolver that finds no address for any name.
func nowhere() resolver.Builder {
	builder := manual.NewBuilderWithScheme("nowhere")
	builder.InitialState(resolver.State{})
	return builder
}

// startTLS starts a peer with a TLS configuration that the known authority has signed.
func startTLS(config func(*testing.T, *badpeer.Authority) *tls.Config, peer badpeer.Peer) func(*testing.T,
	bool) upstream {
	return func(t *testing.T, _ bool) upstream {
		authority, _ := trusted(t)
		return upstream{badpeer.Listen(t, config(t, authority), peer), authority.Credentials()}
	}
}

func onlyTLS(name string, start func(*testing.T, bool) upstream, text string) incident {
	return incident{name: name, only: overTLS, start: start, status: 503, origin: gateway.OriginUpstream, text: text,
		without: 503}
}

// TestDiagnosisOfLostConnections ends connections that worked.
func TestDiagnosisOfLostConnections(t *testing.T) {
	t.Parallel()
	lost := func(name string, answer func(*badpeer.Stream), text string) []incident {
		return stages(incident{name: name, answer: answer, status: 503, origin: gateway.OriginUpstream, text: text,
			without: 503})
	}
	graceful := func(name string, answer func(*badpeer.Stream)) incident {
		return incident{name: name, answer: answer, status: 200, without: 200}
	}
	runIncidents(t, concat(
		lost("cut", (*badpeer.Stream).Cut, "error reading from server: EOF"),
		lost("cut in the middle of a frame's message", func(s *badpeer.Stream) {
			s.Data(badpeer.Announce(0, 100))
			s.Cut()
		}, "error reading from server: EOF")[1:],
		[]incident{{
			name: "reset", answer: (*badpeer.Stream).Break,
			status: 503, origin: gateway.OriginUpstream, text: "error reading from server", without: 503,
		}},
		[]incident{
			graceful("GOAWAY that lets the call end", func(s *badpeer.Stream) {
				s.GoAway(true, 0, marker)
				succeed(s)
			}),
			{
				name: "GOAWAY that refuses the call", answer: func(s *badpeer.Stream) { s.GoAway(false, 0, marker) },
				status: 503, origin: gateway.OriginUpstream, text: "draining", without: 503,
			},
		},
		stages(incident{
			name: "no frames", answer: func(s *badpeer.Stream) { s.Garble(marker) },
			status: 502, origin: gateway.OriginUpstream, text: "error reading from server: http2: frame too large",
			without: 503,
		}),
		lost("GOAWAY for too many pings and the end", func(s *badpeer.Stream) {
			s.GoAway(true, 0xb, marker)
			s.Cut()
		}, "received prior goaway: code: ENHANCE_YOUR_CALM"),
	))
}

// TestDiagnosisOfOwnProcess fails calls that do not leave the gateway's process.
func TestDiagnosisOfOwnProcess(t *testing.T) {
	t.Parallel()
	runIncidents(t, []incident{
		{
			name: "own connection closed", answer: succeed, meddle: func(conn *grpc.ClientConn) { _ = conn.Close() },
			status: 503, origin: gateway.OriginUpstream, text: "the client connection is closing", without: 499,
		},
		{
			name: "credentials fail", answer: succeed, dial: withCredentials(errors.New(marker)),
			status: 503, origin: gateway.OriginUpstream, text: marker, without: 401,
		},
		{
			// A status of the token's issuer is about the gateway's own token, not about the caller's.
			name: "credentials fail with a status", answer: succeed,
			dial:   withCredentials(status.Error(codes.PermissionDenied, marker)),
			status: 503, origin: gateway.OriginUpstream, text: marker, without: 403,
			blind: &blind{
				status: 403, message: marker, origin: gateway.OriginBackend,
				why: "a client that is no connection fails in the same way",
			},
		},
		{
			name: "credentials fail with a status that they may not", answer: succeed,
			dial:   withCredentials(status.Error(codes.NotFound, marker)),
			status: 503, origin: gateway.OriginUpstream, text: "per-RPC creds error with illegal status", without: 500,
		},
	})
}

func withCredentials(err error) []grpc.DialOption {
	return []grpc.DialOption{grpc.WithPerRPCCredentials(failingCredentials{err})}
}

// failingCredentials are those of a gateway whose tokens have run out.
type failingCredentials struct{ err error }

var _ credentials.PerRPCCredentials = failingCredentials{}

func (c failingCredentials) GetRequestMetadata(context.Context, ...string) (map[string]string, error) {
	return nil, c.err
}

func (failingCredentials) RequireTransportSecurity() bool { return false }

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

// TestDirectClient registers a client without a connection. Its statuses are the service's (docs/origin.md).
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
	for name, dial := range sights() {
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
					c.To(t, testkit.Serve(t, mux)).WantError(t, 400,
						"a header of the request is not valid as gRPC metadata", "")
					if o := n.one(t); o.Origin != gateway.OriginRequest {
						t.Errorf("origin %q", o.Origin)
					}
				})
			}
		}
	}
}

// TestStreamErrorHandlerCodes registers StreamErrorHandler without a bridge. A code stays if grpc-gateway's own table
// gives it the documented status. An error that chooses its status gets a code for that status.
func TestStreamErrorHandlerCodes(t *testing.T) {
	for code, want := range codeStatuses {
		got := gateway.StreamErrorHandler(t.Context(), status.Error(codes.Code(code), "x")).Code()
		if want.status == want.without && got != codes.Code(code) {
			t.Errorf("%v becomes %v", code, got)
		}
		if runtime.HTTPStatusFromCode(got) != want.status {
			t.Errorf("%v becomes %v, which is sent as %d, want %d", code, got, runtime.HTTPStatusFromCode(got),
				want.status)
		}
	}
	for chosen, want := range map[int]int{
		400: 400, 401: 401, 403: 403, 404: 404, 405: 501, 409: 409, 500: 500, 501: 501, 502: 503, 503: 503, 504: 504,
	} {
		err := &runtime.HTTPStatusError{HTTPStatus: chosen, Err: status.Error(codes.OutOfRange, "x")}
		if got := gateway.StreamErrorHandler(t.Context(), err).Code(); runtime.HTTPStatusFromCode(got) != want {
			t.Errorf("%d becomes %v, want a code for %d", chosen, got, want)
		}
	}
}

// TestLocalReplies has an Envoy make gRPC replies. The status is 502, 503 or 504, and the client gets neither text nor
// challenge of the proxy.
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
			for sight, dial := range sights() {
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
