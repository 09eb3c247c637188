package outage_test

import (
	"net"
	"testing"

	"github.com/statusbridge/statusbridge/example/internal/outage"
)

// TestDown expects that connections are refused, and that no other program can listen at the address meanwhile.
func TestDown(t *testing.T) {
	server, err := outage.Start(func(listener net.Listener) (stop func()) { return func() { _ = listener.Close() } })
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	for range 20 {
		if err := server.SetMode(outage.Down); err != nil {
			t.Fatal(err)
		}
		if connection, err := net.Dial("tcp", server.Addr()); err == nil {
			t.Errorf("%s accepted a connection", server.Addr())
			_ = connection.Close()
		}
		if listener, err := net.Listen("tcp", server.Addr()); err == nil {
			t.Errorf("another listener got %s", server.Addr())
			_ = listener.Close()
		}
	}
}
