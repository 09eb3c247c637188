package interop

import (
	"net/http"
	"sync"
	"testing"

	"github.com/statusbridge/statusbridge/gateway"
)

// TestDeadline lets the gateway's deadline pass in many calls. A proxy also knows the deadline, and may reset the call
// before the gateway's timer fires. The status is 504 in both cases.
func TestDeadline(t *testing.T) {
	for _, c := range betweens {
		t.Run(c.program, func(t *testing.T) {
			need(t, c.program)
			proxy := start(t, c.program, c.config, backend(t))
			var seen observations
			bridge := gateway.New(append(localReplyOptions(c.program), seen.option())...)
			url := serve(t, bridge.Handler(register(t, bridge.NewServeMux(), dial(t, proxy.Listen))))
			client := newCaller(t)
			awaitSuccess(t, client, url)
			seen.take()
			var group sync.WaitGroup
			for worker := range 10 {
				group.Go(func() {
					for range 30 {
						path := thingPath(slow)
						if worker%2 == 1 {
							path = watchPath(slow)
						}
						check(t, client.get(t, url+path, "Grpc-Timeout", "60m"), http.StatusGatewayTimeout)
					}
				})
			}
			group.Wait()
			// The timer of the service may fire first, since it gets the deadline from the gateway.
			for _, o := range seen.take() {
				onTime := o.HTTPStatus == http.StatusGatewayTimeout
				if !onTime || o.Origin != gateway.OriginUpstream && o.Origin != gateway.OriginBackend {
					t.Errorf("observed: %+v", o)
				}
			}
		})
	}
}

// awaitSuccess waits until a call through a proxy succeeds. A proxy that has just started may close its first
// connection, and it may wait before it connects to a restarted backend.
func awaitSuccess(t *testing.T, client caller, url string) {
	t.Helper()
	for range 250 { // five seconds
		if r := client.get(t, url+thingPath(http.StatusOK)); r.status == http.StatusOK {
			return
		}
		pause()
	}
	t.Fatal("no call through the proxy succeeds")
}

// localReplyOptions returns the option for a proxy that makes gRPC replies.
func localReplyOptions(program string) []gateway.Option {
	for _, column := range localReplies {
		if column.only == program {
			return column.options
		}
	}
	return nil
}
