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

// forwardOnError gives the headers of an error the backend's metadata as the mux is configured to forward it, once, and
// takes out what may not leave, and what spoke of a success. When the success had begun, its metadata has been
// forwarded already, and speaks of the success too. Where the bridge was not told, a Content-Type with the metadata
// beside it says so.
func forwardOnError(ctx context.Context, mux *runtime.ServeMux, marshaler runtime.Marshaler, h http.Header, x *exchange, md metadata.MD) {
	if len(h) == 0 && len(md) == 0 {
		return
	}
	late := x != nil && x.settled
	begun := len(h["Content-Type"]) > 0 || len(h["Transfer-Encoding"]) > 0
	names := headerNames(ctx, mux, marshaler, md)
	for name, keys := range names {
		for _, key := range keys {
			late = late || begun && isForwarded(key) && containsAny(h[name], md[key])
			if !isForwarded(key) {
				removeValues(h, name, md[key])
			}
		}
	}
	before := headersBefore(h, []string{"Content-Encoding"}) // what compresses is in front; what caches may be of the success
	if x != nil {
		before = x.before()
	}
	removeSuccessHeaders(h, before)
	if late {
		return
	}
	for name, keys := range names {
		for _, key := range keys {
			if isForwarded(key) && !isFraming(strings.ToLower(name)) {
				addValid(h, name, md[key])
			}
		}
	}
}

// removeUnforwarded removes from the headers of a success what may not leave: the control key, and values that would
// make the message malformed.
func removeUnforwarded(ctx context.Context, mux *runtime.ServeMux, h http.Header, md metadata.MD) {
	dropped := metadata.MD{}
	for key, values := range md {
		if !mayStay(key) {
			dropped[key] = values
			continue
		}
		for _, value := range values {
			if !validFieldValue(value) {
				dropped[key] = append(dropped[key], value)
			}
		}
	}
	for name, keys := range headerNames(ctx, mux, nil, dropped) {
		for _, key := range keys {
			removeValues(h, name, dropped[key])
		}
	}
	if codings := h["Transfer-Encoding"]; len(codings) > 0 && !slices.Equal(codings, []string{"chunked"}) {
		// The mux sets this one itself, over what it tells of a backend's.
		delete(h, "Transfer-Encoding")
	}
}

// mayStay is isForwarded for a success, where grpc-gateway's own Content-Type replaces the backend's.
func mayStay(key string) bool {
	return isForwarded(key) || key == contentTypeKey
}

// removeForwarded takes out of headers whose metadata is not known what would make the message malformed, and the
// control key. It returns the statuses that were chosen with it.
func (b *bridge) removeForwarded(ctx context.Context, h http.Header) (chosen []int) {
	for _, name := range b.controlHeaders(ctx) {
		for _, value := range slices.Clone(h[name]) {
			httpStatus, err := strconv.Atoi(value)
			if err == nil {
				chosen = append(chosen, httpStatus)
			}
			// A matcher may have other keys leave under the same name.
			if err == nil || strings.HasSuffix(strings.ToLower(name), contract.HTTPStatusKey) {
				removeValues(h, name, []string{value})
			}
		}
	}
	for name, values := range h {
		if slices.ContainsFunc(values, invalidFieldValue) {
			delete(h, name)
		}
	}
	return chosen
}

// removeTrailers does the same for the trailers of a success, names and all, since they are announced before they are
// sent. Where the mux's matcher renames a trailer beyond a prefix, it stays announced, and does not come.
func removeTrailers(h http.Header, md metadata.MD) {
	var dropped []string
	for key, values := range md {
		if !isForwarded(key) || !validFieldName(key) || slices.ContainsFunc(values, invalidFieldValue) {
			dropped = append(dropped, strings.ToLower(key))
			delete(md, key)
		}
	}
	h["Trailer"] = slices.DeleteFunc(h["Trailer"], func(name string) bool {
		name = strings.ToLower(name)
		return name == "" || isFraming(name) ||
			slices.ContainsFunc(dropped, func(key string) bool { return key != "" && strings.HasSuffix(name, key) })
	})
	if len(h["Trailer"]) == 0 {
		delete(h, "Trailer")
	}
}

const contentTypeKey = "content-type"

// isFraming reports whether a header speaks of the message it is in and not of the answer, so that a backend's value
// must not replace the gateway's (RFC 9110 sections 6.6, 7.6 and 8). Metadata keys are lower-case.
func isFraming(key string) bool {
	switch key {
	case "connection", "content-encoding", "content-length", contentTypeKey, "keep-alive", "proxy-connection", "te", "trailer",
		"transfer-encoding", "upgrade":
		return true
	}
	return false
}

// isForwarded reports whether a metadata key may leave: not the control key, not gRPC's own, not binary metadata,
// not the framing of the gRPC message.
func isForwarded(key string) bool {
	key = strings.ToLower(key) // in process, a service can send what no wire would carry
	return key != contract.HTTPStatusKey && !strings.HasSuffix(key, "-bin") && !strings.HasPrefix(key, "grpc-") &&
		!isFraming(key)
}

// headerNames asks the mux under which header each metadata key leaves; keys that do not leave are missing. The
// matcher is not exported, so the mux is let to forward the keys, with numbers for values, as the headers of a
// stream that ends at once.
func headerNames(ctx context.Context, mux *runtime.ServeMux, marshaler runtime.Marshaler, md metadata.MD) map[string][]string {
	if len(md) == 0 {
		return nil
	}
	keys := make([]string, 0, len(md))
	numbered := make(metadata.MD, len(md))
	for key := range md {
		numbered[key] = []string{strconv.Itoa(len(keys))}
		keys = append(keys, key)
	}
	sink := headerSink{}
	runtime.ForwardResponseStream(
		runtime.NewServerMetadataContext(ctx, runtime.ServerMetadata{HeaderMD: numbered}),
		mux, marshaler, sink, nil,
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

func containsAny(have, values []string) bool {
	return slices.ContainsFunc(values, func(value string) bool { return slices.Contains(have, value) })
}

func addValid(h http.Header, name string, values []string) {
	for _, value := range values {
		if validFieldValue(value) {
			h[name] = append(h[name], value)
		}
	}
}

// removeValues takes each of the values out of a header once.
func removeValues(h http.Header, name string, values []string) {
	if slices.Equal(h[name], values) {
		delete(h, name)
		return
	}
	for _, value := range values {
		if i := slices.Index(h[name], value); i >= 0 {
			h[name] = slices.Delete(slices.Clone(h[name]), i, i+1)
		}
	}
	if len(h[name]) == 0 {
		delete(h, name)
	}
}
