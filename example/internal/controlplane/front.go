package controlplane

import (
	"context"
	"fmt"
	"net/http"
	"strings"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/grpc"

	controlplanev1 "github.com/statusbridge/statusbridge/example/gen/controlplane/v1"
	"github.com/statusbridge/statusbridge/example/internal/store"
	"github.com/statusbridge/statusbridge/gateway"
)

// newFront returns the REST API with the admin route beside it.
func (c *ControlPlane) newFront(config *Config, records *store.Store) (http.Handler, error) {
	mux := runtime.NewServeMux(gateway.Bridge(
		gateway.WithChallenge(`Bearer realm="controlplane"`),
		gateway.WithObserver(gateway.LogObserver(config.Log)),
	))
	for _, route := range []struct {
		register func(context.Context, *runtime.ServeMux, *grpc.ClientConn) error
		backend  *backend
	}{
		{controlplanev1.RegisterTokensServiceHandler, c.resources},
		{controlplanev1.RegisterAccessKeysServiceHandler, c.resources},
		{controlplanev1.RegisterProjectsServiceHandler, c.resources},
		{controlplanev1.RegisterWorkspacesServiceHandler, c.resources},
		{controlplanev1.RegisterWorkloadsServiceHandler, c.workloads},
	} {
		if err := route.register(context.Background(), mux, route.backend.connection); err != nil {
			return nil, fmt.Errorf("controlplane: %w", err)
		}
	}
	admin := &admin{scheduler: c.scheduler, workloads: c.workloads, store: records}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, adminPrefix) {
			admin.ServeHTTP(w, r)
			return
		}
		mux.ServeHTTP(w, r)
	}), nil
}
