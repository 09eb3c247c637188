package bench_test

import (
	"testing"

	kratoserrors "github.com/go-kratos/kratos/v2/errors"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/statusbridge/statusbridge/mapping"
)

// BenchmarkServiceError is what a service pays for the status that grpc-go sends: it makes the error, and asks it for
// its status. The floor is grpc-go's status from constants.
func BenchmarkServiceError(b *testing.B) {
	for _, test := range []struct {
		name  string
		impls map[string]func() *status.Status
	}{
		{"plain", map[string]func() *status.Status{
			statusbridge: func() *status.Status {
				return (&mapping.Error{HTTPStatus: 404, Message: "no such project"}).GRPCStatus()
			},
			// Always attaches a google.rpc.ErrorInfo.
			kratos: func() *status.Status {
				return kratoserrors.New(404, "NO_PROJECT", "no such project").GRPCStatus()
			},
			floor: func() *status.Status { return status.New(codes.NotFound, "no such project") },
		}},
		// An exact status and a text of its own, which take a detail.
		{"exact", map[string]func() *status.Status{
			statusbridge: func() *status.Status {
				return (&mapping.Error{HTTPStatus: 502, Message: "the scheduler answered nonsense", Details: "node pool a"}).GRPCStatus()
			},
			// 502 leaves as Unknown.
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
