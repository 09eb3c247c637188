package adoption

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
)

// The recipes follow the page "Customizing your gateway" of grpc-gateway v2.33, as a careful team writes them. They
// remove the key, know grpc-gateway's error type, and drop the details of stream errors, which may fail to marshal.

// docs: recipes

// statusFromMetadata sends a success with the status that the service put into its metadata.
func statusFromMetadata(ctx context.Context, w http.ResponseWriter, _ proto.Message) error {
	md, ok := runtime.ServerMetadataFromContext(ctx)
	if !ok {
		return nil
	}
	chosen := md.HeaderMD.Get("x-http-code")
	if len(chosen) == 0 {
		return nil
	}
	httpStatus, err := strconv.Atoi(chosen[0])
	if err != nil {
		return err
	}
	delete(md.HeaderMD, "x-http-code")
	delete(w.Header(), "Grpc-Metadata-X-Http-Code")
	w.WriteHeader(httpStatus)
	return nil
}

// ownError is the error body of an API.
type ownError struct {
	Code    int    `json:"code"`
	Message string `json:"message"`
	Details []any  `json:"details,omitempty"`
}

func writeOwnError(
	_ context.Context, _ *runtime.ServeMux, _ runtime.Marshaler, w http.ResponseWriter, _ *http.Request, err error,
) {
	httpStatus := 0
	if routed, ok := errors.AsType[*runtime.HTTPStatusError](err); ok {
		httpStatus, err = routed.HTTPStatus, routed.Err
	}
	st := status.Convert(err)
	if httpStatus == 0 {
		httpStatus = runtime.HTTPStatusFromCode(st.Code())
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(httpStatus)
	_ = json.NewEncoder(w).Encode(ownError{httpStatus, st.Message(), st.Details()})
}

// keepMethodNotAllowed sends 405, which grpc-gateway changes to 501.
func keepMethodNotAllowed(
	ctx context.Context, mux *runtime.ServeMux, marshaler runtime.Marshaler, w http.ResponseWriter, r *http.Request,
	httpStatus int,
) {
	if httpStatus != http.StatusMethodNotAllowed {
		runtime.DefaultRoutingErrorHandler(ctx, mux, marshaler, w, r, httpStatus)
		return
	}
	runtime.HTTPError(ctx, mux, marshaler, w, r, &runtime.HTTPStatusError{
		HTTPStatus: httpStatus,
		Err:        status.Error(codes.Unimplemented, http.StatusText(httpStatus)),
	})
}

// withoutDetails returns the status of a stream's error without its details.
func withoutDetails(_ context.Context, err error) *status.Status {
	st := status.Convert(err)
	return status.New(st.Code(), st.Message())
}

// docs: end

// Recipes returns the options of a gateway that follows the recipes.
func Recipes() []runtime.ServeMuxOption {
	return []runtime.ServeMuxOption{
		runtime.WithForwardResponseOption(statusFromMetadata),
		runtime.WithErrorHandler(writeOwnError),
		runtime.WithRoutingErrorHandler(keepMethodNotAllowed),
		runtime.WithStreamErrorHandler(withoutDetails),
	}
}
