package controlplane

import (
	"log/slog"
	"net/http"
	"time"

	"google.golang.org/grpc"

	"github.com/statusbridge/statusbridge/example/internal/outage"
	"github.com/statusbridge/statusbridge/example/internal/store"
)

// NewHandler returns the REST API with another connection to its backends.
func NewHandler(conn *grpc.ClientConn) (http.Handler, error) {
	backend := &outage.Backend{Connection: conn}
	c := &ControlPlane{resources: backend, workloads: backend}
	return c.newFront(&Config{Deadline: time.Minute, Log: slog.New(slog.DiscardHandler)}, store.New(time.Now))
}
