// Package firststatus has the code that the two service programs share. It links what a gRPC server links anyway, and
// does not import this library.
package firststatus

import (
	"fmt"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/health"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/status"
)

// Service makes a gRPC server with the given options and prints how many nanoseconds the status of its first error
// takes.
func Service(fail func() error, options ...grpc.ServerOption) {
	server := grpc.NewServer(options...)
	healthpb.RegisterHealthServer(server, health.NewServer())
	start := time.Now()
	if status.Code(fail()) == codes.OK {
		panic("an error became a success")
	}
	fmt.Println(time.Since(start).Nanoseconds())
}
