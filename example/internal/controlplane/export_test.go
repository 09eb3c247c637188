package controlplane

import (
	"log/slog"
	"net/http"
	"time"

	"google.golang.org/grpc"

	"github.com/statusbridge/statusbridge/example/internal/trace"
)

// connected is a backend with a connection that exists already.
type connected struct{ connection *grpc.ClientConn }

func (c connected) Connect(...grpc.DialOption) (*grpc.ClientConn, error) { return c.connection, nil }

// NewHandler returns the REST API with another connection to its backends.
func NewHandler(connection *grpc.ClientConn) (http.Handler, error) {
	config := &Config{Deadline: time.Minute, Log: slog.New(slog.DiscardHandler), Trace: trace.NewRecorder()}
	bridge, api, err := newAPI(config, connected{connection}, connected{connection})
	if err != nil {
		return nil, err
	}
	return bridge.Handler(api), nil
}
