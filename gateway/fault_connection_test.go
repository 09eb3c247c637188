package gateway_test

import (
	"context"
	"crypto/tls"
	"errors"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/resolver"
	"google.golang.org/grpc/resolver/manual"
	"google.golang.org/grpc/status"

	"github.com/statusbridge/statusbridge/gateway"
	"github.com/statusbridge/statusbridge/internal/fault"
)

// TestFaultConnection is about backends that are not reached, or are lost: 503, and 502 where somebody is there who does
// not speak gRPC (DESIGN 2.6).
func TestFaultConnection(t *testing.T) {
	unreached := func(name string, stand func(*testing.T, bool) upstream, text string) incident {
		return incident{name: name, stand: stand, status: 503, origin: gateway.OriginUpstream, text: text, stock: 503}
	}
	mistaken := func(name, only string, stand func(*testing.T, bool) upstream, text string) incident {
		i := unreached(name, stand, text)
		i.only, i.status = only, 502
		return i
	}
	runIncidents(t, []incident{
		unreached("nothing listens", func(t *testing.T, secure bool) upstream {
			u := listen(t, secure, fault.Mute)
			u.address = fault.Nowhere(t)
			return u
		}, "connection refused"),
		unreached("hangs up", func(t *testing.T, secure bool) upstream {
			return listen(t, secure, fault.HangUp)
		}, "code = Unavailable"),
		{
			name: "no address is known", stand: func(t *testing.T, secure bool) upstream {
				u := listen(t, secure, fault.Mute)
				u.address = "nowhere:///backend"
				return u
			},
			dial:   []grpc.DialOption{grpc.WithResolvers(nowhere())},
			status: 503, origin: gateway.OriginUpstream, text: "produced zero addresses", stock: 503,
		},
		{
			name: "never speaks", stand: func(t *testing.T, secure bool) upstream { return listen(t, secure, fault.Mute) },
			header: timely, only: cleartext,
			status: 504, origin: gateway.OriginUpstream, text: "deadline exceeded", stock: 504,
		},
		mistaken("HTTP/1.1", cleartext, func(t *testing.T, secure bool) upstream {
			return listen(t, secure, fault.HTTP1(marker))
		}, "looked like an HTTP/1.1 header"),
		mistaken("HTTP/1.1 without ALPN", overTLS, standTLS(func(t *testing.T, a *fault.Authority) *tls.Config {
			return a.Speaking(t)
		}, fault.HTTP1(marker)), "missing selected ALPN property"),
		mistaken("HTTP/1.1 in ALPN", overTLS, standTLS(func(t *testing.T, a *fault.Authority) *tls.Config {
			return a.Speaking(t, "http/1.1")
		}, fault.HTTP1(marker)), "no application protocol"),
		mistaken("HTTP/1.1 where TLS is expected", overTLS, func(t *testing.T, _ bool) upstream {
			authority, _ := trusted(t)
			return upstream{fault.Listen(t, nil, fault.HTTP1(marker)), authority.Credentials()}
		}, "first record does not look like a TLS handshake"),
		{
			// A server that takes us for a client of its own says nothing before it leaves.
			name: "TLS where cleartext is expected", only: cleartext, stand: func(t *testing.T, _ bool) upstream {
				_, server := trusted(t)
				return upstream{fault.Listen(t, server, fault.Mute), insecure.NewCredentials()}
			},
			status: 503, origin: gateway.OriginUpstream, text: "error reading server preface", stock: 503,
		},
		onlyTLS("another name", standTLS(func(t *testing.T, a *fault.Authority) *tls.Config {
			return a.Named(t, "192.0.2.1")
		}, fault.Mute), "x509: certificate is valid for 192.0.2.1"),
		onlyTLS("expired", standTLS(func(t *testing.T, a *fault.Authority) *tls.Config {
			return a.Expired(t)
		}, fault.Mute), "certificate has expired"),
		onlyTLS("unknown authority", func(t *testing.T, _ bool) upstream {
			authority, _ := trusted(t)
			stranger := fault.NewAuthority(t)
			return upstream{fault.Listen(t, stranger.Server(t), fault.Mute), authority.Credentials()}
		}, "certificate signed by unknown authority"),
	})
}

