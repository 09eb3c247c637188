package gateway_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/protobuf/proto"

	"github.com/statusbridge/statusbridge/gateway"
	"github.com/statusbridge/statusbridge/internal/probe"
	"github.com/statusbridge/statusbridge/internal/probe/probev1"
)

// flushingSink is a sink that streams go to.
type flushingSink struct{ sink }

func (*flushingSink) Flush() {}

// BenchmarkStreamMessage measures what the bridge adds to one message of a stream: all of them are of one stream, whose
// client is a function, so that neither a network nor a call is in it.
func BenchmarkStreamMessage(b *testing.B) {
	for _, mode := range []struct {
		name    string
		options []runtime.ServeMuxOption
	}{
		{"default", nil},
		{"statusbridge", []runtime.ServeMuxOption{gateway.Bridge()}},
	} {
		b.Run(mode.name, func(b *testing.B) {
			mux := runtime.NewServeMux(mode.options...)
			message := &probev1.WatchResponse{Sequence: 7}
			err := mux.HandlePath(http.MethodGet, "/stream", func(w http.ResponseWriter, r *http.Request, _ map[string]string) {
				ctx := runtime.NewServerMetadataContext(r.Context(), runtime.ServerMetadata{})
				_, marshaler := runtime.MarshalerForRequest(mux, r)
				runtime.ForwardResponseStream(ctx, mux, marshaler, w, r, func() (proto.Message, error) {
					if b.Loop() {
						return message, nil
					}
					return nil, io.EOF
				}, mux.GetForwardResponseOptions()...)
			})
			if err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			mux.ServeHTTP(&flushingSink{sink{header: http.Header{}}}, httptest.NewRequest(http.MethodGet, "/stream", nil))
		})
	}
}

// BenchmarkDeclared measures a success whose status the method's proto declares.
func BenchmarkDeclared(b *testing.B) {
	for _, mode := range []struct {
		name    string
		options []runtime.ServeMuxOption
	}{
		{"default", nil},
		{"statusbridge", []runtime.ServeMuxOption{gateway.Bridge()}},
	} {
		b.Run(mode.name, func(b *testing.B) {
			mux := probe.Mux(b, probe.InProcess, &probe.Service{}, mode.options...)
			request := httptest.NewRequest(http.MethodPost, suspend.path, http.NoBody)
			w := &sink{header: http.Header{}}
			b.ReportAllocs()
			for b.Loop() {
				clear(w.header)
				mux.ServeHTTP(w, request)
			}
		})
	}
}
