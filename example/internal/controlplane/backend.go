package controlplane

import (
	"context"
	"fmt"
	"net"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/backoff"
	"google.golang.org/grpc/connectivity"
	"google.golang.org/grpc/credentials/insecure"

	controlplanev1 "github.com/statusbridge/statusbridge/example/gen/controlplane/v1"
	"github.com/statusbridge/statusbridge/example/internal/auth"
	"github.com/statusbridge/statusbridge/example/internal/outage"
	"github.com/statusbridge/statusbridge/example/internal/scheduler"
	"github.com/statusbridge/statusbridge/example/internal/service"
	"github.com/statusbridge/statusbridge/example/internal/store"
	"github.com/statusbridge/statusbridge/gateway"
)

// backend is gRPC services on a port of their own, and the gateway's connection to them.
type backend struct {
	*outage.Server

	connection *grpc.ClientConn
}

// startBackend serves what register adds to a server.
func startBackend(options []grpc.ServerOption, register func(grpc.ServiceRegistrar)) (*backend, error) {
	server, err := outage.Start(func(listener net.Listener) func() {
		server := grpc.NewServer(options...)
		register(server)
		done := make(chan struct{})
		go func() {
			defer close(done)
			_ = server.Serve(listener) // it ends when it is stopped; the listener has no other reason to fail
		}()
		return func() {
			server.Stop()
			<-done // one that was stopped before it served closes the listener only now
		}
	})
	if err != nil {
		return nil, err
	}
	dial := append(gateway.DialOptions(),
		grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithConnectParams(grpc.ConnectParams{
			Backoff: backoff.Config{BaseDelay: 50 * time.Millisecond, Multiplier: 1.6, MaxDelay: time.Second},
			// A server that takes connections and says nothing is slow, not down: the deadline of the call decides.
			MinConnectTimeout: 20 * time.Second,
		}),
	)
	connection, err := grpc.NewClient(server.Addr(), dial...)
	if err != nil {
		server.Close()
		return nil, fmt.Errorf("controlplane: %w", err)
	}
	return &backend{server, connection}, nil
}

// SetMode changes what listens, and returns when the connection has seen that what it was connected to is gone: so the
// next call meets the services as they are now. They run in between, since a connection that is broken already would
// wait before it looked again.
func (b *backend) SetMode(mode outage.Mode) error {
	ctx, cancel := context.WithTimeout(context.Background(), closeTimeout)
	defer cancel()
	if err := b.leave(ctx); err != nil {
		return err
	}
	if err := b.Server.SetMode(outage.Running); err != nil {
		return err
	}
	b.connection.ResetConnectBackoff()
	for state := b.connection.GetState(); state != connectivity.Ready; state = b.connection.GetState() {
		b.connection.Connect()
		if !b.connection.WaitForStateChange(ctx, state) {
			return fmt.Errorf("controlplane: no connection to the services: %w", ctx.Err())
		}
	}
	if mode == outage.Running {
		return nil
	}
	if err := b.leave(ctx); err != nil {
		return err
	}
	return b.Server.SetMode(mode)
}

// leave ends what listens, and returns when the connection has seen it. Nothing is there that it could find instead.
func (b *backend) leave(ctx context.Context) error {
	if err := b.Server.SetMode(outage.Down); err != nil {
		return err
	}
	if b.connection.GetState() == connectivity.Ready && !b.connection.WaitForStateChange(ctx, connectivity.Ready) {
		return fmt.Errorf("controlplane: a connection to nothing: %w", ctx.Err())
	}
	return nil
}

func (b *backend) Close() error {
	err := b.connection.Close()
	b.Server.Close()
	return err
}

// startBackends serves the API: the listing of workloads, which can be made to fail, and everything else.
func (c *ControlPlane) startBackends(config *Config, records *store.Store) error {
	keys := auth.NewKeyring()
	for _, key := range []DemoKey{DemoAdministrator, DemoViewer} {
		keys.Add(key.AccessKey, key.Secret)
	}
	issuer := auth.NewIssuer(config.TokenLifetime, config.Now)
	options := append([]grpc.ServerOption{logCauses(config.Log)}, auth.NewGuard(issuer, keys).ServerOptions()...)

	var err error
	c.resources, err = startBackend(options, func(server grpc.ServiceRegistrar) {
		controlplanev1.RegisterTokensServiceServer(server, &service.Tokens{Keys: keys, Issuer: issuer})
		controlplanev1.RegisterAccessKeysServiceServer(server, &service.AccessKeys{Keys: keys})
		controlplanev1.RegisterProjectsServiceServer(server, &service.Projects{Store: records})
		controlplanev1.RegisterWorkspacesServiceServer(server, &service.Workspaces{
			Store:     records,
			Scheduler: scheduler.NewClient(c.scheduler.Addr, config.SchedulerTimeout),
		})
	})
	if err != nil {
		return err
	}
	c.workloads, err = startBackend(options, func(server grpc.ServiceRegistrar) {
		controlplanev1.RegisterWorkloadsServiceServer(server, &service.Workloads{Store: records})
	})
	return err
}
