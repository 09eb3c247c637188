package contracttest

import (
	"net/http"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/types/known/emptypb"

	"github.com/statusbridge/statusbridge/mapping"
)

// canary is part of every text that no client may read.
const canary = "canary-10.0.0.3:5432"

// A reply is one behaviour of the fake backend, with the response that a client must receive.
type reply struct {
	name  string
	serve func(grpc.ServerStream) error                // as a gRPC server
	plain func(w http.ResponseWriter, r *http.Request) // as an HTTP/2 server, if serve is nil
	want  want
	// header is added to the request that provokes the reply.
	header http.Header
	only   func(*route) bool // reports whether the reply fits a route; nil if it fits all
}

// A want is the response that the contract asks for. Zero fields are not checked.
type want struct {
	rule       string // the rule that is broken by another status
	status     int
	success    bool   // the success status that the method declares, or 200
	message    string // the message of the gRPC status
	attached   bool   // the service attached the message for clients, so it is sent under a 5xx too
	details    *string
	retryAfter string
	challenge  string
	late       bool // the failure follows the first message of a server stream
	cut        bool // the stream ends without a status, so that only its end is checked
}

// Texts of the fake backend.
const (
	clientText = "the name is taken"
	serverText = "pq: password authentication failed, host=" + canary
)

// text returns a message that fits a status: one for clients under a 4xx, one that must not be sent under a 5xx.
func text(status int) string {
	if status < 500 {
		return clientText
	}
	return serverText
}

// replies returns every reply of the gRPC server.
func (c *config) replies() []reply {
	var all []reply
	for _, some := range [][]reply{
		c.codeReplies(), c.exactReplies(), c.detailReplies(), c.textReplies(), c.metadataReplies(),
		c.successReplies(), c.streamReplies(), c.limitReplies(),
	} {
		all = append(all, some...)
	}
	return all
}

// succeed reads the request and replies with one message.
var succeed = messagesThen(nil, 1)

// messagesThen reads the request to its end, sends messages and returns err. Each is the empty message, which is a
// message of every type.
func messagesThen(err error, messages int) func(grpc.ServerStream) error {
	return func(stream grpc.ServerStream) error {
		for stream.RecvMsg(&emptypb.Empty{}) == nil {
		}
		for range messages {
			_ = stream.SendMsg(&emptypb.Empty{}) // it fails if the caller is gone
		}
		return err
	}
}

// failed returns a reply that ends with a gRPC status.
func failed(name string, w want, err error) reply {
	return reply{name: name, want: w, serve: messagesThen(err, 0)}
}

// meaning returns the documented sentence of a status, and false for a status without one.
func meaning(httpStatus int) (string, bool) {
	for _, row := range mapping.Rows() {
		if row.HTTPStatus == httpStatus {
			return row.Meaning, true
		}
	}
	return "", false
}
