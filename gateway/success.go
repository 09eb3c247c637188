package gateway

import (
	"context"
	"maps"
	"net/http"
	"slices"
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
)

// forwardSuccess is the forward response option of the bridge: grpc-gateway calls it before a unary answer, before a
// stream, and before each message of one. It takes the status that the service chose out of the metadata and notes
// it; the exchange commits it when nothing can fail any more.
func (b *bridge) forwardSuccess(ctx context.Context, w http.ResponseWriter, message proto.Message) error {
	x := exchangeOf(ctx, w)
	if x == nil {
		return nil
	}
	if x.settled {
		// A message of a stream. What is raw in a call with one answer needs no note: no error follows it.
		if body, ok := message.(*httpbody.HttpBody); ok {
			x.put().raw = body.GetData()
		}
		return nil
	}
	x.settled = true
	if message == nil {
		x.put() // a stream begins, which will need it
	}
	md, _ := runtime.ServerMetadataFromContext(ctx)
	httpStatus := x.route.declaredStatus(ctx)
	if chosen := md.HeaderMD[contract.HTTPStatusKey]; len(chosen) > 0 {
		if parsed, err := strconv.Atoi(chosen[len(chosen)-1]); err == nil && b.honoursSuccess(parsed) {
			httpStatus = parsed
		}
		for _, name := range b.controlHeaders(ctx) {
			removeValues(w.Header(), name, chosen)
		}
	}
	if httpStatus != 0 && b.honoursSuccess(httpStatus) {
		x.status = uint16(httpStatus)
	}
	if len(md.TrailerMD) > 0 {
		removeTrailers(w.Header(), md.TrailerMD)
	}
	for key, values := range md.HeaderMD {
		if key != contract.HTTPStatusKey && (!mayStay(key) || slices.ContainsFunc(values, invalidFieldValue)) {
			removeUnforwarded(ctx, b.mux, w.Header(), md.HeaderMD)
			break
		}
	}
	return nil
}

// settle is for a header that is sent before the forward response option of the bridge was called, by one in front of
// it. The metadata is not known then; its headers are.
func (x *exchange) settle() {
	h := x.writer.Header()
	if x.settled || len(h) == 0 {
		return
	}
	for _, chosen := range x.bridge().removeForwarded(x.context, h) {
		if x.status == 0 && x.bridge().honoursSuccess(chosen) {
			x.status = uint16(chosen)
		}
	}
}

// controlHeaders are the headers that the control key leaves as, which the mux's matcher decides once and for all.
func (b *bridge) controlHeaders(ctx context.Context) []string {
	b.controlOnce.Do(func() {
		names := headerNames(ctx, b.mux, nil, metadata.Pairs(contract.HTTPStatusKey, ""))
		b.control = slices.Collect(maps.Keys(names))
	})
	return b.control
}

// exchangeOf finds the exchange by its writer, which takes no search, or else by the context: not all code that is
// generated passes the request's on.
func exchangeOf(ctx context.Context, w http.ResponseWriter) *exchange {
	switch w := w.(type) {
	case *exchangeWriter:
		return (*exchange)(w)
	case *innermostWriter:
		return (*exchange)(w)
	}
	return exchangeFrom(ctx)
}

func (c *config) honoursSuccess(httpStatus int) bool {
	return isSuccess(httpStatus) && c.honours(httpStatus)
}

// route is what a handler of the mux has learned of the method that it is bound to.
type route struct {
	bridge   *bridge
	declared atomic.Int32 // the status of the method's success option, undeclared, or 0 before the first success
	kind     atomic.Pointer[methodKind]
}

// methodKind says of the method that a route called last whether it has one answer.
type methodKind struct {
	method string
	once   bool
}

const undeclared = -1

// declaredStatus is the status that the method's proto declares with the success option, 0 without one.
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

// successOption reads the option from the method's descriptor.
func successOption(method string) int32 {
	descriptor := methodDescriptor(method)
	if descriptor == nil || !proto.HasExtension(descriptor.Options(), statusbridgev1.E_Success) {
		return undeclared
	}
	return int32(proto.GetExtension(descriptor.Options(), statusbridgev1.E_Success).(statusbridgev1.HttpStatus))
}

// answersOnce reports whether a method is known not to stream to the client.
func (t *route) answersOnce(method string) bool {
	kind := t.kind.Load()
	if kind == nil || kind.method != method {
		descriptor := methodDescriptor(method)
		kind = &methodKind{method, descriptor != nil && !descriptor.IsStreamingServer()}
		t.kind.Store(kind)
	}
	return kind.once
}

// methodDescriptor is that of "/package.Service/Method", which the generated code of a gateway links; nil without one.
func methodDescriptor(method string) protoreflect.MethodDescriptor {
	name := strings.ReplaceAll(strings.TrimPrefix(method, "/"), "/", ".")
	descriptor, err := protoregistry.GlobalFiles.FindDescriptorByName(protoreflect.FullName(name))
	if err != nil {
		return nil
	}
	found, _ := descriptor.(protoreflect.MethodDescriptor)
	return found
}
