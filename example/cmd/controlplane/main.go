// Command controlplane runs a small control plane on loopback, with a subset of the REST API that NVIDIA Run:ai
// publishes, and prints a command for each status that its documentation lists.
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

// run serves until ctx ends. What the client of the API is not told goes to stderr.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	config := controlplane.Config{Log: slog.New(slog.NewTextHandler(stderr, nil))}
	flags := flag.NewFlagSet("controlplane", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.StringVar(&config.Addr, "addr", "127.0.0.1:8080", "loopback address of the REST API; port 0 takes a free one")
	flags.DurationVar(&config.TokenLifetime, "token-lifetime", time.Hour, "how long a bearer token lasts")
	flags.DurationVar(&config.SchedulerTimeout, "scheduler-timeout", time.Second, "how long to wait for the scheduler")
	flags.DurationVar(&config.Deadline, "deadline", 10*time.Second, "how long a call may take")
	if err := flags.Parse(args); err != nil {
		return err
	}

	var err error
	if config.Explorer, err = explorer.New(controlplane.StockPrefix); err != nil {
		return err
	}
	plane, err := controlplane.Start(config)
	if err != nil {
		return err
	}
	if err := introduce(stdout, plane.URL()); err != nil {
		return errors.Join(err, plane.Close())
	}
	select {
	case <-ctx.Done():
		return plane.Close()
	case err := <-plane.Failed():
		return errors.Join(err, plane.Close())
	}
}

// introduce prints everything in one write, so that nobody reads half of it.
func introduce(w io.Writer, url string) error {
	var b bytes.Buffer
	fmt.Fprintf(&b, "# The control plane answers at %s until it is interrupted.\n", url)
	fmt.Fprintf(&b, "# Open %s/ in a browser to try each status with a button.\n", url)
	for _, key := range []controlplane.DemoKey{controlplane.DemoAdministrator, controlplane.DemoViewer} {
		fmt.Fprintf(&b, "# Demo credentials of %s: %s / %s\n", key.Owner, key.ClientID, key.Secret)
	}
	b.WriteString("# Everything below runs in a shell, from top to bottom.\n\n")
	if err := walkthrough.Print(&b, url, walkthrough.Steps()...); err != nil {
		return err
	}
	b.WriteByte('\n')
	_, err := w.Write(b.Bytes())
	return err
}
