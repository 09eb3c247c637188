// Package contracttest tests whether a gateway keeps the contract of this module: the documented statuses, the error
// body and the headers, in every situation. It tests any http.Handler, with all its middleware and options.
//
//	func TestContract(t *testing.T) {
//		contracttest.Run(t, func(conn *grpc.ClientConn) http.Handler { return newServer(conn) })
//	}
//
// [Run] connects the gateway to a fake backend that fails in every known way. [Check], [RoundTripper] and [Violations]
// judge the responses in tests that you have already, and those of deployed servers. docs/contracttest.md lists the
// rules and shows a report.
package contracttest

import (
	"net/http"
	"testing"
	"time"

	"google.golang.org/grpc"
)

// patience bounds how long Run waits for a response, and for everything else.
const patience = 5 * time.Second

// Run starts a fake backend on loopback, and calls newHandler once with a connection to it. Run then sends requests to
// every route of the handler, over HTTP/1.1 and HTTP/2, and the backend fails in every known way. If a response breaks
// the contract, t fails with a report.
//
// Run finds routes in the google.api.http rules of all linked services. A route exists if a request to it calls the
// backend. Name routes that are registered by hand with [WithRoutes]. A handler that makes its own connection dials
// conn.Target(), without TLS.
//
// The fake backend accepts every method. If it does not fail, it replies with an empty message.
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
