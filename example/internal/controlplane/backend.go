package controlplane

import (
	"google.golang.org/grpc"

	controlplanev1 "github.com/statusbridge/statusbridge/example/gen/controlplane/v1"
	"github.com/statusbridge/statusbridge/example/internal/auth"
	"github.com/statusbridge/statusbridge/example/internal/outage"
	"github.com/statusbridge/statusbridge/example/internal/scheduler"
	"github.com/statusbridge/statusbridge/example/internal/service"
	"github.com/statusbridge/statusbridge/example/internal/store"
	"github.com/statusbridge/statusbridge/mapping"
)

// startBackends starts the gRPC servers: one that lists workloads, and one for all other services.
func (c *ControlPlane) startBackends(config *Config, records *store.Store) error {
	keys := auth.NewKeyring()
	for _, key := range []DemoKey{DemoAdministrator, DemoViewer} {
		keys.Add(key.AccessKey, key.Secret)
	}
	issuer := auth.NewIssuer(config.TokenLifetime, config.Now)
	options := mapping.ServerOptions(mapping.LogObserver(config.Log))
	options = append(options, config.Trace.ServerOption())
	options = append(options, auth.NewGuard(issuer, keys).ServerOptions()...)

	var err error
	c.resources, err = outage.StartBackend(func(server grpc.ServiceRegistrar) {
		controlplanev1.RegisterTokensServiceServer(server, &service.Tokens{Keys: keys, Issuer: issuer})
		controlplanev1.RegisterAccessKeysServiceServer(server, &service.AccessKeys{Keys: keys})
		controlplanev1.RegisterProjectsServiceServer(server, &service.Projects{Store: records})
		controlplanev1.RegisterWorkspacesServiceServer(server, &service.Workspaces{
			Store:     records,
			Scheduler: scheduler.NewClient(c.scheduler.Addr, config.SchedulerTimeout),
		})
	}, options...)
	if err != nil {
		return err
	}
	c.workloads, err = outage.StartBackend(func(server grpc.ServiceRegistrar) {
		controlplanev1.RegisterWorkloadsServiceServer(server, &service.Workloads{Store: records})
	}, options...)
	return err
}
