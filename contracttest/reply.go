package contracttest

import (
	"net/http"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/emptypb"

	"github.com/statusbridge/statusbridge/mapping"
)

// canary is part of every text that no client may read.
const canary = "canary-10.0.0.3:5432"

// A reply is what the fake backend does with a call, and the response that has to follow.
type reply struct {
	name  string
	serve func(grpc.ServerStream) error                // as a gRPC server
	plain func(w http.ResponseWriter, r *http.Request) // as an HTTP/2 server, if serve is nil
	want  want
	// header is added to the request that provokes the reply.
	header http.Header
	only   func(*route) bool // the routes that the reply makes sense for; nil for all
}

// A want is a response as the contract wants it. Its zero fields are not checked.
type want struct {
	rule       string // the rule that is broken by another status
	status     int
	success    bool   // the success status that the method declares, or 200
	message    string // under this status
	attached   bool   // message was written for clients, whatever the status
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

// failed returns a reply that ends with a gRPC status.
func failed(name string, w want, err error) reply {
	return reply{name: name, want: w, serve: func(stream grpc.ServerStream) error {
		if err := drain(stream); err != nil {
			return err
		}
		return err
	}}
}

// codeReplies has a reply for each gRPC code, and for codes that gRPC does not define. Metadata separates the header
// from the trailer, which are one header list otherwise.
func (c *config) codeReplies() []reply {
	var all []reply
	for _, code := range []codes.Code{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 20, 99, 1001} {
		httpStatus := c.httpStatus(code)
		w := want{rule: ruleCodeStatus, status: httpStatus, message: text(httpStatus)}
		err := status.Error(code, text(httpStatus))
		all = append(all, failed("code "+code.String(), w, err))
		separate := failed("header metadata, then code "+code.String(), w, err)
		separate.serve = withHeader(metadata.Pairs("x-contracttest", "1"), separate.serve)
		all = append(all, separate)
	}
	return all
}

// withHeader sends header metadata before the rest of a reply.
func withHeader(header metadata.MD, next func(grpc.ServerStream) error) func(grpc.ServerStream) error {
	return func(stream grpc.ServerStream) error {
		if err := stream.SetHeader(header); err != nil {
			return err
		}
		return next(stream)
	}
}

// withTrailer sends trailer metadata after the rest of a reply.
func withTrailer(trailer metadata.MD, next func(grpc.ServerStream) error) func(grpc.ServerStream) error {
	return func(stream grpc.ServerStream) error {
		stream.SetTrailer(trailer)
		return next(stream)
	}
}

// limitReplies refuse a request for its size, as a gRPC server does by itself. The text names the size, so that an empty
// message cannot be refused like this.
func (c *config) limitReplies() []reply {
	w := want{rule: ruleBadRequest, status: 400}
	return []reply{{name: "the request is over the backend's limit", want: w, serve: func(stream grpc.ServerStream) error {
		var request emptypb.Empty
		if err := stream.RecvMsg(&request); err != nil || proto.Size(&request) == 0 {
			return mapping.Errorf(400, clientText)
		}
		size := proto.Size(&request)
		return status.Errorf(codes.ResourceExhausted, "grpc: received message larger than max (%d vs. %d)", size, size-1)
	}}}
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
