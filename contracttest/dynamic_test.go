package contracttest_test

import (
	"io"
	"net/http"
	"slices"
	"testing"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"github.com/grpc-ecosystem/grpc-gateway/v2/utilities"
	"google.golang.org/genproto/googleapis/api/annotations"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	grpcstatus "google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/dynamicpb"
	"google.golang.org/protobuf/types/known/emptypb"

	"github.com/statusbridge/statusbridge/gateway"
)

// dynamic returns a correct gateway for some methods of the linked service. Like generated code, it lets grpc-gateway
// route requests and read their paths, queries and bodies.
func dynamic(t testing.TB, conn *grpc.ClientConn, methods []linkedMethod) http.Handler {
	t.Helper()
	bridge := gateway.New()
	mux := bridge.NewServeMux()
	for _, method := range methods {
		i := slices.IndexFunc(linked, func(other linkedMethod) bool { return other.rule == method.rule })
		for _, rule := range method.rules() {
			verb, template := bound(rule)
			handler := translate(mux, conn, service.Methods().Get(i), template, rule.GetBody())
			if err := mux.HandlePath(verb, template, handler); err != nil {
				t.Fatal(err)
			}
		}
	}
	return bridge.Handler(mux)
}

// bound returns the method and the template that a rule binds.
func bound(rule *annotations.HttpRule) (method, template string) {
	for method, template := range map[string]string{
		http.MethodGet: rule.GetGet(), http.MethodPut: rule.GetPut(), http.MethodPost: rule.GetPost(),
		http.MethodDelete: rule.GetDelete(), http.MethodPatch: rule.GetPatch(),
		rule.GetCustom().GetKind(): rule.GetCustom().GetPath(),
	} {
		if template != "" {
			return method, template
		}
	}
	return "", ""
}

// translate returns a handler that calls a gRPC method, like the handlers that grpc-gateway generates.
func translate(
	mux *runtime.ServeMux, conn *grpc.ClientConn, method protoreflect.MethodDescriptor, template, body string,
) runtime.HandlerFunc {
	name := "/" + string(service.FullName()) + "/" + string(method.Name())
	return func(w http.ResponseWriter, r *http.Request, params map[string]string) {
		_, marshaler := runtime.MarshalerForRequest(mux, r)
		ctx, err := runtime.AnnotateContext(r.Context(), mux, r, name, runtime.WithHTTPPathPattern(template))
		if err == nil {
			var metadata runtime.ServerMetadata
			message := dynamicpb.NewMessage(method.Input())
			if err = populate(message, r, params, body); err != nil {
				err = grpcstatus.Error(codes.InvalidArgument, "the request cannot be read")
			} else {
				err = conn.Invoke(ctx, name, message, &emptypb.Empty{},
					grpc.Header(&metadata.HeaderMD), grpc.Trailer(&metadata.TrailerMD))
			}
			ctx = runtime.NewServerMetadataContext(ctx, metadata)
		}
		if err != nil {
			runtime.HTTPError(ctx, mux, marshaler, w, r, err)
			return
		}
		runtime.ForwardResponseMessage(ctx, mux, marshaler, w, r, &emptypb.Empty{})
	}
}

// populate reads a request into a message.
func populate(message *dynamicpb.Message, r *http.Request, params map[string]string, body string) error {
	content, err := io.ReadAll(r.Body)
	if err != nil {
		return err
	}
	switch {
	case body == "*":
		err = protojson.Unmarshal(content, message)
	case body != "":
		err = protojson.Unmarshal([]byte(`{"`+body+`":`+string(content)+`}`), message)
	default:
		if err = r.ParseForm(); err == nil {
			err = runtime.PopulateQueryParameters(message, r.Form, utilities.NewDoubleArray(nil))
		}
	}
	for name, value := range params {
		if err == nil {
			err = runtime.PopulateFieldFromPath(message, name, value)
		}
	}
	return err
}
