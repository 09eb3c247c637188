package gateway_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	"github.com/statusbridge/statusbridge/gateway"
	"github.com/statusbridge/statusbridge/internal/testkit"
	"github.com/statusbridge/statusbridge/mapping"
)

// routes are the ways to a method of each kind. Up to the first message of a stream, an error gives the same response
// on all.
var routes = []struct {
	name      string
	transport testkit.Transport
	call      call
	allow     string
}{
	{"unary", testkit.Network, call{}, "DELETE, GET, PATCH, PUT"},
	{"unary in process", testkit.InProcess, call{}, "DELETE, GET, PATCH, PUT"},
	{"a declared success", testkit.Network, call{Method: "POST", Path: "/v1/things/1:suspend", Body: "{}"},
		"DELETE, GET, PATCH, POST, PUT"},
	{"server stream", testkit.Network, call{Path: "/v1/things/1/watch"}, "GET"},
	{"download", testkit.Network, call{Path: "/v1/things/1/export"}, "GET"},
	{"client stream", testkit.Network, call{Method: "POST", Path: "/v1/uploads", Body: `{"part":"a"}`}, "POST"},
	{"both ways", testkit.Network, call{Method: "POST", Path: "/v1/chat", Body: `{"line":"a"}`}, "POST"},
}

// userOptions are what a user registers beside the bridge: middleware that wraps the writer, matchers, metadata, and
// forward options that describe a success.
func userOptions() []runtime.ServeMuxOption {
	return []runtime.ServeMuxOption{
		runtime.WithMiddlewares(func(next runtime.HandlerFunc) runtime.HandlerFunc {
			return func(w http.ResponseWriter, r *http.Request, params map[string]string) {
				w.Header().Set("X-Request-Id", "r-1")
				next(&testkit.LogWriter{ResponseWriter: w}, r, params)
			}
		}),
		runtime.WithIncomingHeaderMatcher(runtime.DefaultHeaderMatcher),
		withPrefix,
		runtime.WithForwardResponseOption(func(_ context.Context, w http.ResponseWriter, _ proto.Message) error {
			w.Header().Set("ETag", `"7"`)
			w.Header().Set("Cache-Control", "public")
			return nil
		}),
	}
}

// arrangements are muxes without and with options of the user's own.
var arrangements = map[string]func(...gateway.Option) *runtime.ServeMux{
	"alone": func(o ...gateway.Option) *runtime.ServeMux { return gateway.New(o...).NewServeMux() },
	"beside options": func(o ...gateway.Option) *runtime.ServeMux {
		return gateway.New(o...).NewServeMux(userOptions()...)
	},
}

// runRoutes plays the scenarios on every route, over both versions of HTTP, in every arrangement, and with a gRPC
// server that has our options. Scenarios that depend on a request are left out.
func runRoutes(t *testing.T, scenarios []scenario) {
	t.Helper()
	scenarios = slices.DeleteFunc(slices.Clone(scenarios), func(s scenario) bool {
		return s.behave == nil || s.options != nil || s.call.Path != "" || s.call.Method != "" || s.call.Body != ""
	})
	for arrangement, mux := range arrangements {
		for _, protocol := range testkit.Protocols {
			for server, serverOptions := range map[string][]grpc.ServerOption{"a server": nil,
				"our server": mapping.ServerOptions()} {
				if server == "our server" && (arrangement != "alone" || protocol != "HTTP/1.1") {
					continue
				}
				t.Run(fmt.Sprint(protocol, " bridge ", arrangement, " ", server), func(t *testing.T) {
					service := &testkit.Service{}
					network := testkit.Connect(t, testkit.ServeGRPC(t, service, serverOptions...), mux())
					sites := map[testkit.Transport]testkit.Site{
						testkit.Network: testkit.ServeOver(t, protocol, network),
						testkit.InProcess: testkit.ServeOver(t, protocol,
							testkit.Register(t, testkit.InProcess, service, mux())),
					}
					for _, s := range scenarios {
						if server == "a server" && s.endsStreamsCleanly() || server == "our server" &&
							len(s.message) > 4<<10 {
							continue // what the server makes of it is for the tests of mapping
						}
						service.Behave(s.behave)
						s.wantOnRoutes(t, sites)
					}
				})
			}
		}
	}
}

