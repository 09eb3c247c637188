package gateway_test

import (
	"context"
	"net/http"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/statusbridge/statusbridge/gateway"
	"github.com/statusbridge/statusbridge/internal/testkit"
	"github.com/statusbridge/statusbridge/internal/testkit/badpeer"
)

// soon is a deadline that a test waits for, and time enough for a message to come before it.
const soon = 300 * time.Millisecond

// timely is a request with that deadline.
var timely = http.Header{"Grpc-Timeout": {"300m"}}

// TestFaultDeadline is about deadlines: 504, wherever they were set.
func TestFaultDeadline(t *testing.T) {
	silent := func(*badpeer.Stream) {}
	late := func(name string, answer func(*badpeer.Stream)) []incident {
		return stages(incident{
			name: name, answer: answer, header: timely, only: cleartext,
			status: 504, origin: gateway.OriginUpstream, text: "code = DeadlineExceeded", stock: 504,
		})
	}
	runIncidents(t, concat(
		late("no answer", silent),
		late("a reset when it has passed", func(s *badpeer.Stream) {
			<-time.After(soon + soon/5)
			s.Reset(0x8)
		}),
		late("the rest of a message", func(s *badpeer.Stream) { s.Data(badpeer.Announce(0, 100)) })[1:],
		fromBackend("the backend's own", codes.DeadlineExceeded, marker),
	))
}

// TestFaultDeadlineInFront is a deadline that a handler in front of the mux sets.
func TestFaultDeadlineInFront(t *testing.T) {
	for name, dial := range map[string][]grpc.DialOption{"with DialOptions": gateway.DialOptions(), "without": nil} {
		for route, c := range map[string]call{unary: {}, stream: watch} {
			t.Run(name+"/"+route, func(t *testing.T) {
				var n notebook
				mux := gateway.New(gateway.WithObserver(n.observe)).NewServeMux()
				dialUpstream(t, listen(t, false, badpeer.HTTP2(func(*badpeer.Stream) {})), mux, dial...)
				base := testkit.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					ctx, cancel := context.WithTimeout(r.Context(), soon)
					defer cancel()
					mux.ServeHTTP(w, r.WithContext(ctx))
				}))
				c.To(t, base).WantError(t, 504, "", "")
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
		for route, c := range map[string]call{unary: {Path: "/v1/things/1"}, stream: watch} {
			for _, protocol := range testkit.Protocols {
				t.Run(name+"/"+route+"/"+protocol, func(t *testing.T) {
					ctx, leave := context.WithCancel(t.Context())
					observed := make(chan gateway.Observation, 1)
					mux := gateway.New(gateway.WithObserver(func(_ context.Context, o gateway.Observation) {
						observed <- o
					})).NewServeMux()
					waits := func(call context.Context) error {
						leave()
						<-call.Done()
						return status.FromContextError(call.Err()).Err()
					}
					dialUpstream(t, backend(0, testkit.Behaviour(waits))(t, false), mux, dial...)
					s := testkit.ServeOver(t, protocol, mux)
					request, err := http.NewRequestWithContext(ctx, http.MethodGet, s.URL+c.Path, nil)
					if err != nil {
						t.Fatal(err)
					}
					if response, err := s.Client.Do(request); err == nil {
						response.Body.Close()
						t.Fatalf("answered %d to a client that has gone", response.StatusCode)
					}
					timeout, cancel := context.WithTimeout(t.Context(), testkit.Patience)
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
