// Package adoption stands this library beside what grpc-gateway's documentation says to write by hand: a status in the
// metadata key x-http-code, an error handler with a body of its own, and a routing error handler that keeps 405. The same
// requests go to the same service behind both, and what differs is recorded.
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
	// Name says what happens.
	Name string
	// Request is the same before and after.
	Request Request
	// Before is a service that follows the recipes, After the same service with its change.
	Before, After Service
	// Mux are options of both gateways.
	Mux []runtime.ServeMuxOption
	// Recipes are further options of the gateway with the recipes.
	Recipes []runtime.ServeMuxOption
	// Bridge are the options of Bridge, Beside are options of the mux that follow it, and Dial those of its connection.
	Bridge []gateway.Option
	Beside []runtime.ServeMuxOption
	Dial   []grpc.DialOption
	// Only is the one transport on which this can happen; empty means both.
	Only testkit.Transport
	// Down has nothing listen where the service should be.
	Down bool
	// KeyLeaves says that the recipe's key reaches the client, which is then what the case shows.
	KeyLeaves bool
	// Status is what the documented page and RFC 9110 ask for.
	Status int
}

// Service is what the service does. A stream without a behaviour of its own does what a unary method does.
type Service struct {
	Unary  testkit.Behaviour
	Stream testkit.StreamBehaviour
}

// Difference is a case with its answers.
type Difference struct {
	Case
	// Recipes are the answers of the gateway with the recipes, Bridge those of the other.
	Recipes, Bridge map[testkit.Transport]Answer
}

// Ask makes the request of a case to both gateways on each transport.
func (c *Case) Ask(t testing.TB) Difference {
	t.Helper()
	d := Difference{Case: *c, Recipes: map[testkit.Transport]Answer{}, Bridge: map[testkit.Transport]Answer{}}
	for _, transport := range testkit.Transports {
		if c.Only != "" && c.Only != transport {
			continue
		}
		recipes := append(append(Recipes(), c.Mux...), c.Recipes...)
		d.Recipes[transport] = c.ask(t, transport, c.Before, nil, runtime.NewServeMux(recipes...))
		own := append(append([]runtime.ServeMuxOption{}, c.Mux...), c.Beside...)
		d.Bridge[transport] = c.ask(t, transport, c.After, c.Dial, gateway.New(c.Bridge...).NewServeMux(own...))
	}
	return d
}

func (c *Case) ask(t testing.TB, transport testkit.Transport, does Service, dial []grpc.DialOption, mux *runtime.ServeMux) Answer {
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
