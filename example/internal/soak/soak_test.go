package soak_test

import (
	"io"
	"os"
	"slices"
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
	documented := []int{200, 202, 204, 400, 401, 403, 404, 405, 409, 500, 501, 502, 503, 504}
	allowedByOptions := []int{201, 422, 429}
	for _, httpStatus := range slices.Concat(documented, allowedByOptions) {
		if report.Statuses[httpStatus] == 0 {
			t.Errorf("no response has the status %d", httpStatus)
		}
		delete(report.Statuses, httpStatus)
	}
	if len(report.Statuses) > 0 {
		t.Errorf("these statuses are not documented: %v", report.Statuses)
	}
	for _, event := range report.Events {
		if event.Count == 0 {
			t.Errorf("none of the events: %s", event.Name)
		}
	}
}

func TestRunRefuses(t *testing.T) {
	for _, config := range []soak.Config{{}, {Requests: 10, Concurrency: 1, Rounds: 3}, {Requests: 10, Rounds: 4}} {
		if _, err := soak.Run(t.Context(), config); err == nil {
			t.Errorf("%+v: no error", config)
		}
	}
}
