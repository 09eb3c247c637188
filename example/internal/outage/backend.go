package outage

import (
	"context"
	"fmt"
	"net"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/backoff"
	"google.golang.org/grpc/connectivity"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/resolver"
	"google.golang.org/grpc/resolver/manual"
)

// Backend is a gRPC server that can be made to fail, and a connection to it.
type Backend struct {
	*Server
	// Connection looks for the server where it is.
	Connection *grpc.ClientConn

	resolver *manual.Resolver
}

// StartBackend returns a running backend. serve is as for Start; the options are those of the connection.
func StartBackend(serve func(net.Listener) (stop func()), options ...grpc.DialOption) (*Backend, error) {
	server, err := Start(serve)
	if err != nil {
		return nil, err
	}
	b := &Backend{Server: server, resolver: manual.NewBuilderWithScheme("outage")}
	b.resolver.InitialState(b.state())
	b.Connection, err = grpc.NewClient("outage:///", append([]grpc.DialOption{
		grpc.WithResolvers(b.resolver),
		grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithConnectParams(grpc.ConnectParams{
			Backoff: backoff.Config{BaseDelay: 50 * time.Millisecond, Multiplier: 1.6, MaxDelay: time.Second},
			// A server that takes connections and says nothing is slow, not down: the deadline of the call decides.
			MinConnectTimeout: 20 * time.Second,
		}),
	}, options...)...)
	if err != nil {
		server.Close()
		return nil, fmt.Errorf("outage: %w", err)
	}
	return b, nil
}

// patience is what a connection has to find a server that runs, on a machine that is busy.
const patience = 10 * time.Second

// SetMode has the next call meet the server as it will be then. It runs in between, since a connection that failed
// before keeps its failure until it has succeeded.
func (b *Backend) SetMode(mode Mode) error {
	if err := b.move(Running); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	for state := b.Connection.GetState(); state != connectivity.Ready; state = b.Connection.GetState() {
		b.Connection.Connect()
		if !b.Connection.WaitForStateChange(ctx, state) {
			return fmt.Errorf("outage: no connection to the server: %w", ctx.Err())
		}
	}
	if mode == Running {
		return nil
	}
	return b.move(mode)
}

func (b *Backend) move(mode Mode) error {
	err := b.Server.SetMode(mode)
	b.resolver.UpdateState(b.state())
	return err
}

func (b *Backend) state() resolver.State {
	return resolver.State{Endpoints: []resolver.Endpoint{{Addresses: []resolver.Address{{Addr: b.Addr()}}}}}
}

// Close ends the connection and the server.
func (b *Backend) Close() error {
	err := b.Connection.Close()
	b.Server.Close()
	return err
}
