package upstream

import (
	"strings"

	"google.golang.org/grpc/codes"
)

// moment says what a status can be about, so that a text counts only where grpc-go can have made it.
type moment uint8

const (
	unsent  moment = 1 << iota // the call failed before it reached a connection
	nothing                    // a connection made the status, and no reply had begun
	reply                      // a connection made the status after the reply's header
	lost                       // a message of the reply may have come that could not be read
	size                       // the reply consists of a status, maybe because of the request's size
	single                     // the call has exactly one message in its reply
	bare                       // a trailer without metadata came after a header, maybe after the end of the call
)

// momentOf returns the moments that fit the evidence of a call that began.
func momentOf(seen evidence) moment {
	var m moment
	switch {
	case !seen.has(trailerSeen) && !seen.has(headerSeen):
		m = nothing
	case !seen.has(trailerSeen):
		m = reply | lost
	case seen.has(headerSeen):
		m = lost
	}
	if seen.has(trailerSeen|oversized) && !seen.has(headerSeen) {
		m |= size
	}
	if seen.has(trailerSeen | headerSeen | statusAlone) {
		m |= bare
	}
	if !seen.has(streaming) {
		m |= single
	}
	return m
}

// momentAt returns the moments that fit what grpc-gateway knows.
func momentAt(s Source) moment {
	switch s.place {
	case uncalled:
		return unsent | nothing | single
	case unaryNothing:
		return nothing | single
	case unaryHeader:
		return reply | lost | single
	case unaryTrailer:
		if len(s.header) == 0 {
			return size | single
		}
		return single
	case streamNoHeader:
		return nothing | size
	case streamHeader:
		return reply | lost
	}
	return 0
}

// pattern recognises a status that grpc-go's client makes, or a gRPC server, by its text.
type pattern struct {
	code      codes.Code // OK: any but DeadlineExceeded
	text      string     // its beginning; "*" stands for any text, and "$" for the end of the text
	when      moment
	diagnosis Diagnosis
}

