package gateway_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/statusbridge/statusbridge/gateway"
	"github.com/statusbridge/statusbridge/internal/probe"
	"github.com/statusbridge/statusbridge/mapping"
)

// sink is a ResponseWriter that costs nothing, so that what is measured is the handler.
type sink struct{ header http.Header }

func (s *sink) Header() http.Header         { return s.header }
func (s *sink) Write(p []byte) (int, error) { return len(p), nil }
func (s *sink) WriteHeader(int)             {}

// BenchmarkErrorHandler compares the two error handlers on the same error, as it arrives from a backend.
func BenchmarkErrorHandler(b *testing.B) {
	detailed, err := status.New(codes.InvalidArgument, "the project is not valid").WithDetails(
		&errdetails.BadRequest{FieldViolations: []*errdetails.BadRequest_FieldViolation{
			{Field: "name", Description: "is empty"}, {Field: "quota", Description: "is negative"},
		}},
	)
	if err != nil {
		b.Fatal(err)
	}
	errs := []struct {
		name string
		err  error
	}{
		{"plain", status.Error(codes.NotFound, "no such project")},
		{"details", detailed.Err()},
		{"exact", mapping.Errorf(502, "the scheduler answered nonsense").GRPCStatus().Err()},
	}
	handlers := []struct {
		name   string
		handle runtime.ErrorHandlerFunc
	}{
		{"default", runtime.DefaultHTTPErrorHandler},
		{"statusbridge", gateway.ErrorHandler},
	}
	mux := runtime.NewServeMux()
	request := httptest.NewRequest(http.MethodGet, "/v1/things/1", nil)
	_, marshaler := runtime.MarshalerForRequest(mux, request)
	// What grpc-go hands over for an error without header metadata: a trailers-only reply.
	ctx := runtime.NewServerMetadataContext(context.Background(), runtime.ServerMetadata{
		TrailerMD: metadata.Pairs("content-type", "application/grpc"),
	})
	for _, e := range errs {
		for _, h := range handlers {
			b.Run(e.name+"/"+h.name, func(b *testing.B) {
				w := &sink{header: http.Header{}}
				b.ReportAllocs()
				for b.Loop() {
					clear(w.header)
					h.handle(ctx, mux, marshaler, w, request, e.err)
				}
			})
		}
	}
}

// BenchmarkMethodNotAllowed refuses a method on a table of 400 routes, which in the bridge's case takes Allow.
func BenchmarkMethodNotAllowed(b *testing.B) {
	for _, mode := range []struct {
		name    string
		options []runtime.ServeMuxOption
	}{
		{"default", nil},
		{"statusbridge", []runtime.ServeMuxOption{gateway.Bridge()}},
	} {
		b.Run(mode.name, func(b *testing.B) {
			mux := runtime.NewServeMux(mode.options...)
			for i := range 100 {
				for _, route := range []struct{ method, path string }{
					{http.MethodGet, "/v1/kind%d/{id}"}, {http.MethodPut, "/v1/kind%d/{id}"},
					{http.MethodDelete, "/v1/kind%d/{id}"}, {http.MethodPost, "/v1/kind%d"},
				} {
					err := mux.HandlePath(route.method, fmt.Sprintf(route.path, i),
						func(http.ResponseWriter, *http.Request, map[string]string) {})
					if err != nil {
						b.Fatal(err)
					}
				}
			}
			request := httptest.NewRequest(http.MethodPatch, "/v1/kind50/7", nil)
			w := &sink{header: http.Header{}}
			b.ReportAllocs()
			for b.Loop() {
				clear(w.header)
				mux.ServeHTTP(w, request)
			}
		})
	}
}

// BenchmarkSuccess measures what the bridge adds to a call that succeeds, in process, where nothing else hides it. The
// service chooses the status in both cases; the default mux forwards the choice as a header.
func BenchmarkSuccess(b *testing.B) {
	for _, httpStatus := range []int{http.StatusOK, http.StatusAccepted, http.StatusNoContent} {
		service := &probe.Service{}
		if httpStatus != http.StatusOK {
			service.Behave(func(ctx context.Context) error { return mapping.SetHTTPStatus(ctx, httpStatus) })
		}
		for _, mode := range []struct {
			name    string
			options []runtime.ServeMuxOption
		}{
			{"default", nil},
			{"statusbridge", []runtime.ServeMuxOption{gateway.Bridge()}},
		} {
			b.Run(fmt.Sprint(httpStatus, "/", mode.name), func(b *testing.B) {
				mux := probe.Mux(b, probe.InProcess, service, mode.options...)
				request := httptest.NewRequest(http.MethodGet, "/v1/things/1?full=true&sizes=1&sizes=2", nil)
				w := &sink{header: http.Header{}}
				b.ReportAllocs()
				for b.Loop() {
					clear(w.header)
					mux.ServeHTTP(w, request)
				}
			})
		}
	}
}
