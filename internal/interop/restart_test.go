package interop

import (
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"

	"google.golang.org/grpc"

	"github.com/statusbridge/statusbridge/gateway"
	"github.com/statusbridge/statusbridge/internal/testkit/testkitv1"
)

// TestRestart stops and restarts the backend under five hundred requests. A client sees a success or a 502, 503 or 504,
// always in the documented form, and only successes in the end.
func TestRestart(t *testing.T) {
	for _, c := range betweens {
		t.Run(c.program, func(t *testing.T) {
			need(t, c.program)
			service := newRestartable(t)
			proxy := start(t, c.program, c.config, service.address)
			var seen observations
			bridge := gateway.New(seen.option())
			url := serve(t, bridge.Handler(register(t, bridge.NewServeMux(), dial(t, proxy.Listen))))
			client := newCaller(t)
			var done atomic.Int64
			var group sync.WaitGroup
			for range 5 {
				group.Go(func() {
					for range 100 {
						path := thingPath(200)
						if done.Load()%2 == 1 {
							path = watchPath(1200)
						}
						r := client.get(t, url+path)
						switch done.Add(1) {
						case 150:
							service.stop()
						case 300:
							service.start(t)
						}
						switch r.status {
						case http.StatusOK:
						case http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
							check(t, r, r.status)
						default:
							t.Errorf("during a restart: %v", r)
						}
					}
				})
			}
			group.Wait()
			awaitSuccess(t, client, url)
			for _, o := range seen.take() {
				// Without an option, Envoy's own replies are the service's to the gateway.
				if o.Origin != gateway.OriginUpstream && c.program != "Envoy" {
					t.Errorf("observed: %+v", o)
				}
			}
		})
	}
}

// restartable is a backend that keeps its address when it is restarted.
type restartable struct {
	address string
	mu      sync.Mutex
	server  *grpc.Server
}

func newRestartable(t *testing.T) *restartable {
	t.Helper()
	r := &restartable{address: free(t)}
	r.start(t)
	t.Cleanup(r.stop)
	return r
}

func (r *restartable) start(t *testing.T) {
	var listener net.Listener
	var err error
	for range 250 { // the address may be in use for a moment
		if listener, err = net.Listen("tcp", r.address); err == nil {
			break
		}
		pause()
	}
	if err != nil {
		t.Error(err)
		return
	}
	server := grpc.NewServer()
	testkitv1.RegisterThingServiceServer(server, service{})
	r.mu.Lock()
	r.server = server
	r.mu.Unlock()
	go func() { _ = server.Serve(listener) }()
}

func (r *restartable) stop() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.server.Stop()
}