// The status of a failure in grpc-go's client often differs in nothing but its text. The tests provoke each of these
// texts from grpc-go, and fail when one is not recognised any more.
var patterns = []pattern{
	// A reply that is not gRPC. A proxy's 429 and 503 say that it is busy, its 408 and 504 that something is slow.
	{codes.OK, "unexpected HTTP status code received from server: 408 ", nothing, slow},
	{codes.OK, "unexpected HTTP status code received from server: 429 ", nothing, down},
	{codes.OK, "unexpected HTTP status code received from server: 503 ", nothing, down},
	{codes.OK, "unexpected HTTP status code received from server: 504 ", nothing, slow},
	{codes.OK, "unexpected HTTP status code received from server: ", nothing, invalid},
	{codes.Internal, "malformed header: missing HTTP ", nothing, invalid},
	{codes.Internal, "protocol error: informational header ", nothing, invalid},
	{codes.Unavailable, "*credentials: cannot check peer: missing selected ALPN property", nothing, invalid},
	{codes.Unavailable, "*frame header looked like an HTTP/1.1 header", nothing, invalid},
	{codes.Unavailable, "*tls: first record does not look like a TLS handshake", nothing, invalid},
	{codes.Unavailable, "*tls: no application protocol", nothing, invalid},

	// A reply that breaks off, or breaks the rules of HTTP/2 or gRPC.
	{codes.OK, "a HEADERS frame cannot appear in the middle of a stream", nothing | reply, invalid},
	{codes.OK, "error reading from server: connection error: ", nothing | reply, invalid},
	{codes.OK, "error reading from server: http2: ", nothing | reply, invalid},
	{codes.OK, "invalid header field ", nothing | reply, invalid},
	{codes.Internal, "invalid pseudo-header ", nothing | reply, invalid},
	{codes.Internal, "duplicate pseudo-header ", nothing | reply, invalid},
	{codes.Internal, "pseudo header field after regular", nothing | reply, invalid},
	{codes.Internal, "received invalid frame", nothing | reply, invalid},
	{codes.OK, "peer header list size exceeded limit", nothing | reply, invalid},
	{codes.OK, "server closed the stream without sending trailers", nothing | reply, invalid},
	{codes.OK, "stream terminated by RST_STREAM with error code: ", nothing | reply, invalid},
	// A caller is not blamed for a reset, although a trailer that follows in the same segment hides that it was one.
	{codes.PermissionDenied, "stream terminated by RST_STREAM with error code: INADEQUATE_SECURITY", bare, invalid},
	{codes.OK, "transport: malformed ", nothing | reply, invalid},
	{codes.Unavailable, "closing transport due to: ", nothing | reply, failed},
	{codes.Unavailable, "error reading from server: ", nothing | reply, failed},

	// No connection.
	{codes.Unavailable, "connection error: ", nothing, failed},
	{codes.Unavailable, "name resolver error: ", nothing, failed},
	{codes.Unavailable, "the connection is draining", nothing, failed},
	{codes.Canceled, "grpc: the client connection is closing", unsent, failed},
	{codes.OK, "transport: per-RPC creds failed ", nothing, down},
	{codes.OK, "transport: received per-RPC creds error ", nothing, down},

	// A request that cannot be sent.
	{codes.Internal, "there is an empty key in the header", unsent, badHeader},
	{codes.Internal, "header key \"*\" contains illegal characters not in ", unsent, badHeader},
	{codes.Internal, "header key \"*\" contains value with non-printable ASCII characters", unsent, badHeader},
	{codes.ResourceExhausted, "trying to send message larger than max ", nothing, tooLarge},
	{codes.Internal, "header list size to send violates the maximum size ", nothing, largeHeaders},
	{codes.Internal, "grpc: error while marshaling: *invalid UTF-8$", nothing, notUTF8},
	{codes.Internal, "grpc: error while marshaling: ", nothing, byGateway},
	{codes.Internal, "grpc: Compressor is not installed ", unsent | nothing, byGateway},

	// A request that is over the limit of the backend.
	{codes.ResourceExhausted, "grpc: received message larger than max ", size, tooLarge},
	{codes.ResourceExhausted, "grpc: received message after decompression larger than max ", size, tooLarge},

	// A message that cannot be read, no message where one was due, or two.
	{codes.Internal, "cardinality violation: ", single, invalid},
	{codes.Internal, "grpc: Decompressor is not installed for grpc-encoding ", lost, invalid},
	{codes.Internal, "grpc: compressed flag set with identity or empty encoding", lost, invalid},
	{codes.Internal, "grpc: failed to decompress the ", lost, invalid},
	{codes.Internal, "grpc: failed to read decompressed data: ", lost, invalid},
	{codes.Internal, "grpc: failed to unmarshal the received message: ", lost, invalid},
	{codes.Internal, "grpc: received unexpected payload format ", lost, invalid},
	{codes.Internal, "unexpected EOF$", lost, invalid},
	{codes.ResourceExhausted, "grpc: received message after decompression larger than max ", lost, invalid},
	{codes.ResourceExhausted, "grpc: received message larger than max ", lost, invalid},
}

var (
	tooLarge     = refused("the request is too large")
	largeHeaders = refused("the headers of the request are too large")
	badHeader    = refused("a header of the request is not valid as gRPC metadata")
	notUTF8      = refused("the request has a text that is not valid UTF-8")
)

// match returns the first pattern that recognises the status at one of the moments. DeadlineExceeded needs no
// pattern, since a deadline passed in each case.
func (f *failure) match(at moment) (pattern, bool) {
	if f.Code == codes.DeadlineExceeded {
		return pattern{}, false
	}
	for _, p := range patterns {
		if p.when&at != 0 && (p.code == codes.OK || p.code == f.Code) && matches(f.Text, p.text) {
			return p, true
		}
	}
	return pattern{}, false
}

// matches reports whether a text is as a pattern says. Its cost is linear in the text.
func matches(text, want string) bool {
	want, whole := strings.CutSuffix(want, "$")
	begin, end, anything := strings.Cut(want, "*")
	rest, ok := strings.CutPrefix(text, begin)
	switch {
	case !ok:
		return false
	case whole && anything:
		return strings.HasSuffix(rest, end)
	case whole:
		return rest == ""
	default:
		return strings.Contains(rest, end)
	}
}
