// Package contracttest tests whether a gateway keeps the contract of this module: the documented statuses, the error
// body and the headers, in every situation. It tests any http.Handler, with all its middleware and options.
//
//	func TestContract(t *testing.T) {
//		contracttest.Run(t, func(conn *grpc.ClientConn) http.Handler { return newServer(conn) })
//	}
//
// [Run] connects the gateway to a backend that fails in every way. [Check], [RoundTripper] and [Violations] judge the
// responses of tests that exist already, and of deployed servers. docs/contracttest.md lists the rules and shows a
// report.
package contracttest

import (
	"net/http"
	"testing"
	"time"

	"google.golang.org/grpc"
)

// patience bounds how long Run waits for a response, and for everything else.
const patience = 5 * time.Second

// Run starts a fake backend on loopback, and calls newHandler once with a connection to it. It then sends requests to
// every route of the handler, over HTTP/1.1 and HTTP/2, while the backend fails in every way. If a response breaks the
// contract, the test fails with a report.
//
// Routes are found in the google.api.http rules of all linked services: a route exists if a request to it calls the
// backend. Name routes that are registered by hand with WithRoutes. A handler that needs a connection of another kind
// dials conn.Target().
//
// The fake backend knows no service. It replies to every method with an empty message.
func Run(t testing.TB, newHandler func(conn *grpc.ClientConn) http.Handler, options ...Option) {
	t.Helper()
	if newHandler == nil {
		t.Fatal("contracttest: Run was given a nil function")
	}
	c := newConfig(options)
	backend, err := newBackend(c.dial)
	if err != nil {
		t.Fatalf("contracttest: the fake backend does not start: %v", err)
	}
	defer backend.close()
	handler := newHandler(backend.conn)
	if handler == nil {
		t.Fatal("contracttest: newHandler returned nil")
	}
	r := newRun(c, backend, handler)
	defer r.close()
	r.everything()
	if text := r.report.String(); r.report.failed() {
		t.Error(text)
	} else {
		t.Log(text)
	}
}
