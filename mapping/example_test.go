package mapping_test

import (
	"context"
	"errors"
	"fmt"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/statusbridge/statusbridge/mapping"
)

var errBusy = errors.New("scheduler at 10.0.0.3 is busy")

// A service returns the status that it means. What it wraps is for logs.
func ExampleErrorf() {
	err := mapping.Errorf(502, "the scheduler's answer makes no sense: %w", errBusy)
	err.Details = "try another node pool"

	fmt.Println("client reads:", err.HTTPStatus, err.Message, "/", err.Details)
	fmt.Println("log says:", err)
	fmt.Println("gRPC code:", status.Code(err))
	// Output:
	// client reads: 502 the scheduler's answer makes no sense / try another node pool
	// log says: 502 Bad Gateway: the scheduler's answer makes no sense (try another node pool): scheduler at 10.0.0.3 is busy
	// gRPC code: Unavailable
}

// Any error reads as one of the contract, whoever made it.
func ExampleFromError() {
	for _, err := range []error{
		fmt.Errorf("load: %w", status.Error(codes.NotFound, "no such project")),
		fmt.Errorf("load: %w", context.DeadlineExceeded),
		errors.New("pq: password authentication failed"),
	} {
		e := mapping.FromError(err)
		fmt.Println(e.HTTPStatus, e.Message)
	}
	// Output:
	// 404 no such project
	// 504 The gateway timed out waiting for an upstream service.
	// 500 An unexpected server error occurred.
}

func ExampleHTTPStatus() {
	fmt.Println(mapping.HTTPStatus(codes.FailedPrecondition), mapping.HTTPStatus(codes.ResourceExhausted))
	// Output: 409 503
}

func ExampleGRPCCode() {
	fmt.Println(mapping.GRPCCode(409), mapping.GRPCCode(418), mapping.GRPCCode(302))
	// Output: Aborted InvalidArgument Unknown
}

func ExampleRows() {
	for _, row := range mapping.Rows() {
		if row.HTTPStatus == 409 {
			fmt.Println(row.GRPCCode, row.MappedCodes, row.Meaning)
		}
	}
	// Output: Aborted [Aborted AlreadyExists FailedPrecondition] The request conflicts with the current resource state.
}
