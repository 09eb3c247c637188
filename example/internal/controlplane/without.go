package controlplane

import (
	"context"
	"net/http"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/grpc"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/anypb"

	statusbridgev1 "github.com/statusbridge/statusbridge/gen/go/statusbridge/v1"
)

// WithoutPrefix is the path of the same API from a grpc-gateway without this library. The explorer compares the two.
const WithoutPrefix = "/without"

// newAPIWithout returns a grpc-gateway without this library. To be fair, it receives the errors that services without
// this library would send, and its calls have the same deadline.
func newAPIWithout(config *Config, resources, workloads backend) (http.Handler, error) {
	mux := runtime.NewServeMux()
	err := register(mux, resources, workloads,
		config.Trace.DialOption(), grpc.WithChainUnaryInterceptor(withoutExactStatus))
	return http.StripPrefix(WithoutPrefix, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), config.Deadline)
		defer cancel()
		mux.ServeHTTP(w, r.WithContext(ctx))
	})), err
}

// withoutExactStatus removes the detail that package mapping adds. The code, the message and the service's own details
// stay.
func withoutExactStatus(
	ctx context.Context, method string, request, reply any, connection *grpc.ClientConn,
	invoke grpc.UnaryInvoker, options ...grpc.CallOption,
) error {
	err := invoke(ctx, method, request, reply, connection, options...)
	if err == nil {
		return nil
	}
	st := status.Convert(err).Proto()
	var kept []*anypb.Any
	for _, detail := range st.GetDetails() {
		if !detail.MessageIs((*statusbridgev1.Error)(nil)) {
			kept = append(kept, detail)
		}
	}
	st.Details = kept
	return status.FromProto(st).Err()
}
