package controlplane

import (
	"context"
	"fmt"
	"net/http"
	"strings"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/grpc"

	controlplanev1 "github.com/statusbridge/statusbridge/example/gen/controlplane/v1"
	"github.com/statusbridge/statusbridge/example/internal/openapi"
	"github.com/statusbridge/statusbridge/example/internal/outage"
	"github.com/statusbridge/statusbridge/example/internal/store"
	"github.com/statusbridge/statusbridge/gateway"
)

// explorerPrefix is where everything of the explorer lies but its page.
const explorerPrefix = "/explorer/"

// StockPrefix is where a grpc-gateway without this library answers for the same services, for comparison.
const StockPrefix = "/stock"

// newFront returns the REST API and its document, with what lies beside it: the admin route, the same API by a stock gateway, and the
// explorer if there is one.
func (c *ControlPlane) newFront(config *Config, records *store.Store) (http.Handler, error) {
	bridge := gateway.New(
		gateway.WithChallenge(`Bearer realm="controlplane"`),
		gateway.WithObserver(gateway.LogObserver(config.Log)),
		gateway.WithDeadline(config.Deadline),
	)
	api, err := c.newMux(bridge.ServeMuxOptions()...)
	if err != nil {
		return nil, err
	}
	if err := api.HandlePath(http.MethodGet, "/openapi.json", openapi.Serve); err != nil {
		return nil, fmt.Errorf("controlplane: %w", err)
	}
	stock, err := c.newMux()
	if err != nil {
		return nil, err
	}
	admin := &admin{bridge: bridge, scheduler: c.scheduler, resources: c.resources, workloads: c.workloads, store: records}
	ours := bridge.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch path := r.URL.Path; {
		case strings.HasPrefix(path, adminPrefix):
			admin.ServeHTTP(w, r)
		case config.Explorer != nil && (path == "/" || strings.HasPrefix(path, explorerPrefix)):
			config.Explorer.ServeHTTP(w, r)
		default:
			api.ServeHTTP(w, r)
		}
	}))
	theirs := http.StripPrefix(StockPrefix, stock)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, StockPrefix+"/") {
			theirs.ServeHTTP(w, r)
			return
		}
		ours.ServeHTTP(w, r)
	}), nil
}

// newMux returns a grpc-gateway for the services.
func (c *ControlPlane) newMux(options ...runtime.ServeMuxOption) (*runtime.ServeMux, error) {
	mux := runtime.NewServeMux(options...)
	for _, route := range []struct {
		register func(context.Context, *runtime.ServeMux, *grpc.ClientConn) error
		backend  *outage.Backend
	}{
		{controlplanev1.RegisterTokensServiceHandler, c.resources},
		{controlplanev1.RegisterAccessKeysServiceHandler, c.resources},
		{controlplanev1.RegisterProjectsServiceHandler, c.resources},
		{controlplanev1.RegisterWorkspacesServiceHandler, c.resources},
		{controlplanev1.RegisterWorkloadsServiceHandler, c.workloads},
	} {
		if err := route.register(context.Background(), mux, route.backend.Connection); err != nil {
			return nil, fmt.Errorf("controlplane: %w", err)
		}
	}
	return mux, nil
}
