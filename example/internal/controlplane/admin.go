package controlplane

import (
	"encoding/json"
	"net/http"
	"strings"

	"github.com/statusbridge/statusbridge/example/internal/loopback"
	"github.com/statusbridge/statusbridge/example/internal/outage"
	"github.com/statusbridge/statusbridge/example/internal/scheduler"
	"github.com/statusbridge/statusbridge/example/internal/store"
	"github.com/statusbridge/statusbridge/gateway"
	"github.com/statusbridge/statusbridge/mapping"
)

// adminPrefix is where the admin route lies, beside the API.
const adminPrefix = "/admin/"

// admin makes what the control plane depends on fail: PUT /admin/scheduler/{mode}, PUT /admin/workloads/{mode} and
// PUT /admin/resources/{mode} for the backends of the gateway, and PUT /admin/store/{mode}. It
// is for whoever tries the control plane out. It takes no token, because it listens on loopback only, a web page cannot
// send a PUT elsewhere than to its own origin without being allowed to, and an origin of another name is refused.
type admin struct {
	bridge    *gateway.Bridge
	scheduler *scheduler.Server
	resources *outage.Backend
	workloads *outage.Backend
	store     *store.Store
}

// ServeHTTP is no gRPC method, so its errors reach the client through the bridge.
func (a *admin) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !loopback.Names(r.Host) {
		a.bridge.WriteError(w, r, mapping.Errorf(http.StatusForbidden, "only this machine sets modes"))
		return
	}
	subject, mode, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, adminPrefix), "/")
	var set func(mode string) error
	switch subject {
	case "scheduler":
		set = setOutage(a.scheduler, "the scheduler")
	case "resources":
		set = setOutage(a.resources, "the resources backend")
	case "workloads":
		set = setOutage(a.workloads, "the workloads backend")
	case "store":
		set = a.setStore
	default:
		a.bridge.WriteError(w, r, mapping.Errorf(http.StatusNotFound, "there is nothing here"))
		return
	}
	if r.Method != http.MethodPut {
		w.Header().Set("Allow", http.MethodPut)
		a.bridge.WriteError(w, r, mapping.Errorf(http.StatusMethodNotAllowed, "a mode is set with PUT"))
		return
	}
	if err := set(mode); err != nil {
		a.bridge.WriteError(w, r, err)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(map[string]string{subject: mode}) // a caller that has gone reads nothing
}

func setOutage(server interface{ SetMode(outage.Mode) error }, what string) func(mode string) error {
	return func(name string) error {
		mode, err := outage.ParseMode(name)
		if err != nil {
			failure := mapping.Errorf(http.StatusBadRequest, "%s has no mode %q: %w", what, name, err)
			failure.Details = "mode: must be running, down, hang or rubbish"
			return failure
		}
		return server.SetMode(mode)
	}
}

func (a *admin) setStore(mode string) error {
	switch mode {
	case "healthy", "corrupt":
		a.store.SetDamaged(mode == "corrupt")
		return nil
	}
	failure := mapping.Errorf(http.StatusBadRequest, "the store has no mode %q", mode)
	failure.Details = "mode: must be healthy or corrupt"
	return failure
}
