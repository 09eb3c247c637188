// Package controlplane puts the example together in one process: gRPC services on a loopback port, grpc-gateway in
// front of them over TCP, with this library in it, and the scheduler that they depend on.
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
)

// Config is what can be chosen. Its zero value is a control plane on a free port.
type Config struct {
	// Addr is where the REST API listens. Its host must be a loopback address. The default is 127.0.0.1:0.
	Addr string
	// TokenLifetime is how long a bearer token lasts. The default is an hour.
	TokenLifetime time.Duration
	// SchedulerTimeout is how long the services wait for the scheduler. The default is a second.
	SchedulerTimeout time.Duration
	// Deadline is how long a call may take. The default is ten seconds.
	Deadline time.Duration
	// Now is the clock of tokens and records. The default is the computer's.
	Now func() time.Time
	// Explorer answers at / and below /explorer/. The default is none, and a 404 there.
	Explorer http.Handler
	// Log receives every error, with what the client was not shown of it. The default is none.
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

// Start returns a control plane that answers. The caller closes it.
func Start(config Config) (*ControlPlane, error) {
	config.Addr = cmp.Or(config.Addr, "127.0.0.1:0")
	config.TokenLifetime = cmp.Or(config.TokenLifetime, time.Hour)
	config.SchedulerTimeout = cmp.Or(config.SchedulerTimeout, time.Second)
	config.Deadline = cmp.Or(config.Deadline, 10*time.Second)
	config.Log = cmp.Or(config.Log, slog.New(slog.DiscardHandler))
	if config.Now == nil {
		config.Now = time.Now
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
	front, err := c.newFront(&config, records)
	if err != nil {
		return nil, errors.Join(err, listener.Close(), c.Close())
	}
	c.http = &http.Server{Handler: front, ReadHeaderTimeout: 5 * time.Second}
	go func() {
		if err := c.http.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			c.failed <- fmt.Errorf("controlplane: the REST API ended: %w", err)
		}
	}()
	return c, nil
}

// URL returns the base URL of the REST API.
func (c *ControlPlane) URL() string { return "http://" + c.addr }

// Failed receives an error if a part of the control plane ends by itself.
func (c *ControlPlane) Failed() <-chan error { return c.failed }

// closeTimeout is what requests in flight have to end in, when the control plane is closed.
const closeTimeout = 3 * time.Second

// Close ends the control plane, from the outside in: no new requests, then those in flight, then what they need.
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

// listenLoopback refuses every address that other machines could reach: the credentials are in the source.
func listenLoopback(addr string) (net.Listener, error) {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, fmt.Errorf("controlplane: address %q: %w", addr, err)
	}
	if ip := net.ParseIP(host); ip == nil || !ip.IsLoopback() {
		return nil, fmt.Errorf("controlplane: address %q: the host must be a loopback address, as in 127.0.0.1:8080", addr)
	}
	listener, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("controlplane: %w", err)
	}
	return listener, nil
}
