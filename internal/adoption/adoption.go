// Package adoption stands this library beside what grpc-gateway's documentation says to write by hand: a status in the
// metadata key x-http-code, an error handler with a body of its own, and a routing error handler that keeps 405. The same
// requests go to the same service behind both, and what differs is recorded.
package adoption

import (
	"testing"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/grpc"

	"github.com/statusbridge/statusbridge/gateway"
	"github.com/statusbridge/statusbridge/internal/fault"
	"github.com/statusbridge/statusbridge/internal/probe"
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
	Only probe.Transport
	// Down has nothing listen where the service should be.
	Down bool
	// KeyLeaves says that the recipe's key reaches the client, which is then what the case shows.
	KeyLeaves bool
	// Status is what the documented page and RFC 9110 ask for.
	Status int
}

// Service is what the service does. A stream without a behaviour of its own does what a unary method does.
type Service struct {
	Unary  probe.Behaviour
	Stream probe.StreamBehaviour
}

// Difference is a case with its answers.
type Difference struct {
	Case
	// Recipes are the answers of the gateway with the recipes, Bridge those of the other.
	Recipes, Bridge map[probe.Transport]Answer
}

// Ask makes the request of a case to both gateways on each transport.
func (c *Case) Ask(t testing.TB) Difference {
	t.Helper()
	d := Difference{Case: *c, Recipes: map[probe.Transport]Answer{}, Bridge: map[probe.Transport]Answer{}}
	for _, transport := range probe.Transports {
		if c.Only != "" && c.Only != transport {
			continue
		}
		recipes := append(append(Recipes(), c.Mux...), c.Recipes...)
		d.Recipes[transport] = c.ask(t, transport, c.Before, nil, recipes)
		bridge := append(append([]runtime.ServeMuxOption{probe.Bridge(gateway.New(c.Bridge...))}, c.Mux...), c.Beside...)
		d.Bridge[transport] = c.ask(t, transport, c.After, c.Dial, bridge)
	}
	return d
}

func (c *Case) ask(t testing.TB, transport probe.Transport, does Service, dial []grpc.DialOption, options []runtime.ServeMuxOption) Answer {
	t.Helper()
	service := &probe.Service{}
	service.Behave(does.Unary)
	service.BehaveStream(does.Stream)
	if transport == probe.InProcess {
		return c.Request.send(t, probe.Mux(t, transport, service, options...))
	}
	address := fault.Nowhere(t)
	if !c.Down {
		address = probe.Serve(t, service)
	}
	return c.Request.send(t, probe.Connect(t, address, runtime.NewServeMux(options...), dial...))
}
