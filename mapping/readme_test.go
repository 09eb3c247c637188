package mapping_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/statusbridge/statusbridge/mapping"
)

var errNonsense = errors.New("scheduler 10.0.0.3: unexpected <html>")

func reserve(_ context.Context, pool string) error {
	if pool == "a" {
		return nil
	}
	return errNonsense
}

// README: service

// Submit is what a gRPC handler does.
func Submit(ctx context.Context, pool string) error {
	if pool == "" {
		return &mapping.Error{HTTPStatus: 400, Message: "the workspace is not valid", Details: "pool: is empty"}
	}
	if err := reserve(ctx, pool); err != nil {
		return mapping.Errorf(502, "the scheduler of pool %q does not make sense: %w", pool, err)
	}
	return mapping.SetHTTPStatus(ctx, 202)
}

// README: end

func Example() {
	fmt.Println(mapping.FromError(Submit(context.Background(), "")))
	fmt.Println(mapping.FromError(Submit(context.Background(), "b")).Message)
	// Output:
	// 400 Bad Request: the workspace is not valid (pool: is empty)
	// the scheduler of pool "b" does not make sense
}
