// Package contract is what mapping and gateway share: the table of proto/statusbridge/v1 as arrays, and the one
// reading of an error that every answer is made from.
//
// The invariant of the whole library lives here: a status outside 200..299 is never OK, and an error never
// becomes a success.
package contract

// HTTPStatusKey is the response metadata in which a service's choice of a success status travels to the gateway.
// It is consumed there and never reaches an HTTP client.
const HTTPStatusKey = "statusbridge-http-status"
