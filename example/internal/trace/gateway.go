package trace

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	"github.com/statusbridge/statusbridge/gateway"
)

type addrKey struct{}

// metadataKey carries the address to the service.
const metadataKey = "explorer-address"

// Handler returns a handler that records the requests to next. It is the outermost layer of the gateway.
func (r *Recorder) Handler(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, request *http.Request) {
		followed := r.find(request.RemoteAddr)
		if followed == nil {
			next.ServeHTTP(w, request)
			return
		}
		defer close(followed.done)
		ctx := context.WithValue(request.Context(), addrKey{}, request.RemoteAddr)
		next.ServeHTTP(w, request.WithContext(ctx))
	})
}

// DialOption returns the option of a gateway's connection that records its calls.
func (r *Recorder) DialOption() grpc.DialOption {
	return grpc.WithChainUnaryInterceptor(func(
		ctx context.Context, method string, request, reply any, connection *grpc.ClientConn,
		invoke grpc.UnaryInvoker, options ...grpc.CallOption,
	) error {
		addr, ok := ctx.Value(addrKey{}).(string)
		if !ok {
			return invoke(ctx, method, request, reply, connection, options...)
		}
		outgoing := metadata.AppendToOutgoingContext(ctx, metadataKey, addr)
		err := invoke(outgoing, method, request, reply, connection, options...)
		route, _ := runtime.HTTPPathPattern(ctx)
		received := inWords(status.Convert(err))
		r.record(addr, func(t *Trace) { t.Route, t.RPC, t.GRPC = route, method, received })
		return err
	})
}

// Observe is an observer for gateway.WithObserver.
func (r *Recorder) Observe(ctx context.Context, o gateway.Observation) {
	addr, _ := ctx.Value(addrKey{}).(string)
	r.record(addr, func(t *Trace) {
		if t.Route == "" {
			t.Route, t.RPC = o.Route, o.RPCMethod
		}
		t.Observation = &Observation{
			Status: o.HTTPStatus, Origin: string(o.Origin), Code: o.GRPCCode.String(), Cause: o.Err.Error(),
		}
	})
}

// inWords returns a gRPC status with its details as JSON.
func inWords(st *status.Status) *GRPCStatus {
	words := &GRPCStatus{Code: st.Code().String(), Message: st.Message(), Details: []string{}}
	for _, detail := range st.Details() {
		message, ok := detail.(proto.Message)
		if !ok {
			continue // the type is not linked
		}
		// Compact removes the spaces that protojson adds at random.
		var text bytes.Buffer
		_ = json.Compact(&text, []byte(protojson.Format(message)))
		words.Details = append(words.Details, string(message.ProtoReflect().Descriptor().FullName())+" "+text.String())
	}
	return words
}
