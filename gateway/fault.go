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

// witness is what grpc-gateway knows of where an error came from.
type witness struct {
	place place
	call  context.Context
}

type place int

const (
	atGateway place = iota // code of the gateway's own process
	atMux                  // grpc-gateway, before it knew of a call
	inProcess              // a service in this process was called, or refused to be

	unaryUnheard  // no metadata came
	unaryHeader   // header metadata, and none in the trailer
	unaryTrailer  // trailer metadata, as every reply has that is nothing but a status
	streamUnheard // no header metadata came; grpc-gateway does not ask for a stream's trailer
	streamHeader
)

// byOwnCode is the witness of an error that no call is the cause of.
var byOwnCode = witness{place: atGateway}

// unaryWitness reads the context that grpc-gateway gives to an error handler.
func unaryWitness(ctx context.Context, md runtime.ServerMetadata) witness {
	if _, ok := runtime.RPCMethod(ctx); !ok {
		return witness{place: atMux}
	}
	w := witness{inProcess, ctx}
	if grpc.ServerTransportStreamFromContext(ctx) != nil {
		return w
	}
	switch {
	case len(md.TrailerMD) > 0:
		w.place = unaryTrailer
	case len(md.HeaderMD) > 0:
		w.place = unaryHeader
	default:
		w.place = unaryUnheard
	}
	return w
}

// streamWitness does so for the handler of stream errors.
func streamWitness(ctx context.Context, md runtime.ServerMetadata) witness {
	if len(md.HeaderMD) > 0 {
		return witness{streamHeader, ctx}
	}
	return witness{streamUnheard, ctx}
}

// faultOf decides by the evidence of [DialOptions] where there is some, by what grpc-gateway knows otherwise, and by
// grpc-go's own texts where nothing else is left.
func faultOf(err error, carrier contract.Carrier, r *contract.Reading, w witness) fault {
	switch {
	case w.place == inProcess && r.Status != nil && plainBadRequest(r.Text) != r.Text:
		return byRequest
	case w.place == inProcess:
		return byBackend
	case r.Status == nil:
		return byGateway
	}
	// The status is a call's if the call's error is the one that it was read of, and not a cause of that.
	if call, ok := carrier.(*callError); ok {
		return faultOfCall(call.evidence, r)
	}
	if _, ok := errors.AsType[*callError](err); ok || w.place == atGateway || w.place == atMux {
		return byGateway
	}
	if r.Detailed {
		return byBackend // or of an interceptor; no client of gRPC makes details
	}
	if r.Code == codes.DeadlineExceeded && errors.Is(w.call.Err(), context.DeadlineExceeded) ||
		r.Code == codes.Canceled && errors.Is(w.call.Err(), context.Canceled) {
		return upstreamFailed
	}
	f, ok := fault{}, false
	switch w.place {
	case unaryUnheard:
		return faultUnheard(r)
	case streamUnheard:
		f, ok = faultByText(r)
	case unaryHeader, streamHeader:
		f, ok = faultOnTheWay(r)
	}
	switch {
	case ok:
		return f
	case w.lostMessage(r):
		return upstreamInvalid
	default:
		return faultOfReply(r)
	}
}

// lostMessage reports whether a message may have come that could not be read, or none where one was due.
func (w witness) lostMessage(r *contract.Reading) bool {
	return isUnreadable(r) && (w.place == unaryHeader || w.place == streamHeader && !isMiscounted(r))
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
	case isUnreadable(r):
		return upstreamInvalid
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
		return e.has(headerSeen) && !isMiscounted(r)
	}
	return isMiscounted(r) || e.has(headerSeen) && !e.has(messageSeen)
}

// faultUnheard is for a unary call without evidence and without any metadata, which every reply of gRPC has: the
// status was made on this side.
func faultUnheard(r *contract.Reading) fault {
	if f, ok := faultByText(r); ok {
		return f
	}
	if isMiscounted(r) {
		return upstreamInvalid
	}
	switch r.Code {
	case codes.InvalidArgument:
		return byRequest
	case codes.Canceled, codes.DeadlineExceeded, codes.Unavailable:
		return upstreamFailed
	case codes.Internal, codes.Unknown:
		return upstreamInvalid
	}
	return byGateway // an interceptor's
}

// faultOfReply is for a status that the backend sent, or did not: of a reply without one, grpc-go makes an Unknown
// without a text.
func faultOfReply(r *contract.Reading) fault {
	if r.Code == codes.Unknown && r.Text == "" {
		return upstreamInvalid
	}
	return byBackend
}
