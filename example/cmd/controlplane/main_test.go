package main

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"net"
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

func TestPrintTour(t *testing.T) {
	const url = "http://127.0.0.1:8080"
	var printed bytes.Buffer
	if err := printTour(&printed, url); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(printed.String()), "\n")
	last := strings.Join(lines[len(lines)-2:], "\n")
	want := "The REST API runs at " + url + " until you press Ctrl+C.\n" +
		"Open " + url + "/ in a browser to send the same requests with buttons."
	if last != want {
		t.Errorf("the last lines are\n%s\nwant\n%s", last, want)
	}
}

func TestBusyPort(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	addr := listener.Addr().String()
	err = run(t.Context(), []string{"-addr", addr}, io.Discard, io.Discard)
	want := addr + " is in use. Choose another address: make run ADDR=127.0.0.1:9000"
	if err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

func TestInvalidFlags(t *testing.T) {
	for _, args := range [][]string{{"-addr", "0.0.0.0:0"}, {"-no-such-flag"}} {
		if err := run(t.Context(), args, io.Discard, io.Discard); err == nil {
			t.Errorf("%v: no error", args)
		}
	}
}
