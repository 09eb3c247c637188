package bench_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"

	"connectrpc.com/vanguard"
	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/genproto/googleapis/api/annotations"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/descriptorpb"
	"google.golang.org/protobuf/types/known/emptypb"

	"github.com/statusbridge/statusbridge/gateway"
)

// verbs are the four routes of each kind.
var verbs = []struct{ method, path string }{
	{http.MethodGet, "/v1/kind%d/{id}"}, {http.MethodPut, "/v1/kind%d/{id}"},
	{http.MethodDelete, "/v1/kind%d/{id}"}, {http.MethodPost, "/v1/kind%d"},
}

// BenchmarkRoutes shows how the time grows with the routes of a mux. grpc-gateway's router tries the routes of a method
// in turn.
func BenchmarkRoutes(b *testing.B) {
	skipHuge(b)
	for _, count := range sizes {
		muxes := []namedHandler{
			{grpcGateway, routes(b, count/len(verbs), runtime.NewServeMux())},
			{statusbridge, routes(b, count/len(verbs), gateway.New().NewServeMux())},
		}
		path := fmt.Sprintf("/v1/kind%d/7", count/len(verbs)/2)
		b.Run(fmt.Sprintf("routes=%d/case=200", count), func(b *testing.B) {
			compare(b, serving(muxes, http.MethodGet, path, 200, 200))
		})
		b.Run(fmt.Sprintf("routes=%d/case=405", count), func(b *testing.B) {
			compare(b, serving(muxes, http.MethodPatch, path, 501, 405))
		})
	}
}

// serving returns contenders that send a request to each mux. grpc-gateway sends the usual status.
func serving(muxes []namedHandler, method, path string, usual, documented int) []contender {
	var contenders []contender
	for _, mux := range muxes {
		want := documented
		if mux.impl == grpcGateway {
			want = usual
		}
		request := httptest.NewRequest(method, path, http.NoBody)
		contenders = append(contenders, contender{mux.impl, want, func(w http.ResponseWriter) {
			mux.handler.ServeHTTP(w, request)
		}})
	}
	return contenders
}

// routes gives a mux four routes for each kind.
func routes(tb testing.TB, kinds int, mux *runtime.ServeMux) *runtime.ServeMux {
	empty := func(w http.ResponseWriter, r *http.Request, _ map[string]string) {
		_, marshaler := runtime.MarshalerForRequest(mux, r)
		ctx := runtime.NewServerMetadataContext(r.Context(), runtime.ServerMetadata{})
		options := mux.GetForwardResponseOptions()
		runtime.ForwardResponseMessage(ctx, mux, marshaler, w, r, &emptypb.Empty{}, options...)
	}
	for i := range kinds {
		for _, verb := range verbs {
			if err := mux.HandlePath(verb.method, fmt.Sprintf(verb.path, i), empty); err != nil {
				tb.Fatal(err)
			}
		}
	}
	return mux
}

// patterns returns the router of the standard library with the same routes.
func patterns(kinds int) *http.ServeMux {
	mux := http.NewServeMux()
	for i := range kinds {
		for _, verb := range verbs {
			mux.HandleFunc(verb.method+" "+fmt.Sprintf(verb.path, i), func(http.ResponseWriter, *http.Request) {})
		}
	}
	return mux
}

// transcoder returns vanguard with the same routes. A service has one method for each route.
func transcoder(tb testing.TB, kinds int) http.Handler {
	var services []*vanguard.Service
	for i := range kinds {
		services = append(services, vanguard.NewServiceWithSchema(kindService(tb, i), http.NotFoundHandler()))
	}
	handler, err := vanguard.NewTranscoder(services)
	if err != nil {
		tb.Fatal(err)
	}
	return handler
}

// kindService returns the descriptor of the service of one kind, as protoc would make it.
func kindService(tb testing.TB, kind int) protoreflect.ServiceDescriptor {
	descriptor, err := protodesc.NewFile(kindFile(kind), protoregistry.GlobalFiles)
	if err != nil {
		tb.Fatal(err)
	}
	return descriptor.Services().Get(0)
}

func kindFile(kind int) *descriptorpb.FileDescriptorProto {
	methods := []*descriptorpb.MethodDescriptorProto{}
	for _, verb := range verbs {
		path := fmt.Sprintf(verb.path, kind)
		rule := map[string]*annotations.HttpRule{
			http.MethodGet:    {Pattern: &annotations.HttpRule_Get{Get: path}},
			http.MethodPut:    {Pattern: &annotations.HttpRule_Put{Put: path}},
			http.MethodDelete: {Pattern: &annotations.HttpRule_Delete{Delete: path}},
			http.MethodPost:   {Pattern: &annotations.HttpRule_Post{Post: path}},
		}[verb.method]
		options := &descriptorpb.MethodOptions{}
		proto.SetExtension(options, annotations.E_Http, rule)
		methods = append(methods, &descriptorpb.MethodDescriptorProto{
			Name:       proto.String(strings.ToUpper(verb.method[:1]) + strings.ToLower(verb.method[1:])),
			InputType:  proto.String(".bench.kind" + strconv.Itoa(kind) + ".Request"),
			OutputType: proto.String(".google.protobuf.Empty"),
			Options:    options,
		})
	}
	return &descriptorpb.FileDescriptorProto{
		Name:       proto.String(fmt.Sprintf("bench/kind%d.proto", kind)),
		Package:    proto.String(fmt.Sprintf("bench.kind%d", kind)),
		Syntax:     proto.String("proto3"),
		Dependency: []string{"google/protobuf/empty.proto"},
		MessageType: []*descriptorpb.DescriptorProto{{
			Name: proto.String("Request"),
			Field: []*descriptorpb.FieldDescriptorProto{{
				Name: proto.String("id"), Number: proto.Int32(1),
				Type:  descriptorpb.FieldDescriptorProto_TYPE_STRING.Enum(),
				Label: descriptorpb.FieldDescriptorProto_LABEL_OPTIONAL.Enum(),
			}},
		}},
		Service: []*descriptorpb.ServiceDescriptorProto{{Name: proto.String("KindService"), Method: methods}},
	}
}

// TestAllow checks the Allow header of each measured 405.
func TestAllow(t *testing.T) {
	for _, h := range notAllowedHandlers(t) {
		w := httptest.NewRecorder()
		h.handler.ServeHTTP(w, httptest.NewRequest(http.MethodPatch, kindPath, http.NoBody))
		allow := strings.FieldsFunc(w.Header().Get("Allow"), func(r rune) bool { return r == ',' || r == ' ' })
		slices.Sort(allow)
		want := []string{"DELETE", "GET", "PUT"}
		switch h.impl {
		case grpcGateway, withOption:
			want = nil
		case netHTTP:
			want = []string{"DELETE", "GET", "HEAD", "PUT"}
		}
		if !slices.Equal(allow, want) {
			t.Errorf("%s: Allow %q, want %q", h.impl, allow, want)
		}
		t.Logf("%s: %d %s", h.impl, w.Code, w.Body)
	}
}
