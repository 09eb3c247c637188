package bench_test

import (
	"context"
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

// failure is an error as it arrives from a backend.
type failure struct {
	code    codes.Code
	message string
	details []proto.Message
}

// failures are the cases of BenchmarkErrorAnswer.
var failures = []struct {
	name string
	failure
	documented int // the documented status
	usual      int // the status of the other libraries
}{
	{"plain", failure{code: codes.NotFound, message: "no such project"}, 404, 404},
	{"quoted", failure{code: codes.NotFound, message: `project "müller" not found`}, 404, 404},
	{"details", failure{codes.InvalidArgument, "the project is not valid", []proto.Message{badRequest(2)}}, 400, 400},
	{"own-detail", failure{codes.Unavailable, "the scheduler answered nonsense", []proto.Message{
		&statusbridgev1.Error{Code: 502, Message: "the scheduler answered nonsense"},
	}}, 502, 503},
	{"long", failure{code: codes.Aborted, message: longMessage(4 << 10)}, 409, 409},
}

// BenchmarkErrorAnswer calls each library's error handler with the same error and a writer that does nothing.
func BenchmarkErrorAnswer(b *testing.B) {
	for _, f := range failures {
		b.Run("case="+f.name, func(b *testing.B) {
			compare(b, f.contenders(b, f.documented, f.usual))
		})
	}
}

func (f failure) contenders(tb testing.TB, documented, usual int) []contender {
	err := f.status(tb)
	mux := runtime.NewServeMux()
	request := httptest.NewRequest(http.MethodGet, "/v1/things/1", nil)
	_, marshaler := runtime.MarshalerForRequest(mux, request)
	annotated, annotateErr := runtime.AnnotateContext(context.Background(), mux, request,
		testkitv1.ThingService_Get_FullMethodName, runtime.WithHTTPPathPattern("/v1/things/{id}"))
	if annotateErr != nil {
		tb.Fatal(annotateErr)
	}
	// grpc-go returns this metadata for an error without header metadata, which is a trailers-only reply.
	ctx := runtime.NewServerMetadataContext(annotated, runtime.ServerMetadata{
		TrailerMD: metadata.Pairs("content-type", "application/grpc"),
	})
	connectErr, connectWriter := f.connect(tb), connect.NewErrorWriter()
	recorded := httptest.NewRecorder()
	gateway.ErrorHandler(ctx, mux, marshaler, recorded, request, err)
	constant, contentLength := recorded.Body.Bytes(), []string{strconv.Itoa(recorded.Body.Len())}
	return []contender{
		{grpcGateway, usual, func(w http.ResponseWriter) {
			runtime.DefaultHTTPErrorHandler(ctx, mux, marshaler, w, request, err)
		}},
		{statusbridge, documented, func(w http.ResponseWriter) {
			gateway.ErrorHandler(ctx, mux, marshaler, w, request, err)
		}},
		// connect-go does not read gRPC statuses, so it gets a *connect.Error. It writes details as base64 and as JSON.
		{connectGo, usual, func(w http.ResponseWriter) {
			_ = connectWriter.Write(w, request, connectErr)
		}},
		// kratos does not write details.
		{kratos, usual, func(w http.ResponseWriter) {
			kratoshttp.DefaultErrorEncoder(w, request, err)
		}},
		{floor, documented, func(w http.ResponseWriter) {
			w.Header()["Content-Type"], w.Header()["Content-Length"] = jsonType, contentLength
			w.WriteHeader(documented)
			_, _ = w.Write(constant)
		}},
	}
}

func (f failure) status(tb testing.TB) error {
	st := status.New(f.code, f.message)
	for _, detail := range f.details {
		var err error
		if st, err = st.WithDetails(protoadapt.MessageV1Of(detail)); err != nil {
			tb.Fatal(err)
		}
	}
	return st.Err()
}

func (f failure) connect(tb testing.TB) error {
	err := connect.NewError(connect.Code(f.code), fmt.Errorf("%s", f.message))
	for _, message := range f.details {
		detail, detailErr := connect.NewErrorDetail(message)
		if detailErr != nil {
			tb.Fatal(detailErr)
		}
		err.AddDetail(detail)
	}
	return err
}

// badRequest returns a detail with a number of violations, of about forty bytes each.
func badRequest(violations int) proto.Message {
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

// BenchmarkMessageSize shows how the time grows with the message.
func BenchmarkMessageSize(b *testing.B) {
	for _, size := range []int{16, 256, 4 << 10, 64 << 10} {
		b.Run(fmt.Sprintf("bytes=%d", size), func(b *testing.B) {
			compare(b, failure{code: codes.Aborted, message: longMessage(size)}.contenders(b, 409, 409)[:2])
		})
	}
}

// BenchmarkDetailSize shows how the time grows with the field violations of one google.rpc.BadRequest. The documented
// body contains at most 4 KiB of them.
func BenchmarkDetailSize(b *testing.B) {
	for _, violations := range []int{1, 10, 100, 1000} {
		b.Run(fmt.Sprintf("violations=%d", violations), func(b *testing.B) {
			f := failure{codes.InvalidArgument, "the project is not valid", []proto.Message{badRequest(violations)}}
			compare(b, f.contenders(b, 400, 400)[:2])
		})
	}
}