// endsStreamsCleanly reports whether grpc-go sends the error as the clean end of a stream. Only the server can know of
// it, and does with mapping.ServerOptions.
func (s scenario) endsStreamsCleanly() bool {
	st, ok := status.FromError(s.behave(context.Background()))
	return ok && st.Code() == codes.OK
}

func (s scenario) wantOnRoutes(t *testing.T, sites map[testkit.Transport]testkit.Site) {
	t.Helper()
	var first http.Header
	for _, route := range routes {
		t.Run(s.name+" "+route.name, func(t *testing.T) {
			c := route.call
			c.Header = s.call.Header
			r := c.At(t, sites[route.transport])
			r.WantError(t, s.status, s.message, s.details)
			if got := r.Header.Get("Allow"); s.status == http.StatusMethodNotAllowed && got != route.allow {
				t.Errorf("Allow is %q, want %q", got, route.allow)
			}
			delete(r.Header, "Date")
			delete(r.Header, "Allow")
			if first == nil {
				first = r.Header
			}
			if diff := cmp.Diff(first, r.Header); diff != "" {
				t.Errorf("the headers differ from those of a unary call:\n%s", diff)
			}
		})
	}
}

// scenario is one error, seen by a client: with the bridge, and with grpc-gateway without this library. Every
// scenario runs over TCP and in process, and the bridge sends the same response.
type scenario struct {
	name    string
	call    call
	behave  testkit.Behaviour
	options []runtime.ServeMuxOption

	status  int
	message string // empty: the documented sentence
	details string
	without recorded
}

// recorded is what grpc-gateway sends without this library.
type recorded struct {
	network   int
	inProcess int
	message   string // empty: not compared
}

// malformed stands for an answer that is not an HTTP message.
const malformed = -1

// without is a recorded that is the same on both transports.
func without(httpStatus int, message ...string) recorded {
	b := recorded{network: httpStatus, inProcess: httpStatus}
	if len(message) > 0 {
		b.message = message[0]
	}
	return b
}

func (b recorded) over(transport testkit.Transport) int {
	if transport == testkit.Network {
		return b.network
	}
	return b.inProcess
}

// run plays scenarios on both transports. Those without options share their servers.
func run(t *testing.T, scenarios []scenario) {
	t.Helper()
	runRoutes(t, scenarios)
	for _, transport := range testkit.Transports {
		t.Run(string(transport), func(t *testing.T) {
			service := &testkit.Service{}
			ours := bridged(t, transport, service, standard)
			theirs := bare(t, transport, service)
			for _, s := range scenarios {
				t.Run(s.name, func(t *testing.T) {
					ours, theirs := ours, theirs
					if s.options != nil {
						ours = bridged(t, transport, service, standard, s.options...)
						theirs = bare(t, transport, service, s.options...)
					}
					service.Behave(s.behave)
					s.call.To(t, ours).WantError(t, s.status, s.message, s.details)
					s.wantWithout(t, transport, theirs)
				})
			}
		})
	}
}

// wantWithout holds grpc-gateway against its record: when it changes, what this library does about it is to be looked
// at again.
func (s scenario) wantWithout(t *testing.T, transport testkit.Transport, base string) {
	t.Helper()
	r, err := s.call.Send(testkit.Client, base)
	if err != nil {
		r.Status = malformed
	}
	if want := s.without.over(transport); r.Status != want {
		t.Errorf("grpc-gateway sends %d %.300q (%v), recorded is %d", r.Status, r.Body, err, want)
	}
	if s.without.message == "" || err != nil {
		return
	}
	var body struct{ Message string }
	if err := json.Unmarshal([]byte(r.Body), &body); err != nil || body.Message != s.without.message {
		t.Errorf("grpc-gateway says %.300q (%v), recorded is %.300q", r.Body, err, s.without.message)
	}
}
