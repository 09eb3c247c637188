package gateway

import (
	"context"
	"errors"
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

// StreamErrorHandler returns the status that grpc-gateway sends for a stream that failed. Register it with
// [runtime.WithStreamErrorHandler] if the mux does not come from a [Bridge].
//
// The status has the message that [ErrorHandler] would send, and a code that grpc-gateway's own table maps to the
// documented HTTP status, or to the nearest one. It has no details, because grpc-gateway drops an error whose details
// it cannot marshal. StreamErrorHandler alone cannot send 405 and 502, the documented body of an error before the
// first message, and the HTTP status in the last chunk. Use [Bridge.NewServeMux] for these.
func StreamErrorHandler(ctx context.Context, err error) *status.Status {
	return byDefault.streamStatus(ctx, err)
}

func (b *Bridge) streamStatus(ctx context.Context, err error) *status.Status {
	md, _ := runtime.ServerMetadataFromContext(ctx)
	f := b.failure(err, upstream.Stream(ctx, md))
	return status.New(defaultCode(f.code, f.httpStatus), f.message)
}

// defaultCode returns the code that grpc-gateway's own table maps to the status: the error's own one if it does, or
// else the first or the nearest one.
func defaultCode(code codes.Code, httpStatus int) codes.Code {
	switch {
	case runtime.HTTPStatusFromCode(code) == httpStatus:
		return code
	case httpStatus == http.StatusMethodNotAllowed:
		return codes.Unimplemented
	case httpStatus == http.StatusBadGateway:
		return codes.Unavailable
	}
	for code := codes.Canceled; code <= codes.Unauthenticated; code++ {
		if runtime.HTTPStatusFromCode(code) == httpStatus {
			return code
		}
	}
	return codes.Internal
}

// errNoBody ends a stream whose response is complete without a body: a HEAD, or a 204.
var errNoBody = errors.New("gateway: the response has no body")

// written is what the stream error handler returns after the response is complete. grpc-gateway's chunk is dropped.
func written() *status.Status { return status.New(codes.Internal, "") }

// handleStreamError sends a failure before the first message like that of a unary call. A failure after it becomes the
// last chunk, or aborts the response.
func (h *hooks) handleStreamError(ctx context.Context, err error) *status.Status {
	c := callFrom(ctx)
	switch {
	case c == nil:
		return h.bridge.streamStatus(ctx, err)
	case alreadyFailed(c, c.exchange):
		return written()
	}
	if errors.Is(err, errNoBody) {
		c.inner.Finish()
		c.inner.Complete()
		return written()
	}
	md, _ := runtime.ServerMetadataFromContext(ctx)
	if !c.inner.Begun() && c.direct {
		h.bridge.respond(ctx, h.mux, &c.inner, c.request, err, md, upstream.Stream(ctx, md))
		return written()
	}
	f := h.bridge.failure(err, upstream.Stream(ctx, md))
	h.bridge.observe(ctx, c.request, &f, err)
	_, marshaler := runtime.MarshalerForRequest(h.mux, c.request)
	return c.endStream(marshaler, &f, h.bridge.abortStreams)
}

// endStream ends a stream with an error chunk in the framing of the user's marshaler, or aborts it if a client would
// take the chunk for data.
func (c *call) endStream(marshaler runtime.Marshaler, f *failure, abort bool) *status.Status {
	// grpc-gateway gives a marshaler an error in this type, and some marshalers distinguish it from a message.
	message := map[string]proto.Message{"error": chunkBody(f)}
	// A response rewriter may have replaced the messages by raw bytes: the Content-Type tells.
	if abort || c.download || c.inner.Begun() && c.contentType != streamContentType(marshaler, message) {
		c.exchange.Abort()
	}
	if !c.direct {
		// Middleware inside of ours may encode what grpc-gateway writes, so grpc-gateway has to write the chunk.
		code := codes.Code(f.httpStatus)
		if !c.inner.Begun() {
			code = defaultCode(f.code, f.httpStatus) // decides the HTTP status
		}
		return status.New(code, f.message)
	}
	chunk, err := marshaler.Marshal(message)
	if err != nil || len(chunk) == 0 {
		c.exchange.Abort()
	}
	delimiter := []byte("\n")
	if delimited, ok := marshaler.(runtime.Delimited); ok {
		delimiter = delimited.Delimiter()
	}
	_, _ = c.inner.Write(append(chunk, delimiter...)) // a client that has gone reads nothing
	c.inner.Complete()
	return written()
}

// chunkBody returns the documented body as a proto message. Without details it is a Struct, because some marshalers
// emit unpopulated fields.
func chunkBody(f *failure) proto.Message {
	message, details := contract.ValidUTF8(f.message), contract.ValidUTF8(f.details)
	if details != "" {
		return &statusbridgev1.Error{Code: int32(f.httpStatus), Message: message, Details: details}
	}
	return &structpb.Struct{Fields: map[string]*structpb.Value{
		"code":    structpb.NewNumberValue(float64(f.httpStatus)),
		"message": structpb.NewStringValue(message),
	}}
}

// streamContentType returns the Content-Type that grpc-gateway sets for a stream.
func streamContentType(marshaler runtime.Marshaler, message any) string {
	if typed, ok := marshaler.(runtime.StreamContentType); ok {
		return typed.StreamContentType(message)
	}
	return marshaler.ContentType(message)
}
