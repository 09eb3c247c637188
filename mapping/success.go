package mapping

import (
	"context"
	"fmt"
	"net/http"
	"strconv"

	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"

	"github.com/statusbridge/statusbridge/internal/contract"
)

// SetHTTPStatus makes the gateway answer the current call with a documented success status: 200, 202 or 204. ctx is
// the context of a gRPC handler, over the network or in process; the last call wins. When the handler then fails,
// the error's status is sent.
//
// It returns an error, and sets nothing, for any other status, when ctx is not a handler's, and when the response
// headers have been sent over the network.
func SetHTTPStatus(ctx context.Context, httpStatus int) error {
	if !contract.Documented(httpStatus) || httpStatus >= http.StatusMultipleChoices {
		return fmt.Errorf("mapping: %d is not a documented success status", httpStatus)
	}
	if err := grpc.SetHeader(ctx, metadata.Pairs(contract.HTTPStatusKey, strconv.Itoa(httpStatus))); err != nil {
		return fmt.Errorf("mapping: cannot set the HTTP status: %w", err)
	}
	return nil
}
