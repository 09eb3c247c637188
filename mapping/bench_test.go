package mapping_test

import (
	"testing"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/grpc/codes"

	"github.com/statusbridge/statusbridge/mapping"
)

var sum int

// BenchmarkHTTPStatus compares the lookup with grpc-gateway's, over the sixteen defined codes.
func BenchmarkHTTPStatus(b *testing.B) {
	for _, lookup := range []struct {
		name string
		f    func(codes.Code) int
	}{
		{"default", runtime.HTTPStatusFromCode},
		{"statusbridge", mapping.HTTPStatus},
	} {
		b.Run(lookup.name, func(b *testing.B) {
			b.ReportAllocs()
			code := codes.Code(0)
			for b.Loop() {
				sum += lookup.f(code)
				code = (code + 1) & 15
			}
		})
	}
}

func BenchmarkGRPCCode(b *testing.B) {
	b.ReportAllocs()
	httpStatus := 400
	for b.Loop() {
		sum += int(mapping.GRPCCode(httpStatus))
		httpStatus = 400 + (httpStatus+1)&127
	}
}

// BenchmarkGRPCStatus is what a service pays to send an error.
func BenchmarkGRPCStatus(b *testing.B) {
	for _, test := range []struct {
		name string
		err  *mapping.Error
	}{
		{"plain", &mapping.Error{HTTPStatus: 404, Message: "no such project"}},
		{"details", &mapping.Error{HTTPStatus: 502, Message: "the scheduler answered nonsense", Details: "node pool a"}},
	} {
		b.Run(test.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if test.err.GRPCStatus() == nil {
					b.Fatal("no status")
				}
			}
		})
	}
}
