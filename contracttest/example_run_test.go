package contracttest_test

import (
	"net/http"
	"testing"

	"google.golang.org/grpc"

	"github.com/statusbridge/statusbridge/contracttest"
	"github.com/statusbridge/statusbridge/gateway"
)

// docs: run

// testContract is a test like any other. In your package its name is TestContract.
func testContract(t *testing.T) {
	contracttest.Run(t, func(conn *grpc.ClientConn) http.Handler { return newServer(t, conn) },
		// The options that the connection has in production.
		contracttest.WithDialOptions(gateway.DialOptions()...),
		// The credentials that the middleware asks for.
		contracttest.WithRequest(func(r *http.Request) { r.Header.Set("Authorization", "Bearer test") }),
		// A decision of the team, which the report repeats.
		contracttest.WithoutRule("early-error", "every proxy of ours buffers requests"),
	)
}

// docs: end

// shortTest is a test of a server that needs no options.
func shortTest(t *testing.T) {
	// docs: short
	contracttest.Run(t, func(conn *grpc.ClientConn) http.Handler { return newServer(t, conn) })
	// docs: end
}

func ExampleRun() {
	// go test calls such a function if its name begins with Test.
	_ = []func(*testing.T){testContract, shortTest}
}
