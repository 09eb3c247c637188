package contracttest_test

import (
	"net/http"
	"testing"
	"time"

	"google.golang.org/grpc"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"

	"github.com/statusbridge/statusbridge/contracttest"
	"github.com/statusbridge/statusbridge/gateway"
	"github.com/statusbridge/statusbridge/internal/probe/probev1"
)

// register adds the routes of the test service to a mux.
func register(t testing.TB, mux *runtime.ServeMux, conn *grpc.ClientConn) {
	t.Helper()
	if err := probev1.RegisterProbeServiceHandler(t.Context(), mux, conn); err != nil {
		t.Fatal(err)
	}
}

// newServer returns a handler that has everything that this module recommends.
func newServer(t testing.TB, conn *grpc.ClientConn) http.Handler {
	bridge := gateway.New()
	mux := bridge.NewServeMux()
	register(t, mux, conn)
	return bridge.Handler(mux)
}

func TestX(t *testing.T) {
	start := time.Now()
	contracttest.Run(t, func(conn *grpc.ClientConn) http.Handler { return newServer(t, conn) },
		contracttest.WithDialOptions(gateway.DialOptions()...))
	t.Log(time.Since(start))
}
