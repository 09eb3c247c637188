// Package mapping maps the HTTP statuses that NVIDIA Run:ai documents for its REST API to gRPC codes and back. gRPC
// services and API clients import it. The process of a grpc-gateway imports package gateway.
//
// A service returns the status that it means, and clients of the REST API read exactly that:
//
//	return nil, mapping.Errorf(409, "a project named %q exists", name)
//
// A client reads a REST response as an error with the same status:
//
//	if err := mapping.FromResponse(response); err != nil {
//		return nil, err
//	}
//
// [FromHTTP] is for clients that have read the body, and [FromError] for errors without a response. A server with
// [ServerOptions] applies FromError to the errors of all its methods.
//
// The status table is declared in proto/statusbridge/v1. [Rows] returns it, and [HTTPStatus] and [GRPCCode] look it up.
// They accept every number, and never panic or log. A status outside 200..299 is never OK, and an error never becomes a
// success.
package mapping
