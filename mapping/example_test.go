package mapping_test

import (
	"context"
	"errors"
	"fmt"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/statusbridge/statusbridge/internal/testkit"
	"github.com/statusbridge/statusbridge/mapping"
)

var errBusy = errors.New("scheduler at 10.0.0.3 is busy")

// A service returns the status that it means. The wrapped error is for logs.
func ExampleErrorf() {
	err := mapping.Errorf(502, "the scheduler sent an invalid reply: %w", errBusy)
	err.Details = "try another pool"

	fmt.Println("client reads:", err.HTTPStatus, err.Message, "/", err.Details)
	fmt.Println("log says:", err)
	fmt.Println("gRPC code:", status.Code(err))
	// Output:
	// client reads: 502 the scheduler sent an invalid reply / try another pool
	// log says: 502 Bad Gateway: the scheduler sent an invalid reply (try another pool): scheduler at 10.0.0.3 is busy
	// gRPC code: Unavailable
}

// Any error can be read as an Error.
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

// The client reads the violations in `details`, and the variable does not change.
func ExampleError_WithDetails() {
	errInvalid := mapping.Errorf(400, "the workspace is not valid")
	err := errInvalid.WithDetails(&errdetails.BadRequest{FieldViolations: []*errdetails.BadRequest_FieldViolation{
		{Field: "spec.gpus", Description: "must be at most 8"},
	}})
	fmt.Println(errors.Is(err, errInvalid))

	received := mapping.FromError(err.GRPCStatus().Err())
	fmt.Println(received.HTTPStatus, received.Message, "/", received.Details)
	// Output:
	// true
	// 400 the workspace is not valid / spec.gpus: must be at most 8
}

// apiError is the error of a client that FromError does not know.
type apiError struct{ StatusCode int }

func (e *apiError) Error() string { return fmt.Sprintf("api error %d", e.StatusCode) }

// An interceptor that is given after those of ServerOptions translates the errors of any other client.
func ExampleFromError_otherClients() {
	translate := grpc.ChainUnaryInterceptor(
		func(ctx context.Context, request any, _ *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (any, error) {
			response, err := handler(ctx, request)
			if api, ok := errors.AsType[*apiError](err); ok {
				err = mapping.Errorf(api.StatusCode, "the registry refused the call: %w", err)
			}
			return response, err
		})
	service := &testkit.Service{}
	service.Behave(func(context.Context) error { return &apiError{403} })
	target, stop := serveThings(service, append(mapping.ServerOptions(), translate)...)
	defer stop()
	fmt.Println(getThing(target))
	// Output: rpc error: code = PermissionDenied desc = the registry refused the call
}
