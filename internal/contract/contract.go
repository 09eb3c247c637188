// Package contract contains the code that mapping and gateway share: the status table of proto/statusbridge/v1, the
// reader of errors and their details, and the error body.
//
// It keeps the invariant of the whole library: a status outside 200..299 is never OK, and an error never becomes
// a success.
package contract

// HTTPStatusKey is the key of the response metadata with which a service tells the gateway a success status. The
// gateway consumes it, so it never reaches an HTTP client.
const HTTPStatusKey = "statusbridge-http-status"
