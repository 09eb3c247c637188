// Command soak makes the example, and a service with streams beside it, answer a great many requests of every kind on
// loopback. It fails when an answer is not as documented or is another request's, when memory or goroutines grow, and
// when a goroutine is left.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"

	"google.golang.org/grpc/grpclog"

	"github.com/statusbridge/statusbridge/example/internal/soak"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	if err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	var config soak.Config
	flags := flag.NewFlagSet("soak", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.IntVar(&config.Requests, "requests", 1_000_000, "how many requests to make")
	flags.IntVar(&config.Concurrency, "concurrency", 16, "how many at a time")
	flags.IntVar(&config.Rounds, "rounds", 40, "how often to stop and measure")
	if err := flags.Parse(args); err != nil {
		return err
	}
	// What fails here fails on purpose, and gRPC would tell of each.
	grpclog.SetLoggerV2(grpclog.NewLoggerV2(io.Discard, io.Discard, io.Discard))
	report, err := soak.Run(ctx, config)
	if report != nil {
		err = errors.Join(err, report.Print(stdout))
	}
	return err
}
