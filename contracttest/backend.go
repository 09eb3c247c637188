package contracttest

import (
	"context"
	"errors"
	"net"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
)

// A backend listens on loopback and answers every method of every service as its current reply says. At first it is a
// gRPC server. Later it becomes an HTTP/2 server that does not speak gRPC, and at last nothing listens any more.
type backend struct {
	conn     *grpc.ClientConn
	listener net.Listener
	grpc     *grpc.Server
	http     *http.Server
	accepted [2]*connections // for the gRPC server and for the HTTP/2 server
	plain    atomic.Bool     // new connections go to the HTTP/2 server
	reserves [2]net.Conn     // both ends of a connection that reserves the port

	current atomic.Pointer[reply]
	mu      sync.Mutex
	calls   []string // the full methods that were called since the last take
}

func newBackend(options []grpc.DialOption) (*backend, error) {
	listener, reserves, err := listen()
	if err != nil {
		return nil, err
	}
	b := &backend{
		listener: listener, reserves: reserves,
		accepted: [2]*connections{newConnections(listener), newConnections(listener)},
	}
	b.current.Store(&reply{name: "OK", serve: succeed})
	b.grpc = grpc.NewServer(grpc.UnknownServiceHandler(func(_ any, stream grpc.ServerStream) error {
		method, _ := grpc.MethodFromServerStream(stream)
		return b.called(method).serve(stream)
	}))
	protocols := new(http.Protocols)
	protocols.SetUnencryptedHTTP2(true)
	b.http = &http.Server{
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			b.called(r.URL.Path).plain(w, r)
		}),
		Protocols:         protocols,
		ReadHeaderTimeout: time.Minute,
		ConnContext: func(ctx context.Context, connection net.Conn) context.Context {
			return context.WithValue(ctx, connectionKey{}, connection)
		},
	}
	options = append(slices.Clone(options), grpc.WithTransportCredentials(insecure.NewCredentials()))
	if b.conn, err = grpc.NewClient(listener.Addr().String(), options...); err != nil {
		return nil, errors.Join(err, listener.Close(), reserves[0].Close(), reserves[1].Close())
	}
	go func() { _ = b.grpc.Serve(b.accepted[0]) }()
	go func() { _ = b.http.Serve(b.accepted[1]) }()
	go b.accept()
	return b, nil
}

// listen opens a port and a connection to it, and returns both ends of the connection. While the connection is open,
// the system gives the port to no listener that asks for port 0, even if nothing listens on it any more. Otherwise
// another program could reply to the last requests.
func listen() (listener net.Listener, ends [2]net.Conn, err error) {
	if listener, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
		return nil, ends, err
	}
	if ends[0], err = net.Dial("tcp", listener.Addr().String()); err != nil {
		return nil, ends, errors.Join(err, listener.Close())
	}
	if ends[1], err = listener.Accept(); err != nil {
		return nil, ends, errors.Join(err, ends[0].Close(), listener.Close())
	}
	return listener, ends, nil
}

type connectionKey struct{}

// called notes a call and returns the current reply.
func (b *backend) called(method string) *reply {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.calls = append(b.calls, method)
	return b.current.Load()
}

// take returns the methods that were called since the last time.
func (b *backend) take() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	calls := b.calls
	b.calls = nil
	return calls
}

func (b *backend) accept() {
	for {
		connection, err := b.listener.Accept()
		if err != nil {
			return
		}
		to := b.accepted[0]
		if b.plain.Load() {
			to = b.accepted[1]
		}
		to.offer(connection)
	}
}

// speakPlain ends the gRPC server, and returns after its clients were told to reconnect. It ends calls that take longer
// than patience.
func (b *backend) speakPlain(patience time.Duration) {
	b.plain.Store(true)
	done := make(chan struct{})
	go func() {
		defer close(done)
		b.grpc.GracefulStop()
	}()
	select {
	case <-done:
	case <-time.After(patience):
		b.grpc.Stop()
	}
}

// die closes the port and every connection but the one that reserves the port.
func (b *backend) die() {
	_ = b.listener.Close()
	_ = b.http.Close()
	b.grpc.Stop()
	for _, c := range b.accepted {
		_ = c.Close()
	}
}

func (b *backend) close() {
	_ = b.conn.Close()
	b.die()
	for _, c := range b.reserves {
		_ = c.Close()
	}
}

// connections is a net.Listener of connections that were accepted elsewhere.
type connections struct {
	net.Listener
	accepted chan net.Conn
	closed   chan struct{}
	once     sync.Once
}

func newConnections(listener net.Listener) *connections {
	return &connections{Listener: listener, accepted: make(chan net.Conn), closed: make(chan struct{})}
}

func (c *connections) offer(connection net.Conn) {
	select {
	case c.accepted <- connection:
	case <-c.closed:
		_ = connection.Close()
	}
}

// Accept implements net.Listener.
func (c *connections) Accept() (net.Conn, error) {
	select {
	case connection := <-c.accepted:
		return connection, nil
	case <-c.closed:
		return nil, net.ErrClosed
	}
}

// Close implements net.Listener. It leaves the port open.
func (c *connections) Close() error {
	c.once.Do(func() { close(c.closed) })
	return nil
}
