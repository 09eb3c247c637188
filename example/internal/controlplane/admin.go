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

// adminPrefix is the path prefix of the admin routes.
const adminPrefix = "/admin/"

// admin breaks and repairs the servers that the control plane depends on, with PUT /admin/{subject}/{mode}. The
// subjects are scheduler, workloads, resources and store.
//
// The routes work without a token, because they exist on a loopback address only. Browsers do not send a PUT to another
// origin without its permission, and requests for a foreign host name are refused.
type admin struct {
	bridge    *gateway.Bridge
	scheduler *scheduler.Server
	resources *outage.Backend
	workloads *outage.Backend
	store     *store.Store
}

// ServeHTTP sends its errors through the bridge, because it is not a gRPC method.
func (a *admin) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !loopback.Names(r.Host) {
		a.bridge.WriteError(w, r, mapping.Errorf(http.StatusForbidden, "modes can be set from this machine only"))
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
		a.bridge.WriteError(w, r, mapping.Errorf(http.StatusNotFound, "there is no such subject"))
		return
	}
	if r.Method != http.MethodPut {
		w.Header().Set("Allow", http.MethodPut)
		a.bridge.WriteError(w, r, mapping.Errorf(http.StatusMethodNotAllowed, "use PUT to set a mode"))
		return
	}
	if err := set(mode); err != nil {
		a.bridge.WriteError(w, r, err)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(map[string]string{subject: mode}) // fails if the client has left
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
