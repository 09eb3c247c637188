// Package gateway makes a grpc-gateway process answer with the HTTP statuses, the error body and the headers that
// NVIDIA Run:ai documents for its REST API, whatever happens behind it.
//
// For the whole contract, one option:
//
//	mux := runtime.NewServeMux(gateway.Bridge())
//
// Around it and everything else that a server serves, [Handler] holds the same for what is not of the mux:
//
//	server := &http.Server{Handler: gateway.Handler(mux)}
//
// A request passes, and its answer comes back through:
//
//	client - Handler - middleware - ServeMux with Bridge - connection with DialOptions - service with mapping
//
// The mux decides 400, 404 and 405 by itself, the connection 502, 503 and 504 of what became of a call, and the service
// everything else. docs/README.md has this as a drawing.
//
// For errors alone, [ErrorHandler] and [RoutingErrorHandler] can be registered as they are.
//
// Services behind the gateway need nothing for the table to apply; those written in Go import package mapping to
// say more than a gRPC code can.
package gateway
