package gateway

import (
	"context"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/proto"

	"github.com/statusbridge/statusbridge/internal/contract"
)

// forwardMetadata forwards the backend's header metadata as the mux is configured to: once, also when a success that
// failed late has forwarded it already, and without what would break the answer or is none of the client's business.
func forwardMetadata(ctx context.Context, mux *runtime.ServeMux, marshaler runtime.Marshaler, h http.Header, r *http.Request, md metadata.MD) {
	if len(md) == 0 {
		return
	}
	for name, keys := range headerNames(ctx, mux, marshaler, r, md) {
		if framing[strings.ToLower(name)] {
			continue
		}
		var values []string
		for _, key := range keys {
			if isForwarded(key) {
				values = append(values, md[key]...)
			} else {
				delete(h, name)
			}
		}
		addMissing(h, name, values)
	}
}

// removeUnforwarded removes from the headers of a success what may not leave: the control key and binary metadata,
// which would make the message malformed.
func removeUnforwarded(ctx context.Context, mux *runtime.ServeMux, h http.Header, md metadata.MD) {
	dropped := metadata.MD{}
	for key, values := range md {
		if !isForwarded(key) && key != contentTypeKey {
			dropped[key] = values
		}
	}
	for name := range headerNames(ctx, mux, nil, nil, dropped) {
		delete(h, name)
	}
}

const contentTypeKey = "content-type"

// framing are the headers that speak of the message they are in and not of the answer, so that a backend's value
// must not replace the gateway's (RFC 9110 sections 6.6, 7.6 and 8). Metadata keys are lower-case.
var framing = map[string]bool{
	"connection": true, "content-encoding": true, "content-length": true, contentTypeKey: true, "keep-alive": true,
	"proxy-connection": true, "te": true, "trailer": true, "transfer-encoding": true, "upgrade": true,
}

// isForwarded reports whether a metadata key may leave: not the control key, not gRPC's own, not binary metadata,
// not the framing of the gRPC message.
func isForwarded(key string) bool {
	return key != contract.HTTPStatusKey && !strings.HasSuffix(key, "-bin") && !strings.HasPrefix(key, "grpc-") &&
		!framing[key]
}

// headerNames asks the mux under which header each metadata key leaves; keys that do not leave are missing. The
// matcher is not exported, so the mux is let to forward the keys, with numbers for values, as the headers of a
// stream that ends at once.
func headerNames(ctx context.Context, mux *runtime.ServeMux, marshaler runtime.Marshaler, r *http.Request, md metadata.MD) map[string][]string {
	keys := make([]string, 0, len(md))
	numbered := make(metadata.MD, len(md))
	for key := range md {
		numbered[key] = []string{strconv.Itoa(len(keys))}
		keys = append(keys, key)
	}
	sink := headerSink{}
	runtime.ForwardResponseStream(
		runtime.NewServerMetadataContext(ctx, runtime.ServerMetadata{HeaderMD: numbered}),
		mux, marshaler, sink, r,
		func() (proto.Message, error) { return nil, io.EOF },
	)
	delete(sink, "Transfer-Encoding") // set by the mux for every stream
	names := make(map[string][]string, len(sink))
	for name, numbers := range sink {
		for _, number := range numbers {
			if i, err := strconv.Atoi(number); err == nil && i < len(keys) {
				names[name] = append(names[name], keys[i])
			}
		}
	}
	return names
}

// headerSink is a ResponseWriter that keeps headers and nothing else.
type headerSink http.Header

func (s headerSink) Header() http.Header         { return http.Header(s) }
func (s headerSink) Write(p []byte) (int, error) { return len(p), nil }
func (s headerSink) WriteHeader(int)             {}

// addMissing adds the values that the header does not have yet, counting repeated ones.
func addMissing(h http.Header, name string, values []string) {
	present := slices.Clone(h[name])
	for _, value := range values {
		if !validFieldValue(value) {
			continue
		}
		if i := slices.Index(present, value); i >= 0 {
			present = slices.Delete(present, i, i+1)
			continue
		}
		h[name] = append(h[name], value)
	}
}
