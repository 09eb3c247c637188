package gateway

import (
	"google.golang.org/grpc"

	"github.com/statusbridge/statusbridge/internal/upstream"
)

// DialOptions returns own and the options with which a ClientConn tells the handlers of this package what happened to a
// call that failed: whether the backend sent the status, and if not, how far the call came. Give them to
// [grpc.NewClient], or to the registration from an endpoint:
//
//	conn, err := grpc.NewClient(target, gateway.DialOptions(credentials)...)
//
// They add a stats handler, and interceptors that wrap the errors of calls. A wrapped error is, to the packages status
// and errors, the error that it was. Pass options that add interceptors as own: the errors of such an interceptor then
// have the origin [OriginGateway].
//
// Without DialOptions the handlers use the metadata that grpc-gateway knows, and then grpc-go's error texts. A unary call
// that a connection took is recognised by its metadata. A status of an interceptor is then taken for the service's.
// For streams, and after header metadata, only the text separates a transport failure from the backend's own error.
// The page docs/origin.md lists the differences.
func DialOptions(own ...grpc.DialOption) []grpc.DialOption {
	return upstream.DialOptions(own...)
}
