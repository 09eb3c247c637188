package gateway_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	"github.com/statusbridge/statusbridge/gateway"
	"github.com/statusbridge/statusbridge/internal/testkit"
	"github.com/statusbridge/statusbridge/mapping"
)

// TestOrigin says of each error who made it: the service, the request, or the gateway. The faults between gateway and
// backend are in the tests of their own.
func TestOrigin(t *testing.T) {
	failingOption := runtime.WithForwardResponseOption(func(context.Context, http.ResponseWriter, proto.Message) error {
		return status.Error(codes.PermissionDenied, "an option's own")
	})
	unmarshalable := runtime.WithForwardResponseRewriter(func(context.Context, proto.Message) (any, error) {
		return func() {}, nil
	})
	panicking := runtime.WithMiddlewares(func(runtime.HandlerFunc) runtime.HandlerFunc {
		return func(http.ResponseWriter, *http.Request, map[string]string) { panic("tenant 7") }
	})
	refusing := runtime.WithMiddlewares(func(runtime.HandlerFunc) runtime.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request, _ map[string]string) {
			gateway.New().WriteError(w, r, mapping.Errorf(403, "not on a Sunday"))
		}
	})
	for _, c := range []struct {
		name    string
		behave  testkit.Behaviour
		call    call
		options []runtime.ServeMuxOption
		status  int
		origin  gateway.Origin
	}{
		{name: "a status", behave: testkit.Fails(testkit.ErrNotFound), status: 404, origin: gateway.OriginBackend},
		{name: "an exact status", behave: testkit.Fails(mapping.Errorf(502, "the store makes no sense")), status: 502, origin: gateway.OriginBackend},
		{name: "a status with header metadata", behave: testkit.Sets(metadata.Pairs("a", "b"), nil, testkit.ErrNotFound), status: 404, origin: gateway.OriginBackend},
		{name: "a plain error", behave: testkit.Fails(errors.New("no")), status: 500, origin: gateway.OriginBackend},
		{name: "the service's deadline", behave: testkit.Fails(context.DeadlineExceeded), status: 504, origin: gateway.OriginBackend},
		{name: "a body", call: call{Method: "POST", Path: "/v1/things", Body: `{"`}, status: 400, origin: gateway.OriginRequest},
		{name: "a parameter", call: call{Path: "/v1/things/1?full=7"}, status: 400, origin: gateway.OriginRequest},
		{name: "a path", call: call{Path: "/v1/nothing"}, status: 404, origin: gateway.OriginRequest},
		{name: "a method", call: call{Method: "POST", Path: "/v1/things/1"}, status: 405, origin: gateway.OriginRequest},
		{name: "a deadline header", call: call{Header: http.Header{"Grpc-Timeout": {"soon"}}}, status: 400, origin: gateway.OriginRequest},
		{name: "a forward option", options: []runtime.ServeMuxOption{failingOption}, status: 403, origin: gateway.OriginGateway},
		{name: "a success that cannot be marshalled", options: []runtime.ServeMuxOption{unmarshalable}, status: 500, origin: gateway.OriginGateway},
		{name: "a panic", options: []runtime.ServeMuxOption{panicking}, status: 500, origin: gateway.OriginGateway},
		{name: "middleware", options: []runtime.ServeMuxOption{refusing}, status: 403, origin: gateway.OriginGateway},
	} {
		for _, transport := range testkit.Transports {
			t.Run(fmt.Sprint(c.name, " ", transport), func(t *testing.T) {
				var n notebook
				service := &testkit.Service{}
				service.Behave(c.behave)
				bridge := gateway.New(gateway.WithObserver(n.observe))
				if got := c.call.To(t, bridged(t, transport, service, bridge, c.options...)); got.Status != c.status {
					t.Errorf("answered %d %s, want %d", got.Status, got.Body, c.status)
				}
				o := n.one(t)
				if o.HTTPStatus != c.status || o.Origin != c.origin || o.ClientGone {
					t.Errorf("observed %d of the %s (gone: %t), want %d of the %s", o.HTTPStatus, o.Origin, o.ClientGone, c.status, c.origin)
				}
			})
		}
	}
}

// TestClientGone leaves while the service works. Both transports observe it, and nobody is blamed.
func TestClientGone(t *testing.T) {
	for _, transport := range testkit.Transports {
		t.Run(string(transport), func(t *testing.T) {
			working, observed := make(chan struct{}), make(chan gateway.Observation, 1)
			service := &testkit.Service{}
			service.Behave(func(ctx context.Context) error {
				close(working)
				<-ctx.Done()
				return ctx.Err()
			})
			base := bridged(t, transport, service, gateway.New(
				gateway.WithObserver(func(_ context.Context, o gateway.Observation) { observed <- o })))
			ctx, leave := context.WithCancel(t.Context())
			request, err := http.NewRequestWithContext(ctx, http.MethodGet, base+"/v1/things/1", http.NoBody)
			if err != nil {
				t.Fatal(err)
			}
			go func() {
				<-working
				leave()
			}()
			if response, err := http.DefaultClient.Do(request); err == nil {
				_ = response.Body.Close()
				t.Fatalf("answered %s", response.Status)
			}
			o := <-observed
			if !o.ClientGone || o.HTTPStatus != 503 || o.GRPCCode != codes.Canceled {
				t.Errorf("observed %+v", o)
			}
		})
	}
}

// TestObservers calls each observer in turn, and none is kept from it by another's panic.
func TestObservers(t *testing.T) {
	var order []string
	note := func(name string) gateway.Option {
		return gateway.WithObserver(func(context.Context, gateway.Observation) {
			order = append(order, name)
			panic(name)
		})
	}
	service := &testkit.Service{}
	service.Behave(testkit.Fails(testkit.ErrNotFound))
	call{}.To(t, bridged(t, testkit.InProcess, service, gateway.New(note("first"), note("second")))).WantError(t, 404, "no such thing", "")
	if got := strings.Join(order, " "); got != "first second" {
		t.Errorf("called %q", got)
	}
}
