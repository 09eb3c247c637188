// Command controlplane runs a small control plane on a loopback address, with a part of the REST API that NVIDIA Run:ai
// publishes. It prints a curl command for each documented status.
package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/statusbridge/statusbridge/example/internal/controlplane"
	"github.com/statusbridge/statusbridge/example/internal/explorer"
	"github.com/statusbridge/statusbridge/example/internal/trace"
	"github.com/statusbridge/statusbridge/example/internal/walkthrough"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	if err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// run serves until ctx ends. It prints the tour to stdout, and logs to stderr.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	config := controlplane.Config{Log: slog.New(slog.NewTextHandler(stderr, nil)), Trace: trace.NewRecorder()}
	flags := flag.NewFlagSet("controlplane", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.StringVar(&config.Addr, "addr", "127.0.0.1:8080", "loopback address of the REST API; port 0 is a free port")
	flags.DurationVar(&config.TokenLifetime, "token-lifetime", time.Hour, "time after which a bearer token expires")
	flags.DurationVar(&config.SchedulerTimeout, "scheduler-timeout", time.Second, "time to wait for the scheduler")
	flags.DurationVar(&config.Deadline, "deadline", 10*time.Second, "time that a call may take")
	if err := flags.Parse(args); err != nil {
		return err
	}

	var err error
	if config.Explorer, err = explorer.New(controlplane.WithoutPrefix, config.Trace); err != nil {
		return err
	}
	plane, err := controlplane.Start(config)
	if errors.Is(err, syscall.EADDRINUSE) {
		return fmt.Errorf("%s is in use. Choose another address: make run ADDR=127.0.0.1:9000", config.Addr)
	}
	if err != nil {
		return err
	}
	if err := printTour(stdout, plane.URL()); err != nil {
		return errors.Join(err, plane.Close())
	}
	select {
	case <-ctx.Done():
		return plane.Close()
	case err := <-plane.Failed():
		return errors.Join(err, plane.Close())
	}
}

// printTour prints the commands of the tour, and the addresses after them, where a terminal shows them.
func printTour(w io.Writer, url string) error {
	var b bytes.Buffer
	if err := walkthrough.Print(&b, url, walkthrough.Steps()...); err != nil {
		return err
	}
	b.WriteString("\nPaste the commands above into a shell: each curl -si shows a documented status.\n\n")
	for _, key := range []controlplane.DemoKey{controlplane.DemoAdministrator, controlplane.DemoViewer} {
		fmt.Fprintf(&b, "  client id %-18s  secret %s\n", key.ClientID, key.Secret)
	}
	fmt.Fprintf(&b, "\nThe REST API runs at %s until you press Ctrl+C.\n", url)
	fmt.Fprintf(&b, "Open %s/ in a browser to send the same requests with buttons.\n", url)
	_, err := w.Write(b.Bytes())
	return err
}
