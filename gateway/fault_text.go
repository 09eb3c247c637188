package gateway

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"google.golang.org/grpc/codes"

	"github.com/statusbridge/statusbridge/internal/contract"
)

// Some of what grpc-go's client makes of a failure differs in nothing but its text. The texts are read where no better
// evidence is left: the HTTP status of a reply that is not gRPC, for one, is nowhere else. TestFaultTexts provokes each
// of them from grpc-go, and fails when it is no longer recognised.

// faultByText recognises a status that grpc-go's client made.
func faultByText(r *contract.Reading) (fault, bool) {
	if r.Detailed || r.Code == codes.DeadlineExceeded {
		return fault{}, false
	}
	if httpStatus, ok := replyStatus(r.Text); ok {
		return faultOfProxy(httpStatus), true
	}
	if isUnreadable(r) || hasPrefix(r.Text, noReplies) {
		return upstreamInvalid, true
	}
	switch {
	case r.Code == codes.Unavailable && containsText(r.Text, otherProtocols):
		return upstreamInvalid, true
	case r.Code == codes.ResourceExhausted && hasPrefix(r.Text, largeRequests):
		return fault{OriginRequest, http.StatusBadRequest, "the request is too large"}, true
	case r.Code == codes.Internal && hasPrefix(r.Text, largeHeaders):
		return fault{OriginRequest, http.StatusBadRequest, "the headers of the request are too large"}, true
	case r.Code == codes.Internal && hasPrefix(r.Text, unsent):
		return byGateway, true
	case hasPrefix(r.Text, noCredentials):
		return upstreamDown, true
	case r.Code == codes.Unavailable && hasPrefix(r.Text, lostConnections):
		return upstreamFailed, true
	}
	return fault{}, false
}

// faultOfProxy is for an HTTP answer that is not gRPC: some proxy between here and the backend speaks of itself, and
// never of this request's caller.
func faultOfProxy(httpStatus int) fault {
	switch httpStatus {
	case http.StatusServiceUnavailable:
		return upstreamDown
	case http.StatusGatewayTimeout:
		return upstreamSlow
	default:
		return upstreamInvalid
	}
}

// replyStatus reads the HTTP status of a reply that was not gRPC.
func replyStatus(text string) (int, bool) {
	rest, ok := strings.CutPrefix(text, "unexpected HTTP status code received from server: ")
	if !ok {
		return 0, false
	}
	number, _, _ := strings.Cut(rest, " ")
	httpStatus, err := strconv.Atoi(number)
	return httpStatus, err == nil
}

// isUnreadable recognises a reply that is gRPC, with a message that is too large, broken, or of another type.
func isUnreadable(r *contract.Reading) bool {
	switch r.Code {
	case codes.Internal, codes.ResourceExhausted:
		return r.Text == "unexpected EOF" || hasPrefix(r.Text, unreadable)
	}
	return false
}

// isMiscounted recognises a reply with no message, or with two, to a call that has one.
func isMiscounted(r *contract.Reading) bool {
	return strings.HasPrefix(r.Text, "cardinality violation: ")
}

var (
	unreadable = []string{
		"cardinality violation: ",
		"grpc: Decompressor is not installed for grpc-encoding ",
		"grpc: compressed flag set with identity or empty encoding",
		"grpc: failed to decompress the ",
		"grpc: failed to read decompressed data: ",
		"grpc: failed to unmarshal the received message: ",
		"grpc: message after decompression larger than max ",
		"grpc: no decompressor available for compressed payload",
		"grpc: peer compressed the response with ",
		"grpc: received message after decompression larger than max ",
		"grpc: received message larger than max ",
		"grpc: received unexpected payload format ",
	}
	noReplies = []string{
		"a HEADERS frame cannot appear in the middle of a stream",
		"malformed header: missing HTTP ",
		"peer header list size exceeded limit",
		"protocol error: informational header ",
		"server closed the stream without sending trailers",
		"stream error: stream ID ",
		"stream terminated by RST_STREAM with error code: ",
		"transport: malformed ",
		"transport: received unexpected content-type ",
	}
	// What the client says of a server that speaks HTTP/1.1, or no TLS, is part of a longer text.
	otherProtocols = []string{
		"credentials: cannot check peer: missing selected ALPN property",
		"frame header looked like an HTTP/1.1 header",
		"initial http2 frame from server is not a settings frame",
		"tls: first record does not look like a TLS handshake",
		"tls: no application protocol",
	}
	largeRequests   = []string{"grpc: message too large ", "trying to send message larger than max "}
	largeHeaders    = []string{"header list size to send violates the maximum size "}
	unsent          = []string{"grpc: Compressor is not installed ", "grpc: error while compressing: ", "grpc: error while marshaling: "}
	noCredentials   = []string{"transport: cannot send secure credentials ", "transport: per-RPC creds failed ", "transport: received per-RPC creds error "}
	lostConnections = []string{
		"closing transport due to: ", "connection error: ", "error reading from server: ", "keepalive ping failed ",
		"last connection error: ", "name resolver error: ", "no children to pick from", "the connection is draining",
		"the stream is rejected because server is draining the connection", "transport is closing",
	}
)

func hasPrefix(text string, prefixes []string) bool {
	return slices.ContainsFunc(prefixes, func(prefix string) bool { return strings.HasPrefix(text, prefix) })
}

func containsText(text string, parts []string) bool {
	return slices.ContainsFunc(parts, func(part string) bool { return strings.Contains(text, part) })
}
