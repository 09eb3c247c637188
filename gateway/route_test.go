package gateway_test

import (
	"context"
	"fmt"
	"io"
	"log"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	"github.com/statusbridge/statusbridge/gateway"
	"github.com/statusbridge/statusbridge/internal/probe"
	"github.com/statusbridge/statusbridge/mapping"
)

// routes are the ways to a method of each kind. Up to the first message of a stream, an error is answered alike on all.
var routes = []struct {
	name      string
	transport probe.Transport
	call      call
	allow     string
}{
	{"unary", probe.Network, call{}, "DELETE, GET, PATCH, PUT"},
	{"unary in process", probe.InProcess, call{}, "DELETE, GET, PATCH, PUT"},
	{"a declared success", probe.Network, call{method: "POST", path: "/v1/things/1:suspend", body: "{}"},
		"DELETE, GET, PATCH, POST, PUT"},
	{"server stream", probe.Network, call{path: "/v1/things/1/watch"}, "GET"},
	{"download", probe.Network, call{path: "/v1/things/1/export"}, "GET"},
	{"client stream", probe.Network, call{method: "POST", path: "/v1/uploads", body: `{"part":"a"}`}, "POST"},
	{"both ways", probe.Network, call{method: "POST", path: "/v1/chat", body: `{"line":"a"}`}, "POST"},
}

// userOptions are what a user registers beside the bridge: middleware that wraps the writer, matchers, metadata, and
// forward options that describe a success.
func userOptions() []runtime.ServeMuxOption {
	return []runtime.ServeMuxOption{
		runtime.WithMiddlewares(func(next runtime.HandlerFunc) runtime.HandlerFunc {
			return func(w http.ResponseWriter, r *http.Request, params map[string]string) {
				w.Header().Set("X-Request-Id", "r-1")
				next(&loggingWriter{ResponseWriter: w}, r, params)
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

// loggingWriter is the writer of an access log, as most are written.
type loggingWriter struct {
	http.ResponseWriter
	status, written int
}

func (w *loggingWriter) WriteHeader(httpStatus int) {
	w.status = httpStatus
	w.ResponseWriter.WriteHeader(httpStatus)
}

func (w *loggingWriter) Write(p []byte) (int, error) {
	n, err := w.ResponseWriter.Write(p)
	w.written += n
	return n, err
}

func (w *loggingWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// arrangements say where the bridge stands among a user's options.
var arrangements = map[string]func() []runtime.ServeMuxOption{
	"alone": func() []runtime.ServeMuxOption { return []runtime.ServeMuxOption{probe.Bridge(gateway.New())} },
	"first": func() []runtime.ServeMuxOption {
		return append([]runtime.ServeMuxOption{probe.Bridge(gateway.New())}, userOptions()...)
	},
	"last": func() []runtime.ServeMuxOption { return append(userOptions(), probe.Bridge(gateway.New())) },
}

// runRoutes plays those scenarios that are about what a service does, and not about a request, on every route, over
// both versions of HTTP, in every arrangement, and behind a gRPC server with our options. All of them give one answer,
// headers included.
func runRoutes(t *testing.T, scenarios []scenario) {
	t.Helper()
	scenarios = slices.DeleteFunc(slices.Clone(scenarios), func(s scenario) bool {
		return s.behave == nil || s.options != nil || s.call.path != "" || s.call.method != "" || s.call.body != ""
	})
	for arrangement, options := range arrangements {
		for protocol := range protocols {
			for server, serverOptions := range map[string][]grpc.ServerOption{"a server": nil, "our server": mapping.ServerOptions()} {
				if server == "our server" && (arrangement != "alone" || protocol != "HTTP/1.1") {
					continue
				}
				t.Run(fmt.Sprint(protocol, " bridge ", arrangement, " ", server), func(t *testing.T) {
					service := &probe.Service{}
					network := probe.Connect(t, probe.Serve(t, service, serverOptions...), runtime.NewServeMux(options()...))
					sites := map[probe.Transport]site{
						probe.Network:   serveOver(t, protocol, network),
						probe.InProcess: serveOver(t, protocol, probe.Mux(t, probe.InProcess, service, options()...)),
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

func (s scenario) wantOnRoutes(t *testing.T, sites map[probe.Transport]site) {
	t.Helper()
	var first http.Header
	for _, route := range routes {
		t.Run(s.name+" "+route.name, func(t *testing.T) {
			c := route.call
			c.header = s.call.header
			r := c.through(t, sites[route.transport].client, sites[route.transport].base)
			r.wantError(t, s.status, s.message, s.details)
			if got := r.header.Get("Allow"); s.status == http.StatusMethodNotAllowed && got != route.allow {
				t.Errorf("Allow is %q, want %q", got, route.allow)
			}
			delete(r.header, "Date")
			delete(r.header, "Allow")
			if first == nil {
				first = r.header
			}
			if diff := cmp.Diff(first, r.header); diff != "" {
				t.Errorf("the headers differ from those of a unary call:\n%s", diff)
			}
		})
	}
}

// site is where a client finds a server.
type site struct {
	client *http.Client
	base   string
}

// serveOver serves over a version of HTTP; whatever net/http has to complain about fails the test.
func serveOver(t *testing.T, protocol string, handler http.Handler) site {
	t.Helper()
	return serveLogging(t, protocol, handler, complaints{t})
}

func serveLogging(t *testing.T, protocol string, handler http.Handler, complaints io.Writer) site {
	t.Helper()
	server := httptest.NewUnstartedServer(handler)
	server.Config.ErrorLog = log.New(complaints, "", 0)
	if server.EnableHTTP2 = protocol == "HTTP/2"; server.EnableHTTP2 {
		server.StartTLS()
	} else {
		server.Start()
	}
	t.Cleanup(server.Close)
	return site{server.Client(), server.URL}
}

// TestRoutesSucceed shows that the routes reach what they name, and that each arrangement lets a success through.
func TestRoutesSucceed(t *testing.T) {
	for _, arrangement := range slices.Sorted(maps.Keys(arrangements)) {
		for protocol := range protocols {
			service := &probe.Service{}
			for _, route := range routes {
				s := serveOver(t, protocol, probe.Mux(t, route.transport, service, arrangements[arrangement]()...))
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
					r := route.call.through(t, s.client, s.base)
					if r.status != want || (r.body == "") != (want == 204) || leak(r.header) != nil {
						t.Errorf("%s %s %s, bridge %s, %d chosen: answered %d %q %v", protocol, route.transport, route.name,
							arrangement, chosen, r.status, r.body, r.header)
					}
				}
			}
		}
	}
}
