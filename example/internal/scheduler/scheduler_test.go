package scheduler_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/statusbridge/statusbridge/example/internal/outage"
	"github.com/statusbridge/statusbridge/example/internal/scheduler"
)

// long is a timeout that tests do not reach.
const long = time.Minute

func start(t *testing.T) *scheduler.Server {
	t.Helper()
	server, err := scheduler.Start()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Close)
	return server
}

func TestReservations(t *testing.T) {
	server := start(t)
	client := scheduler.NewClient(server.Addr, long)
	for _, step := range []struct {
		name string
		call func() error
		want int
	}{
		{"reserve", func() error { return client.Reserve(t.Context(), "a", 2) }, 2},
		{"reserve for another", func() error { return client.Reserve(t.Context(), "b", 1) }, 3},
		{"reserve again", func() error { return client.Reserve(t.Context(), "a", 4) }, 5},
		{"release", func() error { return client.Release(t.Context(), "a") }, 1},
		{"release again", func() error { return client.Release(t.Context(), "a") }, 1},
		{"survive a restart", func() error { return server.SetMode(outage.Running) }, 1},
		{"release the rest", func() error { return client.Release(t.Context(), "b") }, 0},
	} {
		if err := step.call(); err != nil {
			t.Fatalf("%s: %v", step.name, err)
		}
		if got := server.Reserved(); got != step.want {
			t.Fatalf("%s: %d GPUs are reserved, want %d", step.name, got, step.want)
		}
	}
}

func TestModes(t *testing.T) {
	server := start(t)
	for _, test := range []struct {
		mode    outage.Mode
		timeout time.Duration
		want    error
	}{
		{outage.Down, long, syscall.ECONNREFUSED},
		{outage.Hang, 20 * time.Millisecond, context.DeadlineExceeded},
		{outage.Rubbish, long, scheduler.ErrInvalidResponse},
		{outage.Running, long, nil},
	} {
		t.Run(string(test.mode), func(t *testing.T) {
			if err := server.SetMode(test.mode); err != nil {
				t.Fatal(err)
			}
			client := scheduler.NewClient(server.Addr, test.timeout)
			if err := client.Reserve(t.Context(), "a", 1); !errors.Is(err, test.want) {
				t.Errorf("Reserve: got %v, want %v", err, test.want)
			}
			if err := client.Release(t.Context(), "a"); !errors.Is(err, test.want) {
				t.Errorf("Release: got %v, want %v", err, test.want)
			}
		})
	}
}

// TestInvalidResponse replaces the scheduler by other servers.
func TestInvalidResponse(t *testing.T) {
	for name, handler := range map[string]http.HandlerFunc{
		"HTML":       func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "<html>") },
		"empty body": func(http.ResponseWriter, *http.Request) {},
		"other JSON": func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, `{"ok":true}`) },
		"another workload": func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, `{"workloadId":"b","state":"reserved"}`)
		},
		"another state": func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, `{"workloadId":"a","state":"released"}`)
		},
		"failure":  func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusInternalServerError) },
		"redirect": func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/login", http.StatusFound) },
		"body over the limit": func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, strings.Repeat(" ", 1<<20)+"{}")
		},
		"another status": func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusAccepted)
			_, _ = io.WriteString(w, `{"workloadId":"a","state":"reserved"}`)
		},
	} {
		t.Run(name, func(t *testing.T) {
			server := httptest.NewServer(handler)
			defer server.Close()
			client := scheduler.NewClient(server.Listener.Addr().String, long)
			if err := client.Reserve(t.Context(), "a", 1); !errors.Is(err, scheduler.ErrInvalidResponse) {
				t.Errorf("got %v, want %v", err, scheduler.ErrInvalidResponse)
			}
		})
	}
}

func TestCloseEndsCalls(t *testing.T) {
	server := start(t)
	if err := server.SetMode(outage.Hang); err != nil {
		t.Fatal(err)
	}
	client := scheduler.NewClient(server.Addr, long)
	result := make(chan error)
	go func() { result <- client.Reserve(t.Context(), "a", 1) }()
	server.Close()
	if err := <-result; err == nil {
		t.Error("got a response from a scheduler that hangs")
	}
}
