// Package controlplane runs the example in one process: gRPC services, a grpc-gateway with this library that calls them
// over TCP, and the scheduler that the services depend on.
package controlplane

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/statusbridge/statusbridge/example/internal/outage"
	"github.com/statusbridge/statusbridge/example/internal/scheduler"
	"github.com/statusbridge/statusbridge/example/internal/store"
	"github.com/statusbridge/statusbridge/example/internal/trace"
)

// Config configures a control plane. Its zero value listens on a free port.
type Config struct {
	// Addr is the address of the REST API. Its host must be a loopback address. The default is 127.0.0.1:0.
	Addr string
	// TokenLifetime is the time after which a bearer token expires. The default is an hour.
	TokenLifetime time.Duration
	// SchedulerTimeout is the time that the services wait for the scheduler. The default is a second.
	SchedulerTimeout time.Duration
	// Deadline is the time that a call may take. The default is ten seconds.
	Deadline time.Duration
	// Now is the clock of tokens and records. The default is time.Now.
	Now func() time.Time
	// Explorer serves / and every path below /explorer/. Without it, they are sent 404.
	Explorer http.Handler
	// Trace records the requests of the explorer.
	Trace *trace.Recorder
	// Log receives every error with its cause. By default nothing is logged.
	Log *slog.Logger
}

// ControlPlane is a running control plane.
type ControlPlane struct {
	addr      string
	http      *http.Server
	scheduler *scheduler.Server
	resources *outage.Backend
	workloads *outage.Backend
	failed    chan error
}

// Start returns a running control plane. The caller closes it.
func Start(config Config) (*ControlPlane, error) {
	config.Addr = cmp.Or(config.Addr, "127.0.0.1:0")
	config.TokenLifetime = cmp.Or(config.TokenLifetime, time.Hour)
	config.SchedulerTimeout = cmp.Or(config.SchedulerTimeout, time.Second)
	config.Deadline = cmp.Or(config.Deadline, 10*time.Second)
	config.Log = cmp.Or(config.Log, slog.New(slog.DiscardHandler))
	if config.Now == nil {
		config.Now = time.Now
	}
	if config.Trace == nil {
		config.Trace = trace.NewRecorder()
	}
	listener, err := listenLoopback(config.Addr)
	if err != nil {
		return nil, err
	}
	c := &ControlPlane{addr: listener.Addr().String(), failed: make(chan error, 1)}
	if c.scheduler, err = scheduler.Start(); err != nil {
		return nil, errors.Join(err, listener.Close())
	}
	records := store.New(config.Now)
	if err := c.startBackends(&config, records); err != nil {
		return nil, errors.Join(err, listener.Close(), c.Close())
	}
	handler, err := c.newHandler(&config, records)
	if err != nil {
		return nil, errors.Join(err, listener.Close(), c.Close())
	}
	c.http = &http.Server{Handler: handler, ReadHeaderTimeout: 5 * time.Second}
	go func() {
		if err := c.http.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			c.failed <- fmt.Errorf("controlplane: the REST API ended: %w", err)
		}
	}()
	return c, nil
}

// URL returns the base URL of the REST API.
func (c *ControlPlane) URL() string { return "http://" + c.addr }

// Failed returns a channel that receives an error if the HTTP server fails.
func (c *ControlPlane) Failed() <-chan error { return c.failed }

// closeTimeout is the time that Close gives to the requests that are still running.
const closeTimeout = 3 * time.Second

// Close stops the HTTP server, waits for running requests, and then stops the services that they call.
func (c *ControlPlane) Close() error {
	var failures []error
	if c.http != nil {
		ctx, cancel := context.WithTimeout(context.Background(), closeTimeout)
		defer cancel()
		if err := c.http.Shutdown(ctx); err != nil {
			failures = append(failures, err, c.http.Close())
		}
	}
	for _, backend := range []*outage.Backend{c.resources, c.workloads} {
		if backend != nil {
			failures = append(failures, backend.Close())
		}
	}
	c.scheduler.Close()
	return errors.Join(failures...)
}

// listenLoopback refuses an address that other machines can reach, because the credentials are public.
func listenLoopback(addr string) (net.Listener, error) {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, fmt.Errorf("controlplane: address %q: %w", addr, err)
	}
	if ip := net.ParseIP(host); ip == nil || !ip.IsLoopback() {
		return nil, fmt.Errorf("controlplane: address %q: use a loopback address such as 127.0.0.1:8080", addr)
	}
	listener, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("controlplane: %w", err)
	}
	return listener, nil
}
