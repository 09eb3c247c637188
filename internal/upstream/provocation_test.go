package upstream

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"strings"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/encoding/gzip"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/statusbridge/statusbridge/internal/testkit/badpeer"
)

// provocation makes grpc-go fail a unary call with a text.
type provocation struct {
	text   string // the pattern's
	when   moment // of the pattern; 0: there is one pattern with this text
	peer   func(*badpeer.Stream)
	stand  func(*testing.T) (address string, secure credentials.TransportCredentials)
	dial   []grpc.DialOption
	header metadata.MD
	value  string
	raw    bool // the request is not a proto
	closed bool // so is the connection, before the call
}

// grpcReply is a reply that begins well.
func grpcReply(rest func(*badpeer.Stream)) func(*badpeer.Stream) {
	return func(s *badpeer.Stream) {
		s.Begin()
		rest(s)
	}
}

func answers(encoding string, message []byte) func(*badpeer.Stream) {
	return func(s *badpeer.Stream) {
		s.Begin("grpc-encoding", encoding)
		s.Data(message)
		s.Trailers("grpc-status", "0")
	}
}

func httpPage(httpStatus string) func(*badpeer.Stream) {
	return func(s *badpeer.Stream) { s.Trailers(":status", httpStatus, "content-type", "text/html") }
}

type noToken struct{ err error }

func (c noToken) GetRequestMetadata(context.Context, ...string) (map[string]string, error) {
	return nil, c.err
}
func (noToken) RequireTransportSecurity() bool { return false }

