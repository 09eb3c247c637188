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
	"google.golang.org/grpc/resolver"
	"google.golang.org/grpc/resolver/manual"

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

	resolver   *manual.Resolver
	connection *grpc.ClientConn
}

// startBackend serves what register adds to a server.
func startBackend(options []grpc.ServerOption, register func(grpc.ServiceRegistrar)) (*backend, error) {
	server, err := outage.Start(func(listener net.Listener) func() {
		server := grpc.NewServer(options...)
		register(server)
		go func() { _ = server.Serve(listener) }() // it ends when it is stopped; the listener has no other reason to fail
		return server.Stop
	})
	if err != nil {
		return nil, err
	}
	b := &backend{Server: server, resolver: manual.NewBuilderWithScheme("controlplane")}
	b.resolver.InitialState(b.state())
	dial := append(gateway.DialOptions(),
		grpc.WithResolvers(b.resolver),
		grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithConnectParams(grpc.ConnectParams{
			Backoff: backoff.Config{BaseDelay: 50 * time.Millisecond, Multiplier: 1.6, MaxDelay: time.Second},
			// A server that takes connections and says nothing is slow, not down: the deadline of the call decides.
			MinConnectTimeout: 20 * time.Second,
		}),
	)
	if b.connection, err = grpc.NewClient("controlplane:///", dial...); err != nil {
		server.Close()
		return nil, fmt.Errorf("controlplane: %w", err)
	}
	return b, nil
}

// SetMode has the next call meet the services as they will be then. They run in between, since a connection that failed
// before keeps its failure until it has succeeded.
func (b *backend) SetMode(mode outage.Mode) error {
	if err := b.move(outage.Running); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), closeTimeout)
	defer cancel()
	for state := b.connection.GetState(); state != connectivity.Ready; state = b.connection.GetState() {
		b.connection.Connect()
		if !b.connection.WaitForStateChange(ctx, state) {
			return fmt.Errorf("controlplane: no connection to the services: %w", ctx.Err())
		}
	}
	if mode == outage.Running {
		return nil
	}
	return b.move(mode)
}

func (b *backend) move(mode outage.Mode) error {
	err := b.Server.SetMode(mode)
	b.resolver.UpdateState(b.state())
	return err
}

func (b *backend) state() resolver.State {
	return resolver.State{Endpoints: []resolver.Endpoint{{Addresses: []resolver.Address{{Addr: b.Addr()}}}}}
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
