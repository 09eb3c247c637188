package gateway

import (
	"context"
	"encoding/json"
	"net/http"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// StreamErrorHandler gives grpc-gateway a status for a stream that failed. Register it with
// [runtime.WithStreamErrorHandler] where [Bridge] is not used.
//
// The status has the message that [ErrorHandler] would send, a code that grpc-gateway turns into the documented HTTP
// status as nearly as its own table can, and no details, since one that cannot be marshalled would make the whole
// error disappear. Registered alone it cannot give 405 and 502, the documented body of an error before the first
// message, and the HTTP status in the last chunk: grpc-gateway writes all of these itself.
func StreamErrorHandler(_ context.Context, err error) *status.Status {
	a := defaultBridge.answerTo(err)
	return status.New(defaultCode(a.httpStatus), a.message)
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
	if !x.committed {
		_, marshaler := runtime.MarshalerForRequest(b.mux, x.request)
		b.handleError(ctx, b.mux, marshaler, (*exchangeWriter)(x), x.request, err)
		x.closed = true
		return status.New(codes.Internal, "")
	}
	a := b.answerTo(err)
	b.observe(ctx, x.request, a, err)
	chunk, ok := b.errorChunk(x.request, &a)
	if !ok || x.download || b.abortStreams {
		panic(http.ErrAbortHandler)
	}
	x.chunk = chunk
	return status.New(codes.Internal, "")
}

// errorChunk is the last chunk of a stream that failed, in the framing of the user's marshaler. A marshaler that takes
// nothing but protos has no framing for it.
func (b *bridge) errorChunk(r *http.Request, a *answer) ([]byte, bool) {
	body := newBody(a)
	defer body.free()
	_, marshaler := runtime.MarshalerForRequest(b.mux, r)
	chunk, err := marshaler.Marshal(map[string]any{"error": json.RawMessage(body.bytes)})
	return chunk, err == nil && len(chunk) > 0
}
