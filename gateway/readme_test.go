package gateway_test

import (
	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"

	"github.com/statusbridge/statusbridge/gateway"
)

func Example() {
	// README: gateway
	mux := runtime.NewServeMux(gateway.Bridge())
	// README: end

	if err := registerProjects(mux); err != nil {
		panic(err)
	}
	show(mux, "PATCH", "/v1/projects/1")
	// Output:
	// PATCH /v1/projects/1 -> 405
	//   Allow: GET
	//   {"code":405,"message":"The method is not allowed for this endpoint."}
}
