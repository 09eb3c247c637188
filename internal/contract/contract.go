// Package contract has the status table, reads errors, and reads and writes error bodies.
//
// A status outside 200..299 is never OK, and an error never becomes a success.
package contract

// HTTPStatusKey is the key of response metadata in which a service sends the success status that it chose. The gateway
// removes it, so that it never reaches an HTTP client.
const HTTPStatusKey = "statusbridge-http-status"
