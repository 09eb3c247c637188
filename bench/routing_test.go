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

// verbs lists the methods of each kind in the route tables. Each kind has four routes.
var verbs = []struct{ method, path string }{
	{http.MethodGet, "/v1/kind%d/{id}"}, {http.MethodPut, "/v1/kind%d/{id}"},
	{http.MethodDelete, "/v1/kind%d/{id}"}, {http.MethodPost, "/v1/kind%d"},
}

// BenchmarkMethodNotAllowed sends PATCH to a table of 400 routes: to one path repeatedly, and to a new path each time,
// for which a cache would not help.
func BenchmarkMethodNotAllowed(b *testing.B) {
	for _, test := range []struct {
		name string
		next func(i int) string
	}{
		{"repeated", func(int) string { return "/v1/kind50/7" }},
		{"new-path", func(i int) string { return "/v1/kind50/" + strconv.Itoa(i) }},
	} {
		b.Run("case="+test.name, func(b *testing.B) {
			compare(b, refusals(b, 100, test.next))
		})
	}
}

func refusals(tb testing.TB, kinds int, next func(i int) string) []contender {
	refuse := func(handler http.Handler) func(http.ResponseWriter) {
		request, i := httptest.NewRequest(http.MethodPatch, "/", http.NoBody), 0
		return func(w http.ResponseWriter) {
			i++
			request.URL.Path = next(i)
			handler.ServeHTTP(w, request)
		}
	}
	allow := []string{"DELETE, GET, PUT"}
	sentence := []byte(`{"code":405,"message":"The method is not allowed for this endpoint."}`)
	return []contender{
		// It sends 501 without Allow.
		{grpcGateway, http.StatusNotImplemented, refuse(routes(tb, kinds, runtime.NewServeMux()))},
		{statusbridge, http.StatusMethodNotAllowed, refuse(routes(tb, kinds, gateway.New().NewServeMux()))},
		{vanguardGo, http.StatusMethodNotAllowed, refuse(transcoder(tb, kinds))},
		// http.ServeMux knows the methods of a pattern.
		{netHTTP, http.StatusMethodNotAllowed, refuse(patterns(kinds))},
		{floor, http.StatusMethodNotAllowed, func(w http.ResponseWriter) {
			w.Header()["Content-Type"], w.Header()["Allow"] = jsonType, allow
			w.WriteHeader(http.StatusMethodNotAllowed)
			_, _ = w.Write(sentence)
		}},
	}
}

// routes adds four routes of each kind to a mux.
func routes(tb testing.TB, kinds int, mux *runtime.ServeMux) *runtime.ServeMux {
	for i := range kinds {
		for _, verb := range verbs {
			succeed := func(w http.ResponseWriter, r *http.Request, _ map[string]string) {
				_, marshaler := runtime.MarshalerForRequest(mux, r)
				ctx := runtime.NewServerMetadataContext(r.Context(), runtime.ServerMetadata{})
				options := mux.GetForwardResponseOptions()
				runtime.ForwardResponseMessage(ctx, mux, marshaler, w, r, &emptypb.Empty{}, options...)
			}
			if err := mux.HandlePath(verb.method, fmt.Sprintf(verb.path, i), succeed); err != nil {
				tb.Fatal(err)
			}
		}
	}
	return mux
}

func patterns(kinds int) *http.ServeMux {
	mux := http.NewServeMux()
	for i := range kinds {
		for _, verb := range verbs {
			mux.HandleFunc(verb.method+" "+fmt.Sprintf(verb.path, i), func(http.ResponseWriter, *http.Request) {})
		}
	}
	return mux
}

// transcoder returns vanguard with the same routes. Its services have a method for each route.
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

// BenchmarkServices measures a success, an error and a 405 with different numbers of services. grpc-gateway's router
// tries every route of a method in turn. The difference of the two columns is the cost of the bridge.
func BenchmarkServices(b *testing.B) {
	for _, kinds := range []int{1, 100, 400} {
		link(b, kinds)
		b.Run(fmt.Sprintf("services=%d/case=error", kinds), func(b *testing.B) {
			compare(b, failures[0].contenders(b, 404, 404)[:2])
		})
		b.Run(fmt.Sprintf("services=%d/case=200", kinds), func(b *testing.B) {
			compare(b, successes(b, kinds))
		})
		b.Run(fmt.Sprintf("services=%d/case=405", kinds), func(b *testing.B) {
			path := fmt.Sprintf("/v1/kind%d/7", kinds/2)
			compare(b, refusals(b, kinds, func(int) string { return path })[:2])
		})
	}
}

func successes(tb testing.TB, kinds int) []contender {
	get := func(mux *runtime.ServeMux) func(http.ResponseWriter) {
		request := httptest.NewRequest(http.MethodGet, fmt.Sprintf("/v1/kind%d/7", kinds/2), http.NoBody)
		return func(w http.ResponseWriter) { mux.ServeHTTP(w, request) }
	}
	return []contender{
		{grpcGateway, http.StatusOK, get(routes(tb, kinds, runtime.NewServeMux()))},
		{statusbridge, http.StatusOK, get(routes(tb, kinds, gateway.New().NewServeMux()))},
	}
}

// link registers the services as if they were linked into the process. It cannot be undone.
func link(tb testing.TB, kinds int) {
	for kind := range kinds {
		file := kindFile(kind)
		if _, err := protoregistry.GlobalFiles.FindFileByPath(file.GetName()); err == nil {
			continue
		}
		descriptor, err := protodesc.NewFile(file, protoregistry.GlobalFiles)
		if err == nil {
			err = protoregistry.GlobalFiles.RegisterFile(descriptor)
		}
		if err != nil {
			tb.Fatal(err)
		}
	}
}

// TestRefusals checks the Allow headers of the contenders that are measured.
func TestRefusals(t *testing.T) {
	for _, c := range refusals(t, 100, func(int) string { return "/v1/kind50/7" }) {
		w := httptest.NewRecorder()
		c.answer(w)
		allow := strings.FieldsFunc(w.Header().Get("Allow"), func(r rune) bool { return r == ',' || r == ' ' })
		slices.Sort(allow)
		var want []string
		if c.impl != grpcGateway {
			want = []string{"DELETE", "GET", "PUT"}
		}
		if c.impl == netHTTP {
			want = []string{"DELETE", "GET", "HEAD", "PUT"}
		}
		if w.Code != c.status || !slices.Equal(allow, want) {
			t.Errorf("%s: %d, Allow %q, want %d, %q", c.impl, w.Code, allow, c.status, want)
		}
		t.Logf("%s: %d %s", c.impl, w.Code, w.Body)
	}
}

// TestErrorAnswers checks the statuses of the contenders that are measured.
func TestErrorAnswers(t *testing.T) {
	for _, f := range failures {
		for _, c := range f.contenders(t, f.documented, f.usual) {
			w := httptest.NewRecorder()
			c.answer(w)
			if w.Code != c.status {
				t.Errorf("%s of %s: %d, want %d", c.impl, f.name, w.Code, c.status)
			}
			t.Logf("%s of %s: %d %.300s", c.impl, f.name, w.Code, w.Body)
		}
	}
}
