// Command service is a gRPC server without this library.
package main

import (
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/statusbridge/statusbridge/bench/startup/internal/firststatus"
)

func main() {
	firststatus.Service(func() error { return status.Error(codes.NotFound, "no such project") })
}
