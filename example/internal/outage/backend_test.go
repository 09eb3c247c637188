package outage_test

import (
	"runtime"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/connectivity"

	"github.com/statusbridge/statusbridge/example/internal/outage"
)

// TestHang expects that a connection waits for a server that hangs, although a client uses it during the change. A
// connection that has failed would report that failure at once.
func TestHang(t *testing.T) {
	backend, err := outage.StartBackend(func(grpc.ServiceRegistrar) {})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = backend.Close() }()
	connection, err := backend.Connect()
	if err != nil {
		t.Fatal(err)
	}
	done, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		for {
			select {
			case <-done:
				return
			default:
				connection.Connect()
				runtime.Gosched()
			}
		}
	}()
	for range 20 {
		if err := backend.SetMode(outage.Hang); err != nil {
			t.Error(err)
		}
		if state := connection.GetState(); state == connectivity.TransientFailure {
			t.Errorf("the connection is in %v", state)
		}
	}
	close(done)
	<-ended
}
