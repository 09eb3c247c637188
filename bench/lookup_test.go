package bench_test

import (
	"net/http"
	"testing"

	kratosstatus "github.com/go-kratos/kratos/v2/transport/http/status"
	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/grpc/codes"

	"github.com/statusbridge/statusbridge/mapping"
)

// sum prevents the compiler from removing the lookups.
var sum int

const definedCodes = 17 // google/rpc/code.proto

// floorHTTPStatus and floorGRPCCode are constant tables.
var (
	floorHTTPStatus = [definedCodes]int{
		200, 503, 500, 400, 504, 404, 409, 403, 503, 409, 409, 400, 501, 500, 503, 500, 401,
	}
	floorGRPCCode = [600]codes.Code{
		http.StatusBadRequest: codes.InvalidArgument, http.StatusNotFound: codes.NotFound,
		http.StatusConflict: codes.Aborted, http.StatusBadGateway: codes.Unavailable,
	}
)

// BenchmarkHTTPStatus looks up the status of each of the seventeen codes: one operation is seventeen lookups. The
// tables of connect-go and vanguard-go are not exported.
func BenchmarkHTTPStatus(b *testing.B) {
	b.Run("impl="+grpcGateway, func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			for code := range codes.Code(definedCodes) {
				sum += runtime.HTTPStatusFromCode(code)
			}
		}
	})
	b.Run("impl="+statusbridge, func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			for code := range codes.Code(definedCodes) {
				sum += mapping.HTTPStatus(code)
			}
		}
	})
	b.Run("impl="+kratos, func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			for code := range codes.Code(definedCodes) {
				sum += kratosstatus.FromGRPCCode(code)
			}
		}
	})
	b.Run("impl="+floor, func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			for code := range codes.Code(definedCodes) {
				sum += floorHTTPStatus[code]
			}
		}
	})
}

var documentedStatuses = [...]int{200, 202, 204, 400, 401, 403, 404, 405, 409, 500, 501, 502, 503, 504}

// BenchmarkGRPCCode looks up the code of each of the fourteen documented statuses. One operation is fourteen lookups.
// grpc-gateway does not export such a table. The table of kratos returns Unknown for 202, 204, 405 and 502.
func BenchmarkGRPCCode(b *testing.B) {
	b.Run("impl="+kratos, func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			for _, httpStatus := range documentedStatuses {
				sum += int(kratosstatus.ToGRPCCode(httpStatus))
			}
		}
	})
	b.Run("impl="+statusbridge, func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			for _, httpStatus := range documentedStatuses {
				sum += int(mapping.GRPCCode(httpStatus))
			}
		}
	})
	b.Run("impl="+floor, func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			for _, httpStatus := range documentedStatuses {
				sum += int(floorGRPCCode[httpStatus])
			}
		}
	})
}
