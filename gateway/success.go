package gateway

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/genproto/googleapis/api/httpbody"
	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"

	statusbridgev1 "github.com/statusbridge/statusbridge/gen/go/statusbridge/v1"
	"github.com/statusbridge/statusbridge/internal/contract"
	"github.com/statusbridge/statusbridge/internal/exchange"
)

// forwardSuccess is the forward response option. grpc-gateway calls it before the response of a unary call, before a
// stream, and before each message of a stream.
func (h *hooks) forwardSuccess(ctx context.Context, w http.ResponseWriter, message proto.Message) error {
	c := callOf(ctx, w)
	if c == nil {
		return nil
	}
	if c.settled {
		return c.forwardMessage(w, message)
	}
	c.settled, c.stream, c.direct = true, message == nil, exchange.ObserverOf(w) == c
	md, _ := runtime.ServerMetadataFromContext(ctx)
	if status := h.successStatus(ctx, c, md.HeaderMD); status != 0 {
		c.inner.Choose(status)
		c.exchange.Choose(status)
	}
	header := w.Header()
	h.removeUnforwarded(ctx, header, md.HeaderMD)
	removeTrailers(header, md.TrailerMD)
	if len(md.HeaderMD) == 0 {
		return nil
	}
	except := "Content-Type" // grpc-gateway has set it for a unary call
	if c.stream {
		except = ""
	}
	exchange.RestoreFraming(header, c.before, except, "Trailer")
	return nil
}

// successStatus returns the status that the service chose for the call, or else the one that the method declares. It
// returns 0 for none, and for one that is not allowed.
func (h *hooks) successStatus(ctx context.Context, c *call, md metadata.MD) int {
	status := c.route.declaredStatus(ctx)
	if chosen := md[contract.HTTPStatusKey]; len(chosen) > 0 {
		if parsed, err := strconv.Atoi(chosen[len(chosen)-1]); err == nil && h.bridge.honoursSuccess(parsed) {
			status = parsed
		}
	}
	if !h.bridge.honoursSuccess(status) {
		return 0
	}
	return status
}

// forwardMessage notes a message of a stream. If the response has no body, it ends the stream with errNoBody, because
// nobody would read the messages.
func (c *call) forwardMessage(w http.ResponseWriter, message proto.Message) error {
	first := !c.messages
	c.messages = true
	_, c.download = message.(*httpbody.HttpBody)
	if !first || !c.direct || !c.exchange.Head() && c.inner.Status() != http.StatusNoContent {
		return nil
	}
	if c.exchange.Head() {
		_, marshaler := runtime.MarshalerForRequest(c.hooks.mux, c.request)
		w.Header().Set("Content-Type", streamContentType(marshaler, message))
	}
	return errNoBody
}

// removeUnforwarded removes headers from a success that must not reach a client: the control key, keys of gRPC, and
// values that would make the response malformed.
func (h *hooks) removeUnforwarded(ctx context.Context, header http.Header, md metadata.MD) {
	if len(md) == 0 {
		return
	}
	remove, dropped := removal{}, metadata.MD{}
	for key, values := range md {
		switch {
		case key == contract.HTTPStatusKey:
			for _, name := range h.controlHeaders(ctx) {
				remove.add(name, values)
			}
		case !isForwarded(key) && !exchange.IsFraming(key): // framing is restored
			dropped[key] = values
		case hasInvalidValue(values):
			for _, value := range values {
				if !validFieldValue(value) {
					dropped[key] = append(dropped[key], value)
				}
			}
		}
	}
	for key, name := range headerNames(ctx, h.mux, dropped) {
		remove.add(name, dropped[key])
	}
	remove.from(header)
}

// controlHeaders returns the headers that the mux makes of the control key, which its matcher decides once for all.
func (h *hooks) controlHeaders(ctx context.Context) []string {
	h.controlOnce.Do(func() {
		for _, name := range headerNames(ctx, h.mux, metadata.Pairs(contract.HTTPStatusKey, "")) {
			h.control = append(h.control, name)
		}
	})
	return h.control
}

// removeForwarded removes the control key and invalid values from headers after a panic. grpc-gateway may have
// forwarded the backend's metadata, and nothing tells which headers it made of it.
func (h *hooks) removeForwarded(ctx context.Context, header http.Header) {
	for _, name := range h.controlHeaders(ctx) {
		delete(header, name)
	}
	for name, values := range header {
		if hasInvalidValue(values) {
			delete(header, name)
		}
	}
}

// removeTrailers removes trailers that must not reach a client, and their announcements. If the mux's matcher
// replaces a name completely, it stays announced, although the trailer is not sent.
func removeTrailers(header http.Header, md metadata.MD) {
	if len(md) == 0 {
		return
	}
	dropped := map[int]map[string]bool{} // by length, so that a long name is not hashed from each of its bytes
	for key, values := range md {
		if !isForwarded(key) || !validFieldName(key) || hasInvalidValue(values) {
			lower := strings.ToLower(key)
			if dropped[len(lower)] == nil {
				dropped[len(lower)] = map[string]bool{}
			}
			dropped[len(lower)][lower] = true
			delete(md, key)
		}
	}
	var announced []string
	for _, name := range header["Trailer"] {
		if name != "" && !exchange.IsFraming(name) && !hasSuffixIn(strings.ToLower(name), dropped) {
			announced = append(announced, name)
		}
	}
	if len(announced) == 0 {
		delete(header, "Trailer")
		return
	}
	header["Trailer"] = announced
}

// hasSuffixIn reports whether a name ends in a key. The keys are grouped by length. The mux's matcher adds a prefix.
func hasSuffixIn(name string, keys map[int]map[string]bool) bool {
	for i := range name {
		if suffix := name[i:]; keys[len(suffix)][suffix] {
			return true
		}
	}
	return false
}

// route is what the outermost middleware has learned of the method that a route is bound to.
type route struct {
	declared atomic.Int32 // the status of the success option, undeclared, or 0 before the first success
}

const undeclared = -1

// declaredStatus returns the status that the method's proto declares with the success option, and 0 without one.
func (t *route) declaredStatus(ctx context.Context) int {
	declared := t.declared.Load()
	if declared == 0 {
		declared = undeclared
		if method, ok := runtime.RPCMethod(ctx); ok {
			declared = successOption(method)
		}
		t.declared.Store(declared)
	}
	return max(0, int(declared))
}

func successOption(method string) int32 {
	descriptor := methodDescriptor(method)
	if descriptor == nil || !proto.HasExtension(descriptor.Options(), statusbridgev1.E_Success) {
		return undeclared
	}
	return int32(proto.GetExtension(descriptor.Options(), statusbridgev1.E_Success).(statusbridgev1.HttpStatus))
}

// methodDescriptor returns the descriptor of "/package.Service/Method", or nil if it is not linked.
func methodDescriptor(method string) protoreflect.MethodDescriptor {
	name := strings.ReplaceAll(strings.TrimPrefix(method, "/"), "/", ".")
	descriptor, err := protoregistry.GlobalFiles.FindDescriptorByName(protoreflect.FullName(name))
	if err != nil {
		return nil
	}
	found, _ := descriptor.(protoreflect.MethodDescriptor)
	return found
}
