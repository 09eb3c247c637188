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
// evidence is left: the HTTP status of a reply that is not gRPC, for one, is nowhere else. The tests of the faults provoke
// each of them from grpc-go, and fail when it is no longer recognised.

// faultByText recognises a status that grpc-go's client made of a call that no header had come of.
func faultByText(r *contract.Reading) (fault, bool) {
	if httpStatus, ok := replyStatus(r.Text); ok {
		return faultOfProxy(httpStatus), true
	}
	if f, ok := faultOnTheWay(r); ok {
		return f, ok
	}
	switch {
	case r.Code == codes.Unavailable && containsText(r.Text, otherProtocols):
		return upstreamInvalid, true
	case r.Code == codes.Unavailable && hasPrefix(r.Text, noConnections):
		return upstreamFailed, true
	case hasPrefix(r.Text, noCredentials):
		return upstreamDown, true
	case r.Code == codes.ResourceExhausted && hasPrefix(r.Text, largeRequests):
		return refused("the request is too large"), true
	case r.Code == codes.Internal && hasPrefix(r.Text, largeHeaders):
		return refused("the headers of the request are too large"), true
	case r.Code == codes.Internal && strings.HasPrefix(r.Text, unmarshalable) && strings.HasSuffix(r.Text, "invalid UTF-8"):
		return refused("the request has a text that is not valid UTF-8"), true
	case r.Code == codes.Internal && hasPrefix(r.Text, unsent):
		return byGateway, true
	}
	return fault{}, false
}

// faultOnTheWay recognises a call that broke off, at any point of it.
func faultOnTheWay(r *contract.Reading) (fault, bool) {
	switch {
	case r.Code == codes.DeadlineExceeded:
	case hasPrefix(r.Text, broken):
		return upstreamInvalid, true
	case r.Code == codes.Unavailable && hasPrefix(r.Text, lostConnections):
		return upstreamFailed, true
	}
	return fault{}, false
}

func refused(message string) fault {
	return fault{origin: OriginRequest, httpStatus: http.StatusBadRequest, message: message}
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
	return r.Code == codes.Internal && strings.HasPrefix(r.Text, "cardinality violation: ")
}

var (
	unreadable = []string{
		"cardinality violation: ",
		"grpc: Decompressor is not installed for grpc-encoding ",
		"grpc: compressed flag set with identity or empty encoding",
		"grpc: failed to decompress the ",
		"grpc: failed to read decompressed data: ",
		"grpc: failed to unmarshal the received message: ",
		"grpc: received message after decompression larger than max ",
		"grpc: received message larger than max ",
		"grpc: received unexpected payload format ",
	}
	broken = []string{
		"a HEADERS frame cannot appear in the middle of a stream",
		"error reading from server: connection error: ",
		"error reading from server: http2: ",
		"invalid header field ",
		"peer header list size exceeded limit",
		"server closed the stream without sending trailers",
		"stream terminated by RST_STREAM with error code: ",
		"transport: malformed ",
	}
	// What the client says of a server that speaks HTTP/1.1, or no TLS, is part of a longer text.
	otherProtocols = []string{
		"credentials: cannot check peer: missing selected ALPN property",
		"frame header looked like an HTTP/1.1 header",
		"tls: first record does not look like a TLS handshake",
		"tls: no application protocol",
	}
	largeRequests   = []string{"trying to send message larger than max "}
	largeHeaders    = []string{"header list size to send violates the maximum size "}
	unsent          = []string{"grpc: Compressor is not installed ", unmarshalable}
	noCredentials   = []string{"transport: per-RPC creds failed ", "transport: received per-RPC creds error "}
	noConnections   = []string{"connection error: ", "name resolver error: ", "the connection is draining"}
	lostConnections = []string{"closing transport due to: ", "error reading from server: ", "transport is closing"}
)

const unmarshalable = "grpc: error while marshaling: "

func hasPrefix(text string, prefixes []string) bool {
	return slices.ContainsFunc(prefixes, func(prefix string) bool { return strings.HasPrefix(text, prefix) })
}

func containsText(text string, parts []string) bool {
	return slices.ContainsFunc(parts, func(part string) bool { return strings.Contains(text, part) })
}
