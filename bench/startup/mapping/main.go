// Command mapping is the same gRPC server with this library.
package main

import (
	"github.com/statusbridge/statusbridge/bench/startup/internal/firststatus"
	"github.com/statusbridge/statusbridge/mapping"
)

func main() {
	firststatus.Service(func() error { return mapping.Errorf(404, "no such project") }, mapping.ServerOptions()...)
}
