package upstream

import (
	"context"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"
)

// Source contains what grpc-gateway knew about the call when it passed an error on. The zero value is [OwnCode].
type Source struct {
	place           place
	ctx             context.Context
	header, trailer metadata.MD
}

type place uint8

const (
	ownCode   place = iota // code of the gateway's process
	proxied                // an HTTP request to another server
	router                 // grpc-gateway, before it knew the method
	inProcess              // a service in this process was called, or refused to be

	// A client was called. The comments say what grpc-gateway knows about its reply.
	uncalled       // nothing: the request was unreadable, no connection was ready, or the client is in process
	unaryNothing   // a connection was used, and no metadata came
	unaryHeader    // header metadata came, and no trailer metadata
	unaryTrailer   // trailer metadata came, as in every reply that consists of a trailer
	streamNoHeader // no header metadata came; grpc-gateway does not ask for the trailer
	streamHeader   // header metadata came
)

// OwnCode is the source of an error that code of the gateway's process made or passes on.
func OwnCode() Source { return Source{} }

// Outgoing is the source of an error of an HTTP request to another server, as httputil.ReverseProxy gives it to its
// ErrorHandler.
func Outgoing() Source { return Source{place: proxied} }

// Unary is the source of an error that grpc-gateway gave to an error handler with its context and metadata.
//
// grpc-go sets the trailer metadata of every call for which a connection was ready, to an empty map if no metadata
// came. If the metadata is nil, the call did not use a connection.
func Unary(ctx context.Context, md runtime.ServerMetadata) Source {
	if ctx == nil {
		return OwnCode()
	}
	return Source{place: unaryPlace(ctx, md), ctx: ctx, header: md.HeaderMD, trailer: md.TrailerMD}
}

func unaryPlace(ctx context.Context, md runtime.ServerMetadata) place {
	if _, called := runtime.RPCMethod(ctx); !called {
		return router
	}
	if grpc.ServerTransportStreamFromContext(ctx) != nil {
		return inProcess
	}
	if len(md.TrailerMD) > 0 {
		return unaryTrailer
	}
	if len(md.HeaderMD) > 0 {
		return unaryHeader
	}
	if md.TrailerMD != nil {
		return unaryNothing
	}
	return uncalled
}

// Stream is the source of an error that grpc-gateway gave to a stream error handler with its context and metadata.
func Stream(ctx context.Context, md runtime.ServerMetadata) Source {
	if ctx == nil {
		return OwnCode()
	}
	s := Source{place: streamNoHeader, ctx: ctx, header: md.HeaderMD}
	if len(md.HeaderMD) > 0 {
		s.place = streamHeader
	}
	return s
}
