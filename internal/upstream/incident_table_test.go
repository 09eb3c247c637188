package upstream_test

import (
	"errors"
	"net/http"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/statusbridge/statusbridge/internal/testkit"
	"github.com/statusbridge/statusbridge/internal/testkit/badpeer"
)

// emptyMessage is a message of the reply without fields.
var emptyMessage = badpeer.Message(0, nil)

// after is a service's behaviour that sends header metadata before it returns an error.
func after(err error) testkit.Behaviour {
	return testkit.Sets(metadata.Pairs("request-id", "7"), nil, err)
}

// TestIncidentsOfServices has services return errors.
func TestIncidentsOfServices(t *testing.T) {
	relayed := status.Error(codes.Unimplemented,
		`unexpected HTTP status code received from server: 404 (Not Found)`)
	play(t, []incident{
		{name: "a success", server: service(nil), want: always("")},
		{name: "NotFound", server: returns(status.Error(codes.NotFound, "no such thing")), want: always("404 backend")},
		{name: "without a text", server: returns(status.Error(codes.NotFound, "")), want: always("404 backend")},
		{name: "a Go error", server: returns(errors.New("out of memory")), want: always("500 backend")},
		{name: "Canceled", server: returns(status.Error(codes.Canceled, "stopped")), want: always("503 backend")},
		{
			name: "DeadlineExceeded", server: returns(status.Error(codes.DeadlineExceeded, "too slow")),
			want: always("504 backend"),
		},
		{
			// grpc-go makes the same of a reply without a grpc-status.
			name: "Unknown without a text", server: returns(status.Error(codes.Unknown, "")),
			want: always("502 upstream"),
		},
		{
			name:   "Unknown without a text after header metadata",
			server: service(after(status.Error(codes.Unknown, ""))),
			want:   evident("500 backend", "502 upstream"),
		},
		{
			name: "an error of its own client", server: returns(relayed),
			want: diagnoses{"501 backend", "501 backend", "501 backend", "502 upstream"},
		},
		{
			name: "an error of its own client after header metadata", server: service(after(relayed)),
			want: always("501 backend"),
		},
		{
			name:   "an error of its own client: an unreadable message, after header metadata",
			server: service(after(status.Error(codes.Internal, "grpc: failed to unmarshal the received message: x"))),
			want:   always("502 upstream"),
		},
	})
}

// TestIncidentsOfConnections has connections fail before the reply or in it.
func TestIncidentsOfConnections(t *testing.T) {
	const resetInternally = 0x2
	play(t, []incident{
		{
			name:   "nothing listens",
			server: func(t *testing.T, _ func()) string { return badpeer.Nowhere(t) },
			want:   always("503 upstream"),
		},
		{name: "lost", server: peer((*badpeer.Stream).Cut), want: always("503 upstream")},
		{
			name: "lost after the header", server: peer(func(s *badpeer.Stream) { s.Begin(); s.Cut() }),
			want: always("503 upstream"),
		},
		{name: "closed by the gateway", server: service(nil), dial: closing, want: always("503 upstream")},
		{
			name: "reset", server: peer(func(s *badpeer.Stream) { s.Reset(resetInternally) }),
			want: always("502 upstream"),
		},
		{
			name: "reset after a message", server: peer(func(s *badpeer.Stream) {
				s.Begin()
				s.Data(emptyMessage)
				s.Reset(resetInternally)
			}), want: always("502 upstream"),
		},
		{name: "HTTP/1.1", server: speaks(badpeer.HTTP1("<html>")), want: always("502 upstream")},
		{
			name: "the deadline passes", server: peer(func(*badpeer.Stream) {}),
			header: http.Header{"Grpc-Timeout": {"20m"}}, want: always("504 upstream"),
		},
		{
			name: "the client leaves", want: always("503 upstream"),
			server: func(t *testing.T, leave func()) string {
				return badpeer.Listen(t, nil, badpeer.HTTP2(func(*badpeer.Stream) { leave() }))
			},
		},
		{
			name: "the client leaves after the header", want: always("503 upstream"),
			server: func(t *testing.T, leave func()) string {
				return badpeer.Listen(t, nil, badpeer.HTTP2(func(s *badpeer.Stream) {
					s.Begin()
					s.Data(emptyMessage)
					leave()
				}))
			},
		},
	})
}

