// Package statusconnect lets services written with connect-go send the exact HTTP statuses of statusbridge. It is for
// services that a grpc-gateway calls with the gRPC protocol.
//
// Give the interceptor to each handler:
//
//	path, handler := thingsv1connect.NewThingServiceHandler(service,
//		connect.WithInterceptors(statusconnect.Interceptor()))
//
// Handlers then use package mapping as they would with grpc-go. They return [mapping.Errorf] to choose the status of
// an error, and call [mapping.SetHTTPStatus] to choose the status of a success.
//
// It is a separate module, so that statusbridge does not depend on connect-go.
package statusconnect