// nowhere is a resolver that finds no address for any name.
func nowhere() resolver.Builder {
	builder := manual.NewBuilderWithScheme("nowhere")
	builder.InitialState(resolver.State{})
	return builder
}

// standTLS stands a peer behind a server that the known authority vouches for, in a way of its own.
func standTLS(config func(*testing.T, *fault.Authority) *tls.Config, peer fault.Peer) func(*testing.T, bool) upstream {
	return func(t *testing.T, _ bool) upstream {
		authority, _ := trusted(t)
		return upstream{fault.Listen(t, config(t, authority), peer), authority.Credentials()}
	}
}

func onlyTLS(name string, stand func(*testing.T, bool) upstream, text string) incident {
	return incident{name: name, only: overTLS, stand: stand, status: 503, origin: gateway.OriginUpstream, text: text, stock: 503}
}

// TestFaultLost ends connections that were good.
func TestFaultLost(t *testing.T) {
	lost := func(name string, answer func(*fault.Stream), text string) []incident {
		return stages(incident{name: name, answer: answer, status: 503, origin: gateway.OriginUpstream, text: text, stock: 503})
	}
	graceful := func(name string, answer func(*fault.Stream)) incident {
		return incident{name: name, answer: answer, status: 200, stock: 200}
	}
	runIncidents(t, concat(
		lost("cut", (*fault.Stream).Cut, "error reading from server: EOF"),
		lost("cut in the middle of a frame's message", func(s *fault.Stream) {
			s.Data(fault.Announce(0, 100))
			s.Cut()
		}, "error reading from server: EOF")[1:],
		[]incident{{
			name: "reset", answer: (*fault.Stream).Break,
			status: 503, origin: gateway.OriginUpstream, text: "error reading from server", stock: 503,
		}},
		[]incident{
			graceful("GOAWAY that lets the call end", func(s *fault.Stream) {
				s.GoAway(true, 0, marker)
				succeed(s)
			}),
			{
				name: "GOAWAY that refuses the call", answer: func(s *fault.Stream) { s.GoAway(false, 0, marker) },
				status: 503, origin: gateway.OriginUpstream, text: "draining", stock: 503,
			},
		},
		stages(incident{
			name: "no frames", answer: func(s *fault.Stream) { s.Garble(marker) },
			status: 502, origin: gateway.OriginUpstream, text: "error reading from server: http2: frame too large", stock: 503,
		}),
		lost("GOAWAY for too many pings and the end", func(s *fault.Stream) {
			s.GoAway(true, 0xb, marker)
			s.Cut()
		}, "received prior goaway: code: ENHANCE_YOUR_CALM"),
	))
}

// TestFaultOwnProcess is about calls that do not leave the gateway's process, through no fault of the request.
func TestFaultOwnProcess(t *testing.T) {
	runIncidents(t, []incident{
		{
			name: "own connection closed", answer: succeed, meddle: func(conn *grpc.ClientConn) { _ = conn.Close() },
			status: 503, origin: gateway.OriginUpstream, text: "the client connection is closing", stock: 499,
		},
		{
			name: "credentials fail", answer: succeed, dial: withCredentials(errors.New(marker)),
			status: 503, origin: gateway.OriginUpstream, text: marker, stock: 401,
		},
		{
			// A status of the token's issuer is about the gateway's own token, not about the caller's.
			name: "credentials fail with a status", answer: succeed,
			dial:   withCredentials(status.Error(codes.PermissionDenied, marker)),
			status: 503, origin: gateway.OriginUpstream, text: marker, stock: 403,
			blind: &blind{
				status: 403, message: marker, origin: gateway.OriginBackend,
				why: "a client that is no connection fails in the same way",
			},
		},
		{
			name: "credentials fail with a status that they may not", answer: succeed,
			dial:   withCredentials(status.Error(codes.NotFound, marker)),
			status: 503, origin: gateway.OriginUpstream, text: "per-RPC creds error with illegal status", stock: 500,
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
