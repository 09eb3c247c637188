// Package gateway makes a grpc-gateway send the HTTP statuses, the error body and the headers that NVIDIA Run:ai
// documents for its REST API.
//
// A [Bridge] keeps the whole contract:
//
//	bridge := gateway.New(gateway.WithObserver(gateway.LogObserver(logger)))
//	mux := bridge.NewServeMux(ownOptions...)
//	conn, err := grpc.NewClient(target, gateway.DialOptions(ownDialOptions...)...)
//	err = thingsv1.RegisterThingServiceHandler(ctx, mux, conn)
//	server := &http.Server{Handler: bridge.Handler(mux)}
//
// A request passes these layers, and the response passes them in the other order:
//
//	client - Handler - middleware - mux of the Bridge - connection with DialOptions - service with package mapping
//
// The service decides most statuses. The mux decides 400, 404 and 405. 502, 503 and 504 depend on what happened to the
// call, which [DialOptions] record. [Bridge.Handler] translates undocumented errors of everything inside.
//
// [ErrorHandler] is for a gateway that only needs the status table. docs/adding.md shows the steps from there to the
// whole contract.
//
// Services do not have to import this module. Package mapping lets Go services send more than a gRPC code can express.
package gateway
