// Package adoption compares a gateway that follows the recipes of grpc-gateway's manual with one that uses this
// library. The recipes are a status in the metadata key x-http-code, an error handler with another body, and a routing
// error handler that keeps 405. Both gateways get the same requests for the same service.
package adoption

import (
	"testing"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/grpc"

	"github.com/statusbridge/statusbridge/gateway"
	"github.com/statusbridge/statusbridge/internal/testkit"
	"github.com/statusbridge/statusbridge/internal/testkit/badpeer"
)

// Case is a request to a service, before and after a team has replaced the recipes.
type Case struct {
	// Name describes the situation.
	Name string
	// Request is the same before and after.
	Request Request
	// Before is a service that follows the recipes, After the same service with its change.
	Before, After Service
	// Mux are options of both gateways.
	Mux []runtime.ServeMuxOption
	// Recipes are more options of the gateway with the recipes.
	Recipes []runtime.ServeMuxOption
	// Bridge are the options of the bridge. Beside are more options of its mux, and Dial those of its connection.
	Bridge []gateway.Option
	Beside []runtime.ServeMuxOption
	Dial   []grpc.DialOption
	// Only is the transport on which the situation can happen. Empty means both.
	Only testkit.Transport
	// Down reports that nothing listens at the address of the service.
	Down bool
	// KeySent reports that the key of the recipe reaches the client. The case shows this.
	KeySent bool
	// Status is the documented status, or that of RFC 9110.
	Status int
}

// Service is the behaviour of the service. A stream without a behaviour does the same as a unary method.
type Service struct {
	Unary  testkit.Behaviour
	Stream testkit.StreamBehaviour
}

// Difference is a case with its responses.
type Difference struct {
	Case
	// Recipes are the responses of the gateway with the recipes. Bridge are those of the other gateway.
	Recipes, Bridge map[testkit.Transport]Response
}

// Send sends the request of a case to both gateways on each transport.
func (c *Case) Send(t testing.TB) Difference {
	t.Helper()
	d := Difference{Case: *c, Recipes: map[testkit.Transport]Response{}, Bridge: map[testkit.Transport]Response{}}
	for _, transport := range testkit.Transports {
		if c.Only != "" && c.Only != transport {
			continue
		}
		recipes := append(append(Recipes(), c.Mux...), c.Recipes...)
		d.Recipes[transport] = c.send(t, transport, c.Before, nil, runtime.NewServeMux(recipes...))
		own := append(append([]runtime.ServeMuxOption{}, c.Mux...), c.Beside...)
		d.Bridge[transport] = c.send(t, transport, c.After, c.Dial, gateway.New(c.Bridge...).NewServeMux(own...))
	}
	return d
}

func (c *Case) send(
	t testing.TB, transport testkit.Transport, does Service, dial []grpc.DialOption, mux *runtime.ServeMux,
) Response {
	t.Helper()
	service := &testkit.Service{}
	service.Behave(does.Unary)
	service.BehaveStream(does.Stream)
	if transport == testkit.InProcess {
		return c.Request.send(t, testkit.Register(t, transport, service, mux))
	}
	address := badpeer.Nowhere(t)
	if !c.Down {
		address = testkit.ServeGRPC(t, service)
	}
	return c.Request.send(t, testkit.Connect(t, address, mux, dial...))
}
