package gateway_test

import (
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/encoding/gzip"

	"github.com/statusbridge/statusbridge/gateway"
	"github.com/statusbridge/statusbridge/internal/testkit"
	"github.com/statusbridge/statusbridge/internal/testkit/badpeer"
)

// TestDiagnosisLimit sends a backend a request that is over its own receive limit: 400, so that clients do not retry.
func TestDiagnosisLimit(t *testing.T) {
	limited := func(t *testing.T, secure bool) upstream {
		t.Helper()
		if !secure {
			return upstream{testkit.ServeGRPC(t, &testkit.Service{}, grpc.MaxRecvMsgSize(1)), insecure.NewCredentials()}
		}
		authority, server := trusted(t)
		address := testkit.ServeGRPC(t, &testkit.Service{}, grpc.MaxRecvMsgSize(1), grpc.Creds(credentials.NewTLS(server)))
		return upstream{address, authority.Credentials()}
	}
	runIncidents(t, []incident{
		{
			name: "plain", start: limited,
			status: 400, message: anyMessage, origin: gateway.OriginRequest, text: "larger than max", without: 429,
		},
		{
			name: "compressed", start: limited,
			dial:   []grpc.DialOption{grpc.WithDefaultCallOptions(grpc.UseCompressor(gzip.Name))},
			status: 400, message: anyMessage, origin: gateway.OriginRequest, text: "larger than max", without: 429,
		},
	})
}

// TestDiagnosisOtherLimit has a backend pass on that a message of its own client was over a limit. The size is not that of
// the request, as DialOptions know.
func TestDiagnosisOtherLimit(t *testing.T) {
	incidents := fromBackend("other", codes.ResourceExhausted, "grpc: received message larger than max (5242880 vs. 4194304)")
	for n, i := range incidents {
		if !replies[n].header {
			i.blind = &blind{
				status: 400, message: anyMessage, origin: gateway.OriginRequest,
				why: "a server refuses a large request with the same text",
			}
		} else {
			i.status, i.message, i.origin = 502, "", gateway.OriginUpstream
			if replies[n].trailer {
				i.blind = &blind{only: unary, status: 503, origin: gateway.OriginBackend, why: "trailer metadata"}
			}
		}
		incidents[n] = i
	}
	runIncidents(t, incidents)
}

// TestDiagnosisOfOwnLimit receives replies over the gateway's own limit, of each size that the request may have. The caller
// cannot make a reply smaller: 502.
func TestDiagnosisOfOwnLimit(t *testing.T) {
	t.Parallel()
	for size := 2; size < 32; size++ {
		address := badpeer.Listen(t, nil, badpeer.HTTP2(func(s *badpeer.Stream) {
			s.Together(func(s *badpeer.Stream) {
				s.Begin()
				s.Data(badpeer.Message(0, make([]byte, size)))
				s.Trailers("grpc-status", "0")
			})
		}))
		for sight, dial := range map[string][]grpc.DialOption{"with DialOptions": gateway.DialOptions(), "without": nil} {
			mux := standard.NewServeMux()
			dialUpstream(t, upstream{address, insecure.NewCredentials()}, mux,
				append(dial, grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(1)))...)
			base := testkit.Serve(t, mux)
			for route, c := range map[string]call{unary: {}, stream: watch} {
				if r := c.To(t, base); r.Status != 502 {
					t.Errorf("%s, %s, %d bytes: responded with %d %s", sight, route, size, r.Status, r.Body)
				}
			}
		}
	}
}
