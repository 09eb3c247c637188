package bench_test

import (
	"fmt"
	"testing"

	kratoserrors "github.com/go-kratos/kratos/v2/errors"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/statusbridge/statusbridge/mapping"
)

// serviceError is a library that makes the error of a service.
type serviceError struct {
	impl   string
	status func() *status.Status
}

// compareServiceErrors measures how long each library takes to make the status that grpc-go sends.
func compareServiceErrors(b *testing.B, libraries []serviceError) {
	for _, library := range libraries {
		b.Run("impl="+library.impl, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if library.status().Code() == codes.OK {
					b.Fatal("an error became a success")
				}
			}
		})
	}
}

// BenchmarkServiceError makes the error of a service and its gRPC status. The floor is grpc-go's status from constants.
func BenchmarkServiceError(b *testing.B) {
	const plain, nonsense = "no such project", "the scheduler sent nonsense"
	b.Run("case=plain", func(b *testing.B) {
		compareServiceErrors(b, []serviceError{
			// It attaches a google.rpc.ErrorInfo to each error.
			{kratos, func() *status.Status {
				return kratoserrors.New(404, "NO_PROJECT", plain).GRPCStatus()
			}},
			{statusbridge, func() *status.Status {
				return (&mapping.Error{HTTPStatus: 404, Message: plain}).GRPCStatus()
			}},
			{floor, func() *status.Status { return status.New(codes.NotFound, plain) }},
		})
	})
	// An exact status and a details text need a detail.
	b.Run("case=exact status", func(b *testing.B) {
		compareServiceErrors(b, []serviceError{
			// It sends 502 as Unknown.
			{kratos, func() *status.Status {
				return kratoserrors.New(502, "NONSENSE", nonsense).GRPCStatus()
			}},
			{statusbridge, func() *status.Status {
				return (&mapping.Error{HTTPStatus: 502, Message: nonsense, Details: "node pool a"}).GRPCStatus()
			}},
			{floor, func() *status.Status { return status.New(codes.Unavailable, nonsense) }},
		})
	})
}

// BenchmarkServiceErrorSize makes errors with many violations. grpc-go sends all of them. This library makes a text of
// them and then drops the detail, because an error must fit into 4 KiB of trailers.
func BenchmarkServiceErrorSize(b *testing.B) {
	for _, violations := range sizes {
		detail := badRequest(violations)
		b.Run(fmt.Sprintf("violations=%d", violations), func(b *testing.B) {
			compareServiceErrors(b, []serviceError{
				{grpcGo, func() *status.Status {
					st, err := status.New(codes.InvalidArgument, "the project is not valid").WithDetails(detail)
					if err != nil {
						b.Fatal(err)
					}
					return st
				}},
				{statusbridge, func() *status.Status {
					invalid := &mapping.Error{HTTPStatus: 400, Message: "the project is not valid"}
					return invalid.WithDetails(detail).GRPCStatus()
				}},
			})
		})
	}
}
