package mapping_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/statusbridge/statusbridge/mapping"
)

var errNonsense = errors.New("scheduler 10.0.0.3: unexpected <html>")

func reserve(_ context.Context, pool string) error {
	if pool == "a" {
		return nil
	}
	return errNonsense
}

// docs: service

// Submit is what a gRPC handler does.
func Submit(ctx context.Context, pool string) error {
	if pool == "" {
		return &mapping.Error{HTTPStatus: 400, Message: "the workspace is not valid", Details: "pool: is empty"}
	}
	if err := reserve(ctx, pool); err != nil {
		return mapping.Errorf(502, "the scheduler of pool %q sent an invalid response: %w", pool, err)
	}
	return mapping.SetHTTPStatus(ctx, 202)
}

// docs: end

// docs: client

// Forward returns the error of a REST call to gRPC callers. Generated clients may return both a response and an error,
// so it reads the response first.
func Forward(response *http.Response, err error) error {
	if response != nil {
		if failed := mapping.FromResponse(response); failed != nil {
			return failed // the API's own error
		}
	}
	if err != nil {
		return mapping.FromError(err) // time-outs, refused connections, cancellation
	}
	return nil
}

// docs: end

func Example() {
	fmt.Println(mapping.FromError(Submit(context.Background(), "")))
	fmt.Println(mapping.FromError(Submit(context.Background(), "b")).Message)
	fmt.Println(Forward(nil, context.DeadlineExceeded))
	// Output:
	// 400 Bad Request: the workspace is not valid (pool: is empty)
	// the scheduler of pool "b" sent an invalid response
	// 504 Gateway Timeout: The gateway timed out waiting for an upstream service.: context deadline exceeded
}
