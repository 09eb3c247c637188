package gateway

import (
	"context"
	"net/http"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/structpb"

	statusbridgev1 "github.com/statusbridge/statusbridge/gen/go/statusbridge/v1"
	"github.com/statusbridge/statusbridge/internal/contract"
	"github.com/statusbridge/statusbridge/internal/upstream"
)

// StreamErrorHandler gives grpc-gateway a status for a stream that failed. Register it with
// [runtime.WithStreamErrorHandler] where [Bridge] is not used.
//
// The status has the message that [ErrorHandler] would send. It keeps its code if grpc-gateway's own table turns that
// into the documented HTTP status, else it has the code that comes nearest. It has no details, since one that cannot be marshalled would make the whole
// error disappear. Registered alone it cannot give 405 and 502, the documented body of an error before the first
// message, and the HTTP status in the last chunk: grpc-gateway writes all of these itself.
func StreamErrorHandler(ctx context.Context, err error) *status.Status {
	md, _ := runtime.ServerMetadataFromContext(ctx)
	a := defaultBridge.answerTo(err, upstream.Stream(ctx, md))
	code := a.code
	if runtime.HTTPStatusFromCode(code) != a.httpStatus {
		code = defaultCode(a.httpStatus)
	}
	return status.New(code, a.message)
}

// defaultCode is the code that grpc-gateway's own table turns into the status, or into the nearest there is.
func defaultCode(httpStatus int) codes.Code {
	switch httpStatus {
	case http.StatusMethodNotAllowed:
		return codes.Unimplemented
	case http.StatusBadGateway:
		return codes.Unavailable
	}
	for code := codes.Canceled; code <= codes.Unauthenticated; code++ {
		if runtime.HTTPStatusFromCode(code) == httpStatus {
			return code
		}
	}
	return codes.Internal
}

// handleStreamError answers a failure before the first message as a unary call's. After it, the chunk that
// grpc-gateway is about to write is replaced by the documented one, or the connection is aborted.
func (b *bridge) handleStreamError(ctx context.Context, err error) *status.Status {
	x := exchangeFrom(ctx)
	if x == nil || x.closed {
		return StreamErrorHandler(ctx, err)
	}
	md, _ := runtime.ServerMetadataFromContext(ctx)
	from := upstream.Stream(ctx, md)
	if !x.began {
		_, marshaler := runtime.MarshalerForRequest(b.mux, x.request)
		b.answerError(ctx, b.mux, marshaler, x.mostInner(), x.request, err, marks{exchange: x}, md, from)
		x.closed = true
		return status.New(codes.Internal, "")
	}
	a := b.answerTo(err, from)
	b.observe(ctx, x.request, &a, err)
	chunk, ok := b.errorChunk(x, &a)
	if !ok || b.abortStreams {
		x.abort()
	}
	x.put().chunk = chunk
	return status.New(codes.Internal, "")
}

// errorChunk is the last chunk of a stream that failed, in the framing of the user's marshaler. There is none for raw
// bytes, nor with a marshaler that takes nothing but protos.
func (b *bridge) errorChunk(x *exchange, a *answer) ([]byte, bool) {
	// The type in which grpc-gateway gives a marshaler an error, by which some tell it from a message.
	message := map[string]proto.Message{"error": chunkBody(a)}
	_, marshaler := runtime.MarshalerForRequest(b.mux, x.request)
	// A response rewriter may have made raw bytes of a message: then the type of the content is theirs.
	if a := x.put(); a.download || a.declared != streamContentType(marshaler, message) {
		return nil, false
	}
	chunk, err := marshaler.Marshal(message)
	return chunk, err == nil && len(chunk) > 0
}

// chunkBody is the documented body as a proto. Without details it is a Struct, which has no unpopulated fields that a
// marshaler could be told to emit.
func chunkBody(a *answer) proto.Message {
	message, details := contract.ValidUTF8(a.message), contract.ValidUTF8(a.details)
	if details != "" {
		return &statusbridgev1.Error{Code: int32(a.httpStatus), Message: message, Details: details}
	}
	return &structpb.Struct{Fields: map[string]*structpb.Value{
		"code":    structpb.NewNumberValue(float64(a.httpStatus)),
		"message": structpb.NewStringValue(message),
	}}
}

// streamContentType is what grpc-gateway declares for a stream of messages.
func streamContentType(marshaler runtime.Marshaler, message any) string {
	if typed, ok := marshaler.(runtime.StreamContentType); ok {
		return typed.StreamContentType(message)
	}
	return marshaler.ContentType(message)
}
