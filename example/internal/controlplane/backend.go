package controlplane

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strings"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	controlplanev1 "github.com/statusbridge/statusbridge/example/gen/controlplane/v1"
	"github.com/statusbridge/statusbridge/example/internal/auth"
	"github.com/statusbridge/statusbridge/example/internal/openapi"
	"github.com/statusbridge/statusbridge/example/internal/scheduler"
	"github.com/statusbridge/statusbridge/example/internal/service"
	"github.com/statusbridge/statusbridge/example/internal/store"
	"github.com/statusbridge/statusbridge/gateway"
)

// startBackend serves the gRPC services on a port of their own and returns the gateway's connection to it.
func (c *ControlPlane) startBackend(config *Config, records *store.Store) (*grpc.Server, *grpc.ClientConn, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, nil, fmt.Errorf("controlplane: %w", err)
	}
	connection, err := grpc.NewClient(listener.Addr().String(),
		grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		return nil, nil, errors.Join(fmt.Errorf("controlplane: %w", err), listener.Close())
	}
	server := newServer(config, records, c.scheduler)
	go func() {
		if err := server.Serve(listener); err != nil {
			c.failed <- fmt.Errorf("controlplane: the gRPC services ended: %w", err)
		}
	}()
	return server, connection, nil
}

// newServer returns the gRPC services of the API behind the guard.
func newServer(config *Config, records *store.Store, dependency *scheduler.Server) *grpc.Server {
	keys := auth.NewKeyring()
	for _, key := range []DemoKey{DemoAdministrator, DemoViewer} {
		keys.Add(key.AccessKey, key.Secret)
	}
	issuer := auth.NewIssuer(config.TokenLifetime, config.Now)
	options := []grpc.ServerOption{logCauses(config.Log)}
	options = append(options, auth.NewGuard(issuer, keys).ServerOptions()...)

	server := grpc.NewServer(options...)
	controlplanev1.RegisterTokensServiceServer(server, &service.Tokens{Keys: keys, Issuer: issuer})
	controlplanev1.RegisterAccessKeysServiceServer(server, &service.AccessKeys{Keys: keys})
	controlplanev1.RegisterProjectsServiceServer(server, &service.Projects{Store: records})
	controlplanev1.RegisterWorkspacesServiceServer(server, &service.Workspaces{
		Store:     records,
		Scheduler: scheduler.NewClient(dependency.Addr, config.SchedulerTimeout),
	})
	controlplanev1.RegisterWorkloadsServiceServer(server, &service.Workloads{Store: records})
	return server
}

// newFront returns the REST API and its document, with the admin route beside them.
func newFront(connection *grpc.ClientConn, log *slog.Logger, admin http.Handler) (http.Handler, error) {
	options := []gateway.Option{gateway.WithChallenge(`Bearer realm="controlplane"`), logAnswers(log)}
	mux := runtime.NewServeMux(gateway.Bridge(options...))
	for _, register := range []func(context.Context, *runtime.ServeMux, *grpc.ClientConn) error{
		controlplanev1.RegisterTokensServiceHandler,
		controlplanev1.RegisterAccessKeysServiceHandler,
		controlplanev1.RegisterProjectsServiceHandler,
		controlplanev1.RegisterWorkspacesServiceHandler,
		controlplanev1.RegisterWorkloadsServiceHandler,
	} {
		if err := register(context.Background(), mux, connection); err != nil {
			return nil, fmt.Errorf("controlplane: %w", err)
		}
	}
	if err := mux.HandlePath(http.MethodGet, "/openapi.json", openapi.Serve); err != nil {
		return nil, fmt.Errorf("controlplane: %w", err)
	}
	routes := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, adminPrefix) {
			admin.ServeHTTP(w, r)
			return
		}
		mux.ServeHTTP(w, r)
	})
	return routes, nil
}
