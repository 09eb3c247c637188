package bench_test

import (
	"testing"

	kratoserrors "github.com/go-kratos/kratos/v2/errors"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/statusbridge/statusbridge/mapping"
)

// BenchmarkServiceError measures how a service makes an error and grpc-go asks it for its status. The floor makes a
// status of grpc-go from constants.
func BenchmarkServiceError(b *testing.B) {
	for _, test := range []struct {
		name  string
		impls map[string]func() *status.Status
	}{
		{"plain", map[string]func() *status.Status{
			statusbridge: func() *status.Status {
				return (&mapping.Error{HTTPStatus: 404, Message: "no such project"}).GRPCStatus()
			},
			// kratos always attaches a google.rpc.ErrorInfo.
			kratos: func() *status.Status {
				return kratoserrors.New(404, "NO_PROJECT", "no such project").GRPCStatus()
			},
			floor: func() *status.Status { return status.New(codes.NotFound, "no such project") },
		}},
		// An exact status and a details text need a statusbridge.v1.Error.
		{"exact", map[string]func() *status.Status{
			statusbridge: func() *status.Status {
				e := mapping.Error{HTTPStatus: 502, Message: "the scheduler answered nonsense", Details: "node pool a"}
				return e.GRPCStatus()
			},
			// kratos sends a 502 as Unknown.
			kratos: func() *status.Status {
				return kratoserrors.New(502, "NONSENSE", "the scheduler answered nonsense").GRPCStatus()
			},
			floor: func() *status.Status { return status.New(codes.Unavailable, "the scheduler answered nonsense") },
		}},
	} {
		b.Run("case="+test.name, func(b *testing.B) {
			for _, impl := range []string{kratos, statusbridge, floor} {
				b.Run("impl="+impl, func(b *testing.B) {
					b.ReportAllocs()
					for b.Loop() {
						if test.impls[impl]().Code() == codes.OK {
							b.Fatal("an error became a success")
						}
					}
				})
			}
		})
	}
}
