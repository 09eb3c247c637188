package gateway

import (
	"context"
	"errors"
	"net/http"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"

	"github.com/statusbridge/statusbridge/internal/contract"
)

// fault says whose an error is. What the backend answered follows the table; of what was made on this side, the code
// says too little, or blames the caller.
type fault struct {
	origin     Origin
	httpStatus int    // 0: by the table
	message    string // for the client; empty: as for any other error
}

var (
	byBackend = fault{origin: OriginBackend}
	byGateway = fault{origin: OriginGateway}
	byRequest = fault{origin: OriginRequest}

	upstreamFailed  = fault{origin: OriginUpstream} // in a way for which the table has the status
	upstreamInvalid = fault{origin: OriginUpstream, httpStatus: http.StatusBadGateway}
	upstreamDown    = fault{origin: OriginUpstream, httpStatus: http.StatusServiceUnavailable}
	upstreamSlow    = fault{origin: OriginUpstream, httpStatus: http.StatusGatewayTimeout}
)

// witness is what grpc-gateway says of where an error came from.
type witness int

const (
	fromGateway witness = iota // code of the gateway's own process
	fromMux                    // grpc-gateway, before it knew of a call
	fromProcess                // a service in this process was called, or refused to be
	fromTrailer                // the backend answered
	fromHeader                 // it began to
	fromNowhere                // no metadata came of the call
	fromStream                 // a stream, of which grpc-gateway tells too little
)

// witnessOf reads the context that grpc-gateway gives to an error handler.
func witnessOf(ctx context.Context) witness {
	if _, ok := runtime.RPCMethod(ctx); !ok {
		return fromMux
	}
	if grpc.ServerTransportStreamFromContext(ctx) != nil {
		return fromProcess
	}
	md, _ := runtime.ServerMetadataFromContext(ctx)
	switch {
	case len(md.TrailerMD) > 0:
		return fromTrailer
	case len(md.HeaderMD) > 0:
		return fromHeader
	default:
		return fromNowhere
	}
}

// faultOf decides by the evidence of [DialOptions] where there is some, by what grpc-gateway says otherwise, and by
// grpc-go's own texts where nothing else is left.
func faultOf(err error, r *contract.Reading, w witness) fault {
	if w == fromGateway {
		return byGateway
	}
	if r.Status == nil {
		if w == fromProcess {
			return byBackend
		}
		return byGateway
	}
	if call, ok := errors.AsType[*callError](err); ok {
		return faultOfCall(call.evidence, r)
	}
	switch w {
	case fromProcess:
		if plainBadRequest(r.Text) != r.Text {
			return byRequest
		}
		return byBackend
	case fromTrailer:
		return faultOfReply(r)
	case fromHeader, fromStream:
		if f, ok := faultByText(r); ok {
			return f
		}
		return faultOfReply(r)
	case fromNowhere:
		return faultUnheard(r)
	default:
		return byGateway
	}
}

// faultOfCall is for a call that left evidence.
func faultOfCall(seen evidence, r *contract.Reading) fault {
	switch {
	case !seen.has(begun):
		// The connection was closed or the deadline had passed; other codes are those of an interceptor.
		switch r.Code {
		case codes.Canceled, codes.DeadlineExceeded, codes.Unavailable:
			return upstreamFailed
		}
		return byGateway
	case r.Detailed:
		return byBackend // no client of gRPC makes details
	case seen.has(trailerSeen):
		if isUnreadable(r) && seen.mayHaveLost(r) {
			return upstreamInvalid
		}
		if seen.has(headerSeen | statusSeen) {
			return byBackend
		}
		return faultOfReply(r)
	}
	if f, ok := faultByText(r); ok {
		return f
	}
	switch {
	case r.Code == codes.Canceled || r.Code == codes.DeadlineExceeded || r.Code == codes.Unavailable:
		return upstreamFailed
	case !seen.has(headerSent):
		return upstreamDown
	default:
		return upstreamInvalid
	}
}

// mayHaveLost reports whether a message can have come that could not be read, or none where one was due, although the
// trailer came.
func (e evidence) mayHaveLost(r *contract.Reading) bool {
	if e.has(streaming) {
		return e.has(headerSeen)
	}
	return isMiscounted(r) || e.has(headerSeen) && !e.has(messageSeen)
}

// faultUnheard is for a unary call without evidence and without any metadata, which every reply of gRPC has: the
// status was made on this side.
func faultUnheard(r *contract.Reading) fault {
	if f, ok := faultByText(r); ok {
		return f
	}
	switch r.Code {
	case codes.InvalidArgument:
		return byRequest
	case codes.Canceled, codes.DeadlineExceeded, codes.Unavailable:
		return upstreamFailed
	case codes.Internal, codes.Unknown:
		if !r.Detailed {
			return upstreamInvalid
		}
	}
	return byGateway // an interceptor's
}

// faultOfReply is for a status that the backend sent, or did not: of a reply without one, grpc-go makes an Unknown
// without a text.
func faultOfReply(r *contract.Reading) fault {
	if r.Code == codes.Unknown && r.Text == "" && !r.Detailed {
		return upstreamInvalid
	}
	return byBackend
}
