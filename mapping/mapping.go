// Package mapping maps the HTTP statuses that NVIDIA Run:ai documents for its REST API to gRPC status codes and
// back. It is what a gRPC service or an API client imports; the gateway process imports package gateway.
//
// A service returns the status that it means, and the client of the REST API behind a grpc-gateway with package
// gateway reads exactly that:
//
//	return nil, mapping.Errorf(409, "a project named %q exists", name)
//
// The table and its sources are in proto/statusbridge/v1; [Rows] returns it, [HTTPStatus] and [GRPCCode] look it
// up. Both functions are total: every int and every code has an answer, none panics or logs. A status outside
// 200..299 is never OK, and an error never becomes a success.
package mapping
