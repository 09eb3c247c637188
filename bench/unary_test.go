package bench_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"testing"

	"connectrpc.com/vanguard/vanguardgrpc"
	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	"github.com/statusbridge/statusbridge/gateway"
	"github.com/statusbridge/statusbridge/internal/contract"
	"github.com/statusbridge/statusbridge/internal/testkit"
	"github.com/statusbridge/statusbridge/internal/testkit/testkitv1"
	"github.com/statusbridge/statusbridge/mapping"
)

const (
	getPath     = "/v1/things/1?full=true&sizes=1&sizes=2"
	suspendPath = "/v1/things/7:suspend"
)

// calls lists the cases of BenchmarkUnary. A whole request is in one process, without a network, so that every
// difference shows.
var calls = []struct {
	name      string
	method    string
	path      string
	behaviour testkit.Behaviour
	want      map[string]int // the status of each; who is missing cannot do it
}{
	{"200", http.MethodGet, getPath, nil, map[string]int{
		grpcGateway: 200, statusbridge: 200, vanguardGo: 200, floor: 200,
	}},
	// The service chooses the status. grpc-gateway forwards the choice as a header, and sends 200.
	{"202", http.MethodGet, getPath, choose(http.StatusAccepted), map[string]int{
		grpcGateway: 200, statusbridge: 202, withOption: 202,
	}},
	{"204", http.MethodGet, getPath, choose(http.StatusNoContent), map[string]int{
		grpcGateway: 200, statusbridge: 204, withOption: 204,
	}},
	// The method declares the status in its proto.
	{"202-declared", http.MethodPost, suspendPath, nil, map[string]int{
		grpcGateway: 200, statusbridge: 202,
	}},
	{"error", http.MethodGet, getPath, fail, map[string]int{
		grpcGateway: 404, statusbridge: 404, vanguardGo: 404,
	}},
}

// withOption is grpc-gateway with the forward response option that its documentation shows for response codes.
const withOption = grpcGateway + "-option"

func fail(context.Context) error { return status.Error(codes.NotFound, "no such project") }

// choose sets the metadata that the bridge and chosenStatus read.
func choose(httpStatus int) testkit.Behaviour {
	return func(ctx context.Context) error {
		return mapping.SetHTTPStatus(ctx, httpStatus)
	}
}

// BenchmarkUnary measures calls through the mux.
func BenchmarkUnary(b *testing.B) {
	for _, call := range calls {
		b.Run("case="+call.name, func(b *testing.B) {
			service := &testkit.Service{}
			service.Behave(call.behaviour)
			var contenders []contender
			for _, g := range inProcess(b, service) {
				if want, ok := call.want[g.impl]; ok {
					request := httptest.NewRequest(call.method, call.path, http.NoBody)
					contenders = append(contenders, contender{g.impl, want, func(w http.ResponseWriter) {
						g.handler.ServeHTTP(w, request)
					}})
				}
			}
			compare(b, contenders)
		})
	}
}

type gatewayUnder struct {
	impl    string
	handler http.Handler
}

// inProcess lists gateways that call a service in the same process.
func inProcess(tb testing.TB, service *testkit.Service) []gatewayUnder {
	server := grpc.NewServer()
	testkitv1.RegisterThingServiceServer(server, service)
	transcoder, err := vanguardgrpc.NewTranscoder(server)
	if err != nil {
		tb.Fatal(err)
	}
	recipe := runtime.NewServeMux(runtime.WithForwardResponseOption(chosenStatus))
	return []gatewayUnder{
		{grpcGateway, testkit.Register(tb, testkit.InProcess, service, runtime.NewServeMux())},
		{statusbridge, testkit.Register(tb, testkit.InProcess, service, gateway.New().NewServeMux())},
		{withOption, testkit.Register(tb, testkit.InProcess, service, recipe)},
		// It calls grpc-go's server with the gRPC protocol, which is more than a method call. It changes the request,
		// so it gets a copy.
		{vanguardGo, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			own, target := *r, *r.URL
			own.URL, own.Header = &target, http.Header{}
			transcoder.ServeHTTP(w, &own)
		})},
		{floor, http.HandlerFunc(constantThing)},
	}
}

