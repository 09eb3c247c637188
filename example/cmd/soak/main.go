// Command soak sends a great number of requests to the example and to a service with streams, on loopback addresses. It
// fails if a response is wrong or belongs to another request, if memory or goroutines grow, or if a goroutine remains.
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
	flags.IntVar(&config.Requests, "requests", 1_000_000, "number of requests")
	flags.IntVar(&config.Concurrency, "concurrency", 16, "number of requests at a time")
	flags.IntVar(&config.Rounds, "rounds", 40, "number of measurements")
	flags.StringVar(&config.Proxy, "proxy", "",
		"program before and after the gateway: nginx or haproxy; by default the proxies are in process")
	if err := flags.Parse(args); err != nil {
		return err
	}
	// gRPC would log every outage.
	grpclog.SetLoggerV2(grpclog.NewLoggerV2(io.Discard, io.Discard, io.Discard))
	report, err := soak.Run(ctx, config)
	if report != nil {
		err = errors.Join(err, report.Print(stdout))
	}
	return err
}
