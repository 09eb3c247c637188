package soak_test

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"slices"
	"testing"

	"google.golang.org/grpc/grpclog"

	"github.com/statusbridge/statusbridge/example/internal/soak"
)

func TestMain(m *testing.M) {
	grpclog.SetLoggerV2(grpclog.NewLoggerV2(io.Discard, io.Discard, io.Discard)) // gRPC would log every outage
	os.Exit(m.Run())
}

// TestSoak makes a short run. The command makes a long one.
func TestSoak(t *testing.T) {
	report := run(t, soak.Config{Requests: 6000, Concurrency: 8, Rounds: 8})
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
}

// TestPrograms makes a short run with each program, if it is installed.
func TestPrograms(t *testing.T) {
	for _, program := range []string{"nginx", "haproxy"} {
		t.Run(program, func(t *testing.T) {
			run(t, soak.Config{Requests: 3000, Concurrency: 8, Rounds: 4, Proxy: program})
		})
	}
}

// run makes a run, in which each event must occur. It skips the test if the program of config is not installed.
func run(t *testing.T, config soak.Config) *soak.Report {
	t.Helper()
	report, err := soak.Run(t.Context(), config)
	if config.Proxy != "" && (errors.Is(err, exec.ErrNotFound) || errors.Is(err, fs.ErrNotExist)) {
		t.Skip(err)
	}
	if report != nil {
		_ = report.Print(os.Stderr)
	}
	if err != nil {
		t.Fatal(err)
	}
	for _, event := range report.Events {
		if event.Count == 0 {
			t.Errorf("none of the events: %s", event.Name)
		}
	}
	return report
}

func TestRunRefuses(t *testing.T) {
	for _, config := range []soak.Config{
		{}, {Requests: 10, Concurrency: 1, Rounds: 3}, {Requests: 10, Rounds: 4},
		{Requests: 10, Concurrency: 1, Rounds: 4, Proxy: "apache"},
	} {
		if _, err := soak.Run(t.Context(), config); err == nil {
			t.Errorf("%+v: no error", config)
		}
	}
}
