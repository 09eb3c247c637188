package adoption

import (
	"context"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/grpc"
)

// docs: drop

// dropStatus is an outgoing header matcher that drops the old key and forwards other metadata as before.
func dropStatus(key string) (string, bool) {
	if key == "x-http-code" {
		return "", false
	}
	return runtime.MetadataHeaderPrefix + key, true
}

// docs: end

// docs: rename

// renameStatus is a client interceptor that renames the old key in the response metadata of unary calls.
func renameStatus(
	ctx context.Context, method string, request, reply any, conn *grpc.ClientConn, invoke grpc.UnaryInvoker,
	options ...grpc.CallOption,
) error {
	err := invoke(ctx, method, request, reply, conn, options...)
	for _, option := range options {
		header, ok := option.(grpc.HeaderCallOption)
		if !ok {
			continue
		}
		if chosen := header.HeaderAddr.Get("x-http-code"); len(chosen) > 0 {
			header.HeaderAddr.Delete("x-http-code")
			header.HeaderAddr.Set("statusbridge-http-status", chosen...)
		}
	}
	return err
}

// docs: end
