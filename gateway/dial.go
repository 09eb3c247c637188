package gateway

import (
	"google.golang.org/grpc"

	"github.com/statusbridge/statusbridge/internal/upstream"
)

// DialOptions returns own and the options that record what happens to the calls of a ClientConn: whether the backend
// sent a status, and if not, how far the call came. The handlers of this package use it to choose between 502, 503
// and 504. Give the result to [grpc.NewClient], or to the registration from an endpoint:
//
//	conn, err := grpc.NewClient(target, gateway.DialOptions(credentials)...)
//
// The options add a stats handler, and interceptors that wrap the errors of calls. The packages status and errors
// read a wrapped error like the original one. Pass options that add interceptors as own: the errors of such an
// interceptor then have the origin [OriginGateway].
//
// Without DialOptions, the handlers use the metadata that grpc-gateway knows, and then grpc-go's error texts. They
// recognise a unary call that reached a connection by its metadata, and take the status of an interceptor for the
// service's. For streams, and after header metadata, only the text separates a failed connection from an error of the
// backend. docs/origin.md lists the differences.
func DialOptions(own ...grpc.DialOption) []grpc.DialOption {
	return upstream.DialOptions(own...)
}
