package gateway

import (
	"context"
	"net/http"
	"strconv"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/protobuf/proto"

	"github.com/statusbridge/statusbridge/internal/contract"
)

// forwardSuccess is the forward response option of the bridge. It takes the status that the service chose out of the
// metadata and notes it; the exchange commits it when nothing can fail any more.
func (b *bridge) forwardSuccess(ctx context.Context, w http.ResponseWriter, _ proto.Message) error {
	md, ok := runtime.ServerMetadataFromContext(ctx)
	if !ok {
		return nil
	}
	remove := false
	for key := range md.HeaderMD {
		if !isForwarded(key) && key != contentTypeKey {
			remove = true
		}
	}
	for key := range md.TrailerMD {
		if !isForwarded(key) && key != contentTypeKey {
			delete(md.TrailerMD, key)
		}
	}
	if !remove {
		return nil
	}
	chosen := md.HeaderMD[contract.HTTPStatusKey]
	removeUnforwarded(ctx, b.mux, w.Header(), md.HeaderMD)
	if len(chosen) == 0 {
		return nil
	}
	httpStatus, err := strconv.Atoi(chosen[len(chosen)-1])
	if err != nil || !isSuccess(httpStatus) || !b.honours(httpStatus) {
		return nil
	}
	if x := exchangeFrom(ctx); x != nil && !x.committed {
		x.status = httpStatus
	}
	return nil
}
