package bench_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"connectrpc.com/vanguard/vanguardgrpc"
	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	"github.com/statusbridge/statusbridge/gateway"
	"github.com/statusbridge/statusbridge/internal/testkit"
	"github.com/statusbridge/statusbridge/internal/testkit/testkitv1"
)

// BenchmarkInProcess measures whole requests without a network: the service is in the process of the gateway. Nothing
// hides the time that a library adds.
func BenchmarkInProcess(b *testing.B) {
	for _, r := range wholeRequests {
		b.Run("case="+r.name, func(b *testing.B) {
			compareInTurns(b, r.inProcess(b))
		})
	}
}

// inProcess returns the libraries that can serve the request, with a service in this process.
func (r wholeRequest) inProcess(tb testing.TB) []contender {
	var handlers []namedHandler
	switch r.name {
	case notAllowed:
		handlers = notAllowedHandlers(tb)
	case lateError:
		handlers = gateways(func(mux *runtime.ServeMux, _ bool) { failLate(tb, mux) })
	default:
		handlers = servingInProcess(tb, r.service())
	}
	var contenders []contender
	for _, h := range r.able(handlers) {
		request := httptest.NewRequest(r.method, r.path, http.NoBody)
		contenders = append(contenders, contender{h.impl, r.want[h.impl], func(w http.ResponseWriter) {
			h.handler.ServeHTTP(w, request)
		}})
	}
	return contenders
}

func servingInProcess(tb testing.TB, service *testkit.Service) []namedHandler {
	server := grpc.NewServer()
	testkitv1.RegisterThingServiceServer(server, service)
	transcoder, err := vanguardgrpc.NewTranscoder(server)
	if err != nil {
		tb.Fatal(err)
	}
	handlers := gateways(func(mux *runtime.ServeMux, _ bool) {
		testkit.Register(tb, testkit.InProcess, service, mux)
	})
	return append(handlers,
		// It speaks gRPC with grpc-go's server, which is more than calling a method. It changes the request, so it
		// gets a copy.
		namedHandler{vanguardGo, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			own, target := *r, *r.URL
			own.URL, own.Header = &target, http.Header{}
			transcoder.ServeHTTP(w, &own)
		})},
		namedHandler{floor, http.HandlerFunc(constantThing)})
}

// failLate adds a stream that fails after its first message. A function takes the place of the client, because
// grpc-gateway cannot call streams in its own process.
func failLate(tb testing.TB, mux *runtime.ServeMux) {
	message, late := &testkitv1.WatchResponse{Sequence: 1}, status.Error(codes.Aborted, "the log was rotated")
	stream(tb, mux, watchPath, func() func() (proto.Message, error) {
		sent := false
		return func() (proto.Message, error) {
			if sent {
				return nil, late
			}
			sent = true
			return message, nil
		}
	})
}

// stream adds a route whose handler sends the messages of a stream. open returns the function that receives them.
func stream(tb testing.TB, mux *runtime.ServeMux, path string, open func() func() (proto.Message, error)) {
	err := mux.HandlePath(http.MethodGet, path, func(w http.ResponseWriter, r *http.Request, _ map[string]string) {
		ctx := runtime.NewServerMetadataContext(r.Context(), runtime.ServerMetadata{})
		_, marshaler := runtime.MarshalerForRequest(mux, r)
		runtime.ForwardResponseStream(ctx, mux, marshaler, w, r, open(), mux.GetForwardResponseOptions()...)
	})
	if err != nil {
		tb.Fatal(err)
	}
}

// BenchmarkStreamMessage measures one message of a stream. All messages belong to one stream, and a function takes the
// place of its client.
func BenchmarkStreamMessage(b *testing.B) {
	for _, mode := range []struct {
		impl string
		mux  *runtime.ServeMux
	}{
		{grpcGateway, runtime.NewServeMux()},
		{statusbridge, gateway.New().NewServeMux()},
	} {
		b.Run("impl="+mode.impl, func(b *testing.B) {
			message := &testkitv1.WatchResponse{Sequence: 7}
			stream(b, mode.mux, "/stream", func() func() (proto.Message, error) {
				return func() (proto.Message, error) {
					if b.Loop() {
						return message, nil
					}
					return nil, io.EOF
				}
			})
			b.ReportAllocs()
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

// TestInProcess checks the status of each measured response.
func TestInProcess(t *testing.T) {
	for _, r := range wholeRequests {
		for _, c := range r.inProcess(t) {
			w := httptest.NewRecorder()
			c.respond(w)
			if w.Code != c.status {
				t.Errorf("%s: %s sent %d, want %d", r.name, c.impl, w.Code, c.status)
			}
			t.Logf("%s: %s sent %d %s", r.name, c.impl, w.Code, w.Body)
		}
	}
}
