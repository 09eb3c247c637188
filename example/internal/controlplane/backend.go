package controlplane

import (
	"net"

	"google.golang.org/grpc"

	controlplanev1 "github.com/statusbridge/statusbridge/example/gen/controlplane/v1"
	"github.com/statusbridge/statusbridge/example/internal/auth"
	"github.com/statusbridge/statusbridge/example/internal/outage"
	"github.com/statusbridge/statusbridge/example/internal/scheduler"
	"github.com/statusbridge/statusbridge/example/internal/service"
	"github.com/statusbridge/statusbridge/example/internal/store"
	"github.com/statusbridge/statusbridge/gateway"
)

// startBackend serves what register adds to a server, on a port of its own, and connects the gateway to it.
func startBackend(options []grpc.ServerOption, register func(grpc.ServiceRegistrar)) (*outage.Backend, error) {
	return outage.StartBackend(func(listener net.Listener) func() {
		server := grpc.NewServer(options...)
		register(server)
		done := make(chan struct{})
		go func() {
			defer close(done)
			_ = server.Serve(listener) // it ends when it is stopped; the listener has no other reason to fail
		}()
		return func() {
			server.Stop()
			<-done
		}
	}, gateway.DialOptions()...)
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
