package gateway_test

import (
	"context"
	"fmt"
	"maps"
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

// routes are the ways to a method of each kind. Up to the first message of a stream, an error is answered alike on all.
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
	"alone":          func(o ...gateway.Option) *runtime.ServeMux { return gateway.New(o...).NewServeMux() },
	"beside options": func(o ...gateway.Option) *runtime.ServeMux { return gateway.New(o...).NewServeMux(userOptions()...) },
}

// runRoutes plays those scenarios that are about what a service does, and not about a request, on every route, over
// both versions of HTTP, in every arrangement, and behind a gRPC server with our options. All of them give one answer,
// headers included.
func runRoutes(t *testing.T, scenarios []scenario) {
	t.Helper()
	scenarios = slices.DeleteFunc(slices.Clone(scenarios), func(s scenario) bool {
		return s.behave == nil || s.options != nil || s.call.Path != "" || s.call.Method != "" || s.call.Body != ""
	})
	for arrangement, mux := range arrangements {
		for _, protocol := range testkit.Protocols {
			for server, serverOptions := range map[string][]grpc.ServerOption{"a server": nil, "our server": mapping.ServerOptions()} {
				if server == "our server" && (arrangement != "alone" || protocol != "HTTP/1.1") {
					continue
				}
				t.Run(fmt.Sprint(protocol, " bridge ", arrangement, " ", server), func(t *testing.T) {
					service := &testkit.Service{}
					network := testkit.Connect(t, testkit.ServeGRPC(t, service, serverOptions...), mux())
					sites := map[testkit.Transport]testkit.Site{
						testkit.Network:   testkit.ServeOver(t, protocol, network),
						testkit.InProcess: testkit.ServeOver(t, protocol, testkit.Register(t, testkit.InProcess, service, mux())),
					}
					for _, s := range scenarios {
						if server == "a server" && s.endsStreamsCleanly() || server == "our server" && len(s.message) > 4<<10 {
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

// TestRoutesSucceed shows that the routes reach what they name, and that each arrangement lets a success through.
func TestRoutesSucceed(t *testing.T) {
	for _, arrangement := range slices.Sorted(maps.Keys(arrangements)) {
		for _, protocol := range testkit.Protocols {
			service := &testkit.Service{}
			for _, route := range routes {
				s := testkit.ServeOver(t, protocol, testkit.Register(t, route.transport, service, arrangements[arrangement]()))
				for _, chosen := range []int{0, 200, 202, 204} {
					service.Behave(nil)
					want := 200
					if route.name == "a declared success" {
						want = 202
					}
					if chosen != 0 {
						service.Behave(chooses(chosen))
						want = chosen
					}
					r := route.call.At(t, s)
					if r.Status != want || (r.Body == "") != (want == 204) || testkit.Leak(r.Header) != nil {
						t.Errorf("%s %s %s, bridge %s, %d chosen: answered %d %q %v", protocol, route.transport, route.name,
							arrangement, chosen, r.Status, r.Body, r.Header)
					}
				}
			}
		}
	}
}
