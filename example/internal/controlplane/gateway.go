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
	"github.com/statusbridge/statusbridge/example/internal/store"
	"github.com/statusbridge/statusbridge/gateway"
)

// newHandler returns the REST API, the REST API without this library, the admin routes and the explorer.
func (c *ControlPlane) newHandler(config *Config, records *store.Store) (http.Handler, error) {
	bridge, api, err := newAPI(config, c.resources, c.workloads)
	if err != nil {
		return nil, err
	}
	without, err := newAPIWithout(config, c.resources, c.workloads)
	if err != nil {
		return nil, err
	}
	with := bridge.Handler(withExtras(api, config.Explorer, &admin{
		bridge: bridge, scheduler: c.scheduler, resources: c.resources, workloads: c.workloads, store: records,
	}))
	return config.Trace.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, WithoutPrefix+"/") {
			without.ServeHTTP(w, r)
			return
		}
		with.ServeHTTP(w, r)
	})), nil
}

// newAPI returns a grpc-gateway with this library.
func newAPI(config *Config, resources, workloads backend) (*gateway.Bridge, *runtime.ServeMux, error) {
	bridge := gateway.New(
		gateway.WithChallenge(`Bearer realm="controlplane"`),
		gateway.WithObserver(gateway.LogObserver(config.Log)),
		gateway.WithObserver(config.Trace.Observe),
		gateway.WithDeadline(config.Deadline),
	)
	mux := bridge.NewServeMux()
	if err := register(mux, resources, workloads, gateway.DialOptions(config.Trace.DialOption())...); err != nil {
		return nil, nil, err
	}
	if err := mux.HandlePath(http.MethodGet, "/openapi.json", openapi.Serve); err != nil {
		return nil, nil, fmt.Errorf("controlplane: %w", err)
	}
	return bridge, mux, nil
}

// withExtras adds the admin routes, and the explorer if there is one, to the API.
func withExtras(api, explorer, admin http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch path := r.URL.Path; {
		case strings.HasPrefix(path, adminPrefix):
			admin.ServeHTTP(w, r)
		case explorer != nil && (path == "/" || strings.HasPrefix(path, explorerPrefix)):
			explorer.ServeHTTP(w, r)
		default:
			api.ServeHTTP(w, r)
		}
	})
}

// explorerPrefix is the path of everything that the explorer serves, except its page at /.
const explorerPrefix = "/explorer/"

// backend is a gRPC server.
type backend interface {
	Connect(options ...grpc.DialOption) (*grpc.ClientConn, error)
}

// register connects a mux to the services of both backends.
func register(mux *runtime.ServeMux, resources, workloads backend, options ...grpc.DialOption) error {
	type register = func(context.Context, *runtime.ServeMux, *grpc.ClientConn) error
	for _, connected := range []struct {
		backend
		services []register
	}{
		{resources, []register{
			controlplanev1.RegisterTokensServiceHandler,
			controlplanev1.RegisterAccessKeysServiceHandler,
			controlplanev1.RegisterProjectsServiceHandler,
			controlplanev1.RegisterWorkspacesServiceHandler,
		}},
		{workloads, []register{controlplanev1.RegisterWorkloadsServiceHandler}},
	} {
		connection, err := connected.Connect(options...)
		if err != nil {
			return err
		}
		for _, register := range connected.services {
			if err := register(context.Background(), mux, connection); err != nil {
				return fmt.Errorf("controlplane: %w", err)
			}
		}
	}
	return nil
}
