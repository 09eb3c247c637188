package gateway_test

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/statusbridge/statusbridge/gateway"
	"github.com/statusbridge/statusbridge/internal/fault"
	"github.com/statusbridge/statusbridge/internal/probe"
)

// soon is a deadline that a test waits for, and time enough for a message to come before it.
const soon = 300 * time.Millisecond

// timely is a request with that deadline.
var timely = http.Header{"Grpc-Timeout": {"300m"}}

// TestFaultDeadline is about deadlines: 504, wherever they were set.
func TestFaultDeadline(t *testing.T) {
	silent := func(*fault.Stream) {}
	late := func(name string, answer func(*fault.Stream)) []incident {
		return stages(incident{
			name: name, answer: answer, header: timely, only: cleartext,
			status: 504, origin: gateway.OriginUpstream, text: "code = DeadlineExceeded", stock: 504,
		})
	}
	runIncidents(t, concat(
		late("no answer", silent),
		late("a reset when it has passed", func(s *fault.Stream) {
			<-time.After(soon + soon/5)
			s.Reset(0x8)
		}),
		late("the rest of a message", func(s *fault.Stream) { s.Data(fault.Announce(0, 100)) })[1:],
		fromBackend("the backend's own", codes.DeadlineExceeded, marker),
	))
}

// TestFaultAtDeadline has a proxy, which knows the deadline, end the call at the same time: 504.
func TestFaultAtDeadline(t *testing.T) {
	for name, end := range map[string]func(*fault.Stream){
		"a reset":            func(s *fault.Stream) { s.Reset(0x2) },
		"a cancelling reset": func(s *fault.Stream) { s.Reset(0x8) },
		"a page":             func(s *fault.Stream) { s.Trailers(":status", "502", "content-type", "text/html") },
		"the end":            (*fault.Stream).Cut,
	} {
		for sight, dial := range map[string][]grpc.DialOption{"with DialOptions": gateway.DialOptions(), "without": nil} {
			for route, c := range map[string]call{unary: {}, stream: watch} {
				t.Run(name+"/"+sight+"/"+route, func(t *testing.T) {
					t.Parallel()
					var n notebook
					mux := runtime.NewServeMux(probe.Bridge(gateway.New(gateway.WithObserver(n.observe))))
					dialUpstream(t, listen(t, false, fault.HTTP2(func(s *fault.Stream) {
						// The call began before its request arrived here, so this is at most 3 ms before its deadline.
						<-time.After(soon - 3*time.Millisecond)
						end(s)
					})), mux, dial...)
					c.header = timely
					c.to(t, serveMux(t, mux)).wantError(t, 504, "", "")
					if o := n.one(t); o.Origin != gateway.OriginUpstream {
						t.Errorf("origin %q of %v", o.Origin, o.Err)
					}
				})
			}
		}
	}
}

// TestFaultDeadlineInFront is a deadline that a handler in front of the mux sets.
func TestFaultDeadlineInFront(t *testing.T) {
	for name, dial := range map[string][]grpc.DialOption{"with DialOptions": gateway.DialOptions(), "without": nil} {
		for route, c := range map[string]call{unary: {}, stream: watch} {
			t.Run(name+"/"+route, func(t *testing.T) {
				var n notebook
				mux := runtime.NewServeMux(probe.Bridge(gateway.New(gateway.WithObserver(n.observe))))
				dialUpstream(t, listen(t, false, fault.HTTP2(func(*fault.Stream) {})), mux, dial...)
				base := serveMux(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					ctx, cancel := context.WithTimeout(r.Context(), soon)
					defer cancel()
					mux.ServeHTTP(w, r.WithContext(ctx))
				}))
				c.to(t, base).wantError(t, 504, "", "")
				if o := n.one(t); o.Origin != gateway.OriginUpstream || o.ClientGone {
					t.Errorf("observed %+v", o)
				}
			})
		}
	}
}

// TestFaultLeave has the client leave while the backend works: nobody reads the answer, and the observer is told so.
func TestFaultLeave(t *testing.T) {
	for name, dial := range map[string][]grpc.DialOption{"with DialOptions": gateway.DialOptions(), "without": nil} {
		for route, c := range map[string]call{unary: {path: "/v1/things/1"}, stream: watch} {
			for protocol := range protocols {
				t.Run(name+"/"+route+"/"+protocol, func(t *testing.T) {
					ctx, leave := context.WithCancel(t.Context())
					observed := make(chan gateway.Observation, 1)
					mux := runtime.NewServeMux(probe.Bridge(gateway.New(gateway.WithObserver(func(_ context.Context, o gateway.Observation) {
						observed <- o
					}))))
					waits := func(call context.Context) error {
						leave()
						<-call.Done()
						return status.FromContextError(call.Err()).Err()
					}
					dialUpstream(t, backend(0, probe.Behaviour(waits))(t, false), mux, dial...)
					s := serveOver(t, protocol, mux)
					request, err := http.NewRequestWithContext(ctx, http.MethodGet, s.base+c.path, nil)
					if err != nil {
						t.Fatal(err)
					}
					if response, err := s.client.Do(request); err == nil {
						response.Body.Close()
						t.Fatalf("answered %d to a client that has gone", response.StatusCode)
					}
					timeout, cancel := context.WithTimeout(t.Context(), patience)
					defer cancel()
					select {
					case o := <-observed:
						if !o.ClientGone || o.Origin == gateway.OriginBackend || o.HTTPStatus != 503 {
							t.Errorf("observed %+v, want that the client has gone", o)
						}
					case <-timeout.Done():
						t.Error("observed nothing")
					}
				})
			}
		}
	}
}