func provocations() []provocation {
	limit := []grpc.DialOption{grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(1 << 10))}
	cleartext := func(peer badpeer.Peer) func(*testing.T) (string, credentials.TransportCredentials) {
		return func(t *testing.T) (string, credentials.TransportCredentials) {
			return badpeer.Listen(t, nil, peer), insecure.NewCredentials()
		}
	}
	secured := func(config func(*badpeer.Authority, *testing.T) *tls.Config, peer badpeer.Peer,
	) func(*testing.T) (string, credentials.TransportCredentials) {
		return func(t *testing.T) (string, credentials.TransportCredentials) {
			authority := badpeer.NewAuthority(t)
			return badpeer.Listen(t, config(authority, t), peer), authority.Credentials()
		}
	}
	server := func(options ...grpc.ServerOption) func(*testing.T) (string, credentials.TransportCredentials) {
		return func(t *testing.T) (string, credentials.TransportCredentials) {
			return serveEcho(t, options...), insecure.NewCredentials()
		}
	}
	packed := badpeer.Gzip([]byte("x"))
	const httpStatus = "unexpected HTTP status code received from server: "
	return []provocation{
		{text: httpStatus + "408 ", peer: httpPage("408")},
		{text: httpStatus + "429 ", peer: httpPage("429")},
		{text: httpStatus + "503 ", peer: httpPage("503")},
		{text: httpStatus + "504 ", peer: httpPage("504")},
		{text: httpStatus, peer: httpPage("401")},
		{
			text: "malformed header: missing HTTP ",
			peer: func(s *badpeer.Stream) { s.Trailers("content-type", "text/html") },
		},
		{text: "protocol error: informational header ", peer: func(s *badpeer.Stream) { s.Trailers(":status", "103") }},
		{
			text: "*credentials: cannot check peer: missing selected ALPN property",
			stand: secured(func(a *badpeer.Authority, t *testing.T) *tls.Config { return a.Speaking(t) },
				badpeer.HTTP2(func(*badpeer.Stream) {})),
		},
		{
			text: "*tls: no application protocol",
			stand: secured(func(a *badpeer.Authority, t *testing.T) *tls.Config { return a.Speaking(t, "http/1.1") },
				badpeer.HTTP1("")),
		},
		{text: "*frame header looked like an HTTP/1.1 header", stand: cleartext(badpeer.HTTP1("<html>"))},
		{
			text: "*tls: first record does not look like a TLS handshake",
			stand: func(t *testing.T) (string, credentials.TransportCredentials) {
				return badpeer.Listen(t, nil, badpeer.HTTP1("")), badpeer.NewAuthority(t).Credentials()
			},
		},

		{
			text: "a HEADERS frame cannot appear in the middle of a stream",
			peer: grpcReply(func(s *badpeer.Stream) { s.Headers("x", "y") }),
		},
		{
			text: "error reading from server: connection error: ",
			peer: func(s *badpeer.Stream) { s.Trailers("x", string(bytes.Repeat([]byte("y"), 2<<10))) },
			dial: []grpc.DialOption{grpc.WithMaxHeaderListSize(1 << 8)},
		},
		{text: "error reading from server: http2: ", peer: func(s *badpeer.Stream) { s.Garble("no frames") }},
		{text: "invalid header field ", peer: grpcReply(func(s *badpeer.Stream) { s.Trailers("A", "b") })},
		{
			text: "invalid pseudo-header ",
			peer: func(s *badpeer.Stream) {
				s.Trailers(":status", "200", ":other", "x", "content-type", "application/grpc")
			},
		},
		{
			text: "duplicate pseudo-header ",
			peer: func(s *badpeer.Stream) { s.Trailers(":status", "200", ":status", "200") },
		},
		{
			text: "pseudo header field after regular",
			peer: func(s *badpeer.Stream) { s.Trailers("content-type", "application/grpc", ":status", "200") },
		},
		{text: "received invalid frame", peer: func(s *badpeer.Stream) { s.WindowUpdate(0) }},
		{
			text: "peer header list size exceeded limit",
			peer: func(s *badpeer.Stream) {
				long := strings.Repeat("a", 200)
				s.Trailers(":status", "200", "content-type", "application/grpc", "a", long, "b", long)
			},
			dial: []grpc.DialOption{grpc.WithMaxHeaderListSize(1 << 8)},
		},
		{text: "server closed the stream without sending trailers", peer: func(s *badpeer.Stream) { s.LastData(nil) }},
		{text: "stream terminated by RST_STREAM with error code: ", peer: func(s *badpeer.Stream) { s.Reset(0x2) }},
		{
			text: "stream terminated by RST_STREAM with error code: INADEQUATE_SECURITY",
			peer: grpcReply(func(s *badpeer.Stream) {
				s.Trailers("grpc-status", "7",
					"grpc-message", "stream terminated by RST_STREAM with error code: INADEQUATE_SECURITY")
			}),
		},
		{text: "transport: malformed ", peer: grpcReply(func(s *badpeer.Stream) { s.Trailers("grpc-status", "x") })},
		{text: "closing transport due to: ", peer: func(s *badpeer.Stream) {
			s.GoAway(true, 0xb, "too_many_pings")
			s.Cut()
		}},
		{text: "error reading from server: ", peer: (*badpeer.Stream).Cut},

		{text: "connection error: ", stand: func(t *testing.T) (string, credentials.TransportCredentials) {
			return badpeer.Nowhere(t), insecure.NewCredentials()
		}},
		{text: "the connection is draining", peer: func(s *badpeer.Stream) { s.GoAway(false, 0, "") }},
		{text: "grpc: the client connection is closing", closed: true, peer: httpPage("200")},
		{text: "name resolver error: ", dial: []grpc.DialOption{grpc.WithResolvers(emptyResolver())}},
		{
			text: "transport: per-RPC creds failed ",
			dial: []grpc.DialOption{grpc.WithPerRPCCredentials(noToken{errors.New("no token")})},
			peer: httpPage("200"),
		},

		{
			text: "transport: received per-RPC creds error ", peer: httpPage("200"),
			dial: []grpc.DialOption{grpc.WithPerRPCCredentials(noToken{status.Error(codes.NotFound, "no token")})},
		},
		{
			text:   "header list size to send violates the maximum size ",
			header: metadata.Pairs("a", strings.Repeat("b", 2<<10)), stand: server(grpc.MaxHeaderListSize(1 << 10)),
		},
		{text: "grpc: error while marshaling: ", raw: true, peer: httpPage("200")},

		{text: "there is an empty key in the header", header: metadata.MD{"": {"x"}}, peer: httpPage("200")},
		{
			text:   `header key "*" contains illegal characters not in `,
			header: metadata.MD{"a!": {"x"}}, peer: httpPage("200"),
		},
		{
			text:   `header key "*" contains value with non-printable ASCII characters`,
			header: metadata.MD{"a": {"\x00"}}, peer: httpPage("200"),
		},
		{
			text: "trying to send message larger than max ", value: "long", peer: httpPage("200"),
			dial: []grpc.DialOption{grpc.WithDefaultCallOptions(grpc.MaxCallSendMsgSize(1))},
		},
		{text: "grpc: error while marshaling: *invalid UTF-8$", value: "\xff", peer: httpPage("200")},
		{
			text: "grpc: Compressor is not installed ", peer: httpPage("200"),
			dial: []grpc.DialOption{grpc.WithDefaultCallOptions(grpc.UseCompressor("lz4"))},
		},

		{
			text: "grpc: received message larger than max ", when: size,
			value: "long", stand: server(grpc.MaxRecvMsgSize(1)),
		},
		{
			text: "grpc: received message after decompression larger than max ", when: size,
			value: string(bytes.Repeat([]byte("x"), 4<<10)), stand: server(grpc.MaxRecvMsgSize(1 << 10)),
			dial: []grpc.DialOption{grpc.WithDefaultCallOptions(grpc.UseCompressor(gzip.Name))},
		},

		{text: "cardinality violation: ", peer: grpcReply(func(s *badpeer.Stream) { s.Trailers("grpc-status", "0") })},
		{
			text: "grpc: Decompressor is not installed for grpc-encoding ",
			peer: answers("lz4", badpeer.Message(1, packed)),
		},
		{
			text: "grpc: compressed flag set with identity or empty encoding",
			peer: answers("identity", badpeer.Message(1, packed)),
		},
		{text: "grpc: failed to decompress the ", peer: answers("gzip", badpeer.Message(1, []byte("no gzip")))},
		{
			text: "grpc: failed to read decompressed data: ",
			peer: answers("gzip", badpeer.Message(1, packed[:len(packed)-9])),
		},
		{
			text: "grpc: failed to unmarshal the received message: ",
			peer: answers("identity", badpeer.Message(0, []byte("\xff\xff"))),
		},
		{text: "grpc: received unexpected payload format ", peer: answers("identity", badpeer.Message(2, nil))},
		{text: "unexpected EOF$", peer: answers("identity", badpeer.Announce(0, 100))},
		{
			text: "grpc: received message after decompression larger than max ", when: lost,
			peer: answers("gzip", badpeer.Message(1, badpeer.Gzip(bytes.Repeat([]byte{0}, 1<<18)))), dial: limit,
		},
		{
			text: "grpc: received message larger than max ", when: lost,
			peer: answers("identity", badpeer.Announce(0, 1<<30)), dial: limit,
		},
	}
}
