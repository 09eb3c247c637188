package gateway

import (
	"testing"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
)

// TestMiddlewares pins that the middlewares of a mux can be counted in this version of grpc-gateway. When it fails, the
// bridge's stays where it is, outside of those that options after it add, until middlewares knows where the mux keeps them.
func TestMiddlewares(t *testing.T) {
	passOn := func(next runtime.HandlerFunc) runtime.HandlerFunc { return next }
	for want, options := range [][]runtime.ServeMuxOption{
		{},
		{runtime.WithMiddlewares(passOn)},
		{runtime.WithMiddlewares(passOn), runtime.WithMiddlewares(passOn)},
	} {
		if got := middlewares(runtime.NewServeMux(options...)); got != want {
			t.Errorf("counted %d middlewares, want %d", got, want)
		}
	}
}
