// Package badpeer has servers that violate HTTP/2 (RFC 9113) or gRPC, each in one way, with and without TLS.
//
// It writes the frames itself, because libraries refuse to send invalid ones.
package badpeer

import (
	"crypto/tls"
	"net"
	"sync"
	"testing"
)

// Peer serves one connection, which is closed when the function returns.
type Peer func(connection net.Conn)

// Listen starts a peer on loopback until the test ends, and returns its address. A nil config means cleartext.
func Listen(t testing.TB, config *tls.Config, peer Peer) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	u := &upstream{config: config, peer: peer, open: map[net.Conn]bool{}}
	var serving sync.WaitGroup
	serving.Go(func() { u.accept(listener, &serving) })
	t.Cleanup(func() {
		_ = listener.Close()
		u.close()
		serving.Wait()
	})
	return listener.Addr().String()
}

// upstream is a listening peer and its connections.
type upstream struct {
	config *tls.Config
	peer   Peer

	mu     sync.Mutex
	closed bool
	open   map[net.Conn]bool
}

func (u *upstream) accept(listener net.Listener, serving *sync.WaitGroup) {
	for {
		connection, err := listener.Accept()
		if err != nil {
			return // closed by the end of the test
		}
		if !u.keep(connection) {
			return
		}
		serving.Go(func() {
			defer u.drop(connection)
			if u.config == nil {
				u.peer(connection)
				return
			}
			secure := tls.Server(connection, u.config)
			if secure.Handshake() == nil { // a client that does not trust us leaves here
				u.peer(secure)
			}
		})
	}
}

func (u *upstream) keep(connection net.Conn) bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.closed {
		_ = connection.Close()
		return false
	}
	u.open[connection] = true
	return true
}

func (u *upstream) drop(connection net.Conn) {
	u.mu.Lock()
	defer u.mu.Unlock()
	delete(u.open, connection)
	_ = connection.Close()
}

func (u *upstream) close() {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.closed = true
	for connection := range u.open {
		_ = connection.Close()
	}
}

// Nowhere returns an address on loopback where nothing listens until the test ends. Its port is the near end of a
// connection, so that the system gives it to nobody else.
func Nowhere(t testing.TB) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	connection, err := net.Dial("tcp", listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = connection.Close() })
	return connection.LocalAddr().String()
}

// tcpOf is the TCP connection under a peer's.
func tcpOf(connection net.Conn) *net.TCPConn {
	if secure, ok := connection.(*tls.Conn); ok {
		connection = secure.NetConn()
	}
	return connection.(*net.TCPConn)
}
