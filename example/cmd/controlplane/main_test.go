package main

import (
	"bufio"
	"context"
	"io"
	"net/http"
	"strings"
	"testing"
)

// TestRun starts the command, reads the printed address, sends a request, and stops the command.
func TestRun(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	printed, stdout := io.Pipe()
	ended := make(chan error, 1)
	go func() {
		err := run(ctx, []string{"-addr", "127.0.0.1:0"}, stdout, io.Discard)
		_ = stdout.CloseWithError(io.EOF)
		ended <- err
	}()
	url, commands := "", 0
	lines := bufio.NewScanner(printed)
	for commands < 14 && lines.Scan() {
		if value, ok := strings.CutPrefix(lines.Text(), "export URL="); ok {
			url = value
		}
		if strings.HasPrefix(lines.Text(), "curl -si ") {
			commands++
		}
	}
	if url == "" || commands != 14 {
		t.Fatalf("printed the address %q and %d commands, want 14", url, commands)
	}
	go func() { _, _ = io.Copy(io.Discard, printed) }()

	response, err := http.Get(url + "/api/v1/workloads")
	if err != nil {
		t.Fatal(err)
	}
	_ = response.Body.Close()
	if response.StatusCode != http.StatusUnauthorized {
		t.Errorf("got %s, want a 401", response.Status)
	}
	cancel()
	if err := <-ended; err != nil {
		t.Errorf("the command ended with %v", err)
	}
}

func TestRunRefuses(t *testing.T) {
	for _, args := range [][]string{{"-addr", "0.0.0.0:0"}, {"-no-such-flag"}} {
		if err := run(t.Context(), args, io.Discard, io.Discard); err == nil {
			t.Errorf("%v: no error", args)
		}
	}
}
