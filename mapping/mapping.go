// Package mapping maps the HTTP statuses that NVIDIA Run:ai documents for its REST API to gRPC status codes and
// back. gRPC services and API clients import it. The process of the gateway imports package gateway.
//
// A service returns the status that it means, and clients of the REST API receive exactly that status:
//
//	return nil, mapping.Errorf(409, "a project named %q exists", name)
//
// A service that calls a REST API, or another client, returns its errors with [FromResponse], [FromHTTP] and
// [FromError]. [ServerOptions] does the latter for all methods of a server.
//
// The status table is in proto/statusbridge/v1. [Rows] returns it. [HTTPStatus] and [GRPCCode] accept every code and
// every int, and never panic or log. A status outside 200..299 is never OK, and an error never becomes a success.
package mapping
