package outage

import (
	"context"
	"errors"
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

// Backend is a gRPC server that can be made to fail, and the connections to it.
type Backend struct {
	*Server
	links []link
}

// link is a connection, and the resolver that tells it the server's address.
type link struct {
	connection *grpc.ClientConn
	resolver   *manual.Resolver
}

// StartBackend returns a running gRPC server. register adds the services to it.
func StartBackend(register func(grpc.ServiceRegistrar), options ...grpc.ServerOption) (*Backend, error) {
	server, err := Start(GRPC(register, options...))
	if err != nil {
		return nil, err
	}
	return &Backend{Server: server}, nil
}

// GRPC serves gRPC. register adds the services to each server that it starts.
func GRPC(register func(grpc.ServiceRegistrar), options ...grpc.ServerOption) func(net.Listener) (stop func()) {
	return func(listener net.Listener) func() {
		server := grpc.NewServer(options...)
		register(server)
		done := make(chan struct{})
		go func() {
			defer close(done)
			_ = server.Serve(listener) // returns after Stop
		}()
		return func() {
			server.Stop()
			<-done
		}
	}
}

// Connect returns a new connection, which follows the server to each new address. Close closes it.
// All connections are made before the first call of SetMode.
func (b *Backend) Connect(options ...grpc.DialOption) (*grpc.ClientConn, error) {
	r := manual.NewBuilderWithScheme("outage")
	r.InitialState(stateOf(b.Addr()))
	connection, err := grpc.NewClient("outage:///", append([]grpc.DialOption{
		grpc.WithResolvers(r),
		grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithConnectParams(grpc.ConnectParams{
			Backoff: backoff.Config{BaseDelay: 50 * time.Millisecond, Multiplier: 1.6, MaxDelay: time.Second},
			// A server that accepts connections and sends nothing is slow, not down. The deadline of the call decides.
			MinConnectTimeout: 20 * time.Second,
		}),
	}, options...)...)
	if err != nil {
		return nil, fmt.Errorf("outage: %w", err)
	}
	b.links = append(b.links, link{connection, r})
	return connection, nil
}

// connectTimeout is long enough to connect to a running server on a busy machine.
const connectTimeout = 10 * time.Second

// SetMode sets the mode that the next call meets. It lets the server run first, because a connection that failed before
// reports that old failure until it has connected again.
func (b *Backend) SetMode(mode Mode) error {
	if err := b.move(Running); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), connectTimeout)
	defer cancel()
	for _, l := range b.links {
		if err := waitUntilReady(ctx, l.connection); err != nil {
			return err
		}
	}
	if mode == Running {
		return nil
	}
	return b.move(mode)
}

func waitUntilReady(ctx context.Context, connection *grpc.ClientConn) error {
	for state := connection.GetState(); state != connectivity.Ready; state = connection.GetState() {
		connection.Connect()
		if !connection.WaitForStateChange(ctx, state) {
			return fmt.Errorf("outage: no connection to the server: %w", ctx.Err())
		}
	}
	return nil
}

// move sets the mode and tells the connections the new address.
func (b *Backend) move(mode Mode) error {
	return b.setMode(mode, func(address string) {
		for _, l := range b.links {
			l.resolver.UpdateState(stateOf(address))
		}
	})
}

func stateOf(address string) resolver.State {
	return resolver.State{Endpoints: []resolver.Endpoint{{Addresses: []resolver.Address{{Addr: address}}}}}
}

// Close closes the connections and the server.
func (b *Backend) Close() error {
	var failures []error
	for _, l := range b.links {
		failures = append(failures, l.connection.Close())
	}
	b.Server.Close()
	return errors.Join(failures...)
}