// TestIncidentsOfReplies has servers send replies that are not gRPC, or that cannot be read.
func TestIncidentsOfReplies(t *testing.T) {
	reply := func(encoding string, message []byte) func(*testing.T, func()) string {
		return peer(func(s *badpeer.Stream) {
			s.Begin("grpc-encoding", encoding)
			s.Data(message)
			s.Trailers("grpc-status", "0")
		})
	}
	play(t, []incident{
		{name: "page 200", server: page("200"), want: always("502 upstream")},
		{name: "page 401", server: page("401"), want: always("502 upstream")},
		{name: "page 404", server: page("404"), want: always("502 upstream")},
		{name: "page 408", server: page("408"), want: always("504 upstream")},
		{name: "page 429", server: page("429"), want: always("503 upstream")},
		{name: "page 502", server: page("502"), want: always("502 upstream")},
		{name: "page 503", server: page("503"), want: always("503 upstream")},
		{name: "page 504", server: page("504"), want: always("504 upstream")},
		{
			name: "without grpc-status", server: peer(func(s *badpeer.Stream) {
				s.Trailers(":status", "200", "content-type", "application/grpc")
			}), want: always("502 upstream"),
		},
		{
			name: "without grpc-status, after a message", server: peer(func(s *badpeer.Stream) {
				s.Begin()
				s.Data(emptyMessage)
				s.Trailers("request-id", "7")
			}), want: always("502 upstream"),
		},
		{
			name: "an empty trailer", server: peer(func(s *badpeer.Stream) {
				s.Begin()
				s.Data(emptyMessage)
				s.Trailers()
			}), want: always("502 upstream"),
		},
		{
			name: "without a trailer", server: peer(func(s *badpeer.Stream) { s.Begin(); s.LastData(nil) }),
			want: always("502 upstream"),
		},
		{name: "not the proto", server: reply("identity", badpeer.Message(0, []byte("\xff\xff"))),
			want: always("502 upstream")},
		{name: "unknown compression", server: reply("lz4", badpeer.Message(1, []byte("ab"))),
			want: always("502 upstream")},
		{name: "over the limit of the gateway", server: reply("identity", badpeer.Announce(0, 1<<30)),
			want: always("502 upstream")},
	})
}

// TestIncidentsOfLocalReplies has an Envoy reply in place of the service. Only trailer metadata shows this. A blind
// gateway does not see the trailer of a stream.
func TestIncidentsOfLocalReplies(t *testing.T) {
	envoy := func(code, text string, more ...string) func(*testing.T, func()) string {
		return peer(func(s *badpeer.Stream) {
			s.Trailers(append([]string{":status", "200", "content-type", "application/grpc", "server", "envoy",
				"grpc-status", code, "grpc-message", text}, more...)...)
		})
	}
	want := func(d, blindStream string) diagnoses { return diagnoses{d, d, d, blindStream} }
	const denied, exhausted, late, internal, unavailable = "7", "8", "4", "13", "14"
	play(t, []incident{
		{name: "denied", server: envoy(denied, "RBAC: access denied"), want: want("502 upstream", "403 backend")},
		{name: "limited", server: envoy(exhausted, "local_rate_limited"), want: want("503 upstream", "503 backend")},
		{name: "late", server: envoy(late, "stream timeout"), want: want("504 upstream", "504 backend")},
		{name: "late in other words", server: envoy(late, "late"), want: want("504 upstream", "504 backend")},
		{
			name: "request timeout", server: envoy(unavailable, "upstream request timeout"),
			want: want("504 upstream", "503 backend"),
		},
		{
			name: "stream too long", server: envoy(unavailable, "upstream max stream duration reached"),
			want: want("504 upstream", "503 backend"),
		},
		{
			name: "not connected in time", want: want("503 upstream", "503 backend"),
			server: envoy(unavailable, "upstream connect error or disconnect/reset before headers. "+
				"reset reason: connection timeout"),
		},
		{name: "no host", server: envoy(unavailable, "no healthy upstream"), want: want("503 upstream", "503 backend")},
		{name: "internal", server: envoy(internal, "broken"), want: want("502 upstream", "500 backend")},
		{
			name: "forwarded", server: envoy(denied, "not yours", "x-envoy-upstream-service-time", "3"),
			want: always("403 backend"),
		},
	})
}

// TestIncidentsOfInterceptors has the user's interceptors return an error that they made, or pass one on.
func TestIncidentsOfInterceptors(t *testing.T) {
	missing := returns(status.Error(codes.NotFound, "no such thing"))
	play(t, []incident{
		{name: "refused", server: missing, dial: refusing, want: evident("403 gateway", "403 backend")},
		{name: "translated", server: missing, dial: translating, want: evident("403 gateway", "403 backend")},
		{
			name: "passed on", server: returns(status.Error(codes.Aborted, "changed")), dial: translating,
			want: always("409 backend"),
		},
		{name: "a success passed on", server: service(nil), dial: translating, want: always("")},
	})
}

// TestIncidentsOfRequests has requests that cannot be sent, or that the backend refuses for their size.
func TestIncidentsOfRequests(t *testing.T) {
	play(t, []incident{
		{
			name: "over the limit of the gateway", server: service(nil), want: always(tooLarge),
			dial: func(func()) []grpc.DialOption {
				return []grpc.DialOption{grpc.WithDefaultCallOptions(grpc.MaxCallSendMsgSize(1))}
			},
		},
		{
			name: "over the limit of the backend", server: service(nil, grpc.MaxRecvMsgSize(1)),
			want: always(tooLarge),
		},
		{
			name: "metadata that gRPC does not allow", server: service(nil), dial: adding("a!", "x"),
			want: always("400 request: a header of the request is not valid as gRPC metadata"),
		},
		{
			name: "a compressor that is not installed", server: service(nil), want: always("500 gateway"),
			dial: func(func()) []grpc.DialOption {
				return []grpc.DialOption{grpc.WithDefaultCallOptions(grpc.UseCompressor("lz4"))}
			},
		},
	})
}
