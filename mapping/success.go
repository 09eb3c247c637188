package mapping

import (
	"context"
	"fmt"
	"strconv"

	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"

	"github.com/statusbridge/statusbridge/internal/contract"
)

// SetHTTPStatus chooses the status of the current call if it succeeds, for example 202 or 204. ctx is the context of
// the gRPC handler. The last call counts. If the handler fails, the status of the error is sent.
//
// The gateway sends 200, 202, 204 and the statuses that its options allow, and 200 for any other 2xx.
//
// SetHTTPStatus returns an error, and sets nothing, if the status is not 200..299. The same is true if ctx does not
// belong to a handler, or if the response headers have been sent.
func SetHTTPStatus(ctx context.Context, httpStatus int) error {
	if httpStatus < 200 || httpStatus > 299 {
		return fmt.Errorf("mapping: %d is not the status of a success, which is 200..299", httpStatus)
	}
	if err := grpc.SetHeader(ctx, metadata.Pairs(contract.HTTPStatusKey, strconv.Itoa(httpStatus))); err != nil {
		return fmt.Errorf("mapping: cannot set the HTTP status: %w", err)
	}
	return nil
}