// chosenStatus is the forward response option of grpc-gateway's page "Customizing your gateway". It sends the status
// before the body is marshalled, and a 204 with a body.
func chosenStatus(ctx context.Context, w http.ResponseWriter, _ proto.Message) error {
	md, ok := runtime.ServerMetadataFromContext(ctx)
	if !ok {
		return nil
	}
	chosen := md.HeaderMD.Get(contract.HTTPStatusKey)
	if len(chosen) == 0 {
		return nil
	}
	httpStatus, err := strconv.Atoi(chosen[0])
	if err != nil {
		return err
	}
	delete(md.HeaderMD, contract.HTTPStatusKey)
	delete(w.Header(), "Grpc-Metadata-Statusbridge-Http-Status")
	w.WriteHeader(httpStatus)
	return nil
}

var thing = []byte(`{"thing":{"id":1, "name":"thing", "kind":"KIND_UNSPECIFIED", "sizes":[]}}`)

func constantThing(w http.ResponseWriter, _ *http.Request) {
	w.Header()["Content-Type"] = jsonType
	_, _ = w.Write(thing)
}

var jsonType = []string{"application/json"}

// BenchmarkStreamMessage measures one message of a long stream. Its client is a function, so that neither a network nor
// a call is measured.
func BenchmarkStreamMessage(b *testing.B) {
	for _, mode := range []struct {
		impl string
		mux  *runtime.ServeMux
	}{
		{grpcGateway, runtime.NewServeMux()},
		{statusbridge, gateway.New().NewServeMux()},
	} {
		b.Run("impl="+mode.impl, func(b *testing.B) {
			b.ReportAllocs()
			streaming(b, func() bool { return b.Loop() }, mode.mux)
			request := httptest.NewRequest(http.MethodGet, "/stream", http.NoBody)
			mode.mux.ServeHTTP(&sink{header: http.Header{}}, request)
		})
	}
	b.Run("impl="+floor, func(b *testing.B) {
		b.ReportAllocs()
		w, chunk, delimiter := &sink{header: http.Header{}}, []byte(`{"result":{"sequence":7}}`), []byte("\n")
		for b.Loop() {
			_, _ = w.Write(chunk)
			_, _ = w.Write(delimiter)
			w.Flush()
		}
	})
}

// streaming registers one stream at /stream, which continues as long as more is true.
func streaming(tb testing.TB, more func() bool, mux *runtime.ServeMux) {
	message := &testkitv1.WatchResponse{Sequence: 7}
	err := mux.HandlePath(http.MethodGet, "/stream", func(w http.ResponseWriter, r *http.Request, _ map[string]string) {
		ctx := runtime.NewServerMetadataContext(r.Context(), runtime.ServerMetadata{})
		_, marshaler := runtime.MarshalerForRequest(mux, r)
		runtime.ForwardResponseStream(ctx, mux, marshaler, w, r, func() (proto.Message, error) {
			if more() {
				return message, nil
			}
			return nil, io.EOF
		}, mux.GetForwardResponseOptions()...)
	})
	if err != nil {
		tb.Fatal(err)
	}
}

// TestUnary checks the statuses of the cases.
func TestUnary(t *testing.T) {
	for _, call := range calls {
		service := &testkit.Service{}
		service.Behave(call.behaviour)
		for _, g := range inProcess(t, service) {
			want, ok := call.want[g.impl]
			if !ok {
				continue
			}
			server := httptest.NewServer(g.handler)
			request, err := http.NewRequestWithContext(t.Context(), call.method, server.URL+call.path, http.NoBody)
			if err != nil {
				t.Fatal(err)
			}
			response, err := server.Client().Do(request)
			if err != nil {
				t.Fatal(err)
			}
			body, _ := io.ReadAll(response.Body)
			response.Body.Close()
			server.Close()
			if response.StatusCode != want {
				t.Errorf("%s of %s answered with %d, want %d", g.impl, call.name, response.StatusCode, want)
			}
			t.Logf("%s of %s: %d %s", g.impl, call.name, response.StatusCode, body)
		}
	}
}
