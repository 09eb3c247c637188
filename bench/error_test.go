package bench_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"

	"connectrpc.com/connect"
	kratoshttp "github.com/go-kratos/kratos/v2/transport/http"
	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/protoadapt"

	"github.com/statusbridge/statusbridge/gateway"
	statusbridgev1 "github.com/statusbridge/statusbridge/gen/go/statusbridge/v1"
	"github.com/statusbridge/statusbridge/internal/testkit/testkitv1"
)

// failure is an error of a backend.
type failure struct {
	code    codes.Code
	message string
	details []proto.Message

	documented int // the status that this library sends
	usual      int // the status that the other libraries send
}

// failures are the errors that are measured. failureNames has their order.
var (
	failures = map[string]failure{
		"plain":  {codes.NotFound, "no such project", nil, 404, 404},
		"quoted": {codes.NotFound, `project "müller" not found`, nil, 404, 404},
		"violations": {codes.InvalidArgument, "the project is not valid", []proto.Message{badRequest(2)},
			400, 400},
		"exact status": {codes.Unavailable, "the scheduler sent nonsense", []proto.Message{
			&statusbridgev1.Error{Code: 502, Message: "the scheduler sent nonsense"},
		}, 502, 503},
		"long": {codes.Aborted, longMessage(4 << 10), nil, 409, 409},
	}
	failureNames = []string{"plain", "quoted", "violations", "exact status", "long"}
)

// BenchmarkErrorHandler gives each library's error handler the same error.
func BenchmarkErrorHandler(b *testing.B) {
	for _, name := range failureNames {
		b.Run("case="+name, func(b *testing.B) {
			compare(b, failures[name].contenders(b))
		})
	}
}

func (f failure) contenders(tb testing.TB) []contender {
	err := f.status()
	mux := runtime.NewServeMux()
	request := httptest.NewRequest(http.MethodGet, "/v1/things/1", nil)
	_, marshaler := runtime.MarshalerForRequest(mux, request)
	annotated, annotateErr := runtime.AnnotateContext(context.Background(), mux, request,
		testkitv1.ThingService_Get_FullMethodName, runtime.WithHTTPPathPattern("/v1/things/{id}"))
	if annotateErr != nil {
		tb.Fatal(annotateErr)
	}
	// grpc-go returns this metadata for an error without header metadata, which has trailers only.
	ctx := runtime.NewServerMetadataContext(annotated, runtime.ServerMetadata{
		TrailerMD: metadata.Pairs("content-type", "application/grpc"),
	})
	connectErr, connectWriter := f.connect(tb), connect.NewErrorWriter()
	recorded := httptest.NewRecorder()
	gateway.ErrorHandler(ctx, mux, marshaler, recorded, request, err)
	constant, contentLength := recorded.Body.Bytes(), []string{strconv.Itoa(recorded.Body.Len())}
	return []contender{
		{grpcGateway, f.usual, func(w http.ResponseWriter) {
			runtime.DefaultHTTPErrorHandler(ctx, mux, marshaler, w, request, err)
		}},
		{statusbridge, f.documented, func(w http.ResponseWriter) {
			gateway.ErrorHandler(ctx, mux, marshaler, w, request, err)
		}},
		// It gets an error of connect, because it sends a gRPC status as an unknown error. The body has the details as
		// base64 and as JSON.
		{connectGo, f.usual, func(w http.ResponseWriter) {
			_ = connectWriter.Write(w, request, connectErr)
		}},
		// Its body leaves the details out.
		{kratos, f.usual, func(w http.ResponseWriter) {
			kratoshttp.DefaultErrorEncoder(w, request, err)
		}},
		{floor, f.documented, func(w http.ResponseWriter) {
			w.Header()["Content-Type"], w.Header()["Content-Length"] = jsonType, contentLength
			w.WriteHeader(f.documented)
			_, _ = w.Write(constant)
		}},
	}
}

// status returns the failure as the error of a gRPC method.
func (f failure) status() error {
	st := status.New(f.code, f.message)
	for _, detail := range f.details {
		var err error
		if st, err = st.WithDetails(protoadapt.MessageV1Of(detail)); err != nil {
			panic(err)
		}
	}
	return st.Err()
}

func (f failure) connect(tb testing.TB) error {
	err := connect.NewError(connect.Code(f.code), errors.New(f.message))
	for _, message := range f.details {
		detail, detailErr := connect.NewErrorDetail(message)
		if detailErr != nil {
			tb.Fatal(detailErr)
		}
		err.AddDetail(detail)
	}
	return err
}

// badRequest returns a number of violations. Each has about forty bytes.
func badRequest(violations int) *errdetails.BadRequest {
	detail := &errdetails.BadRequest{}
	for i := range violations {
		detail.FieldViolations = append(detail.FieldViolations, &errdetails.BadRequest_FieldViolation{
			Field: fmt.Sprintf("spec.quota[%d].gpus", i), Description: "must not be negative",
		})
	}
	return detail
}

func longMessage(size int) string {
	return strings.Repeat("workspace, ", size/11+1)[:size]
}

// sizes are the numbers of bytes, details, routes and services for the benchmarks that show how the time grows.
var sizes = []int{100, 10_000, 40_000}

// BenchmarkMessageSize shows how the time grows with the message of an error.
func BenchmarkMessageSize(b *testing.B) {
	for _, size := range sizes {
		b.Run(fmt.Sprintf("bytes=%d", size), func(b *testing.B) {
			f := failure{codes.Aborted, longMessage(size), nil, 409, 409}
			compare(b, f.contenders(b)[:2])
		})
	}
}

// BenchmarkDetailSize shows how the time grows with the violations of a google.rpc.BadRequest. The body has the first 4
// KiB of them.
func BenchmarkDetailSize(b *testing.B) {
	for _, violations := range sizes {
		b.Run(fmt.Sprintf("violations=%d", violations), func(b *testing.B) {
			details := []proto.Message{badRequest(violations)}
			f := failure{codes.InvalidArgument, "the project is not valid", details, 400, 400}
			compare(b, f.contenders(b)[:2])
		})
	}
}

// TestErrorHandlers checks the status of each measured response.
func TestErrorHandlers(t *testing.T) {
	for _, name := range failureNames {
		for _, c := range failures[name].contenders(t) {
			w := httptest.NewRecorder()
			c.respond(w)
			if w.Code != c.status {
				t.Errorf("%s: %s sent %d, want %d", name, c.impl, w.Code, c.status)
			}
			t.Logf("%s: %s sent %d %.300s", name, c.impl, w.Code, w.Body)
		}
	}
}
