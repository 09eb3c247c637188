package soak_test

import (
	"io"
	"os"
	"testing"

	"google.golang.org/grpc/grpclog"

	"github.com/statusbridge/statusbridge/example/internal/soak"
)

// TestSoak makes a short run. The command makes a long one.
func TestSoak(t *testing.T) {
	grpclog.SetLoggerV2(grpclog.NewLoggerV2(io.Discard, io.Discard, io.Discard))
	report, err := soak.Run(t.Context(), soak.Config{Requests: 6000, Concurrency: 8, Rounds: 8})
	if report != nil {
		_ = report.Print(os.Stderr)
	}
	if err != nil {
		t.Fatal(err)
	}
	for _, httpStatus := range []int{200, 202, 204, 400, 401, 403, 404, 405, 409, 500, 501, 502, 503, 504} {
		if report.Statuses[httpStatus] == 0 {
			t.Errorf("no response has the status %d", httpStatus)
		}
	}
	if len(report.Statuses) != 14 || report.Left == 0 || report.Aborted == 0 || report.Switches == 0 {
		t.Errorf("the run is incomplete: %+v", report)
	}
}

func TestRunRefuses(t *testing.T) {
	for _, config := range []soak.Config{{}, {Requests: 10, Concurrency: 1, Rounds: 3}, {Requests: 10, Rounds: 4}} {
		if _, err := soak.Run(t.Context(), config); err == nil {
			t.Errorf("%+v: no error", config)
		}
	}
}
