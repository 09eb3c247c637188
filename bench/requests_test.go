package bench_test

import (
	"context"
	"net/http"
	"strconv"
	"testing"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	"github.com/statusbridge/statusbridge/gateway"
	"github.com/statusbridge/statusbridge/internal/contract"
	"github.com/statusbridge/statusbridge/internal/testkit"
	"github.com/statusbridge/statusbridge/mapping"
)

// wholeRequest is a request that is measured from its arrival at the gateway to the end of the response.
type wholeRequest struct {
	name      string
	method    string
	path      string
	behaviour testkit.Behaviour
	want      map[string]int // the status that each library sends; the others cannot serve the request
}

const (
	getPath     = "/v1/things/1?full=true&sizes=1&sizes=2"
	suspendPath = "/v1/things/7:suspend"
	watchPath   = "/v1/things/1/watch"
	kindPath    = "/v1/kind50/7"
)

// The names of the cases that need more than the test service.
const (
	lateError  = "error in a stream"
	notAllowed = "405 on 400 routes"
)

// wholeRequests are the cases of BenchmarkInProcess and BenchmarkOverTCP.
var wholeRequests = []wholeRequest{
	{"200", http.MethodGet, getPath, nil, map[string]int{
		grpcGateway: 200, statusbridge: 200, withAll: 200, vanguardGo: 200, floor: 200,
	}},
	// The service chooses the status. grpc-gateway forwards the choice as a header and sends 200.
	{"202", http.MethodGet, getPath, choose(http.StatusAccepted), map[string]int{
		grpcGateway: 200, statusbridge: 202, withAll: 202, withOption: 202,
	}},
	{"204", http.MethodGet, getPath, choose(http.StatusNoContent), map[string]int{
		grpcGateway: 200, statusbridge: 204, withAll: 204, withOption: 204,
	}},
	// The proto of the method declares the status.
	{"202, declared", http.MethodPost, suspendPath, nil, map[string]int{
		grpcGateway: 200, statusbridge: 202, withAll: 202,
	}},
	{"error", http.MethodGet, getPath, fails(failures["plain"]), map[string]int{
		grpcGateway: 404, statusbridge: 404, withAll: 404, vanguardGo: 404,
	}},
	{"error with violations", http.MethodGet, getPath, fails(failures["violations"]), map[string]int{
		grpcGateway: 400, statusbridge: 400, withAll: 400,
	}},
	{"error with an exact status", http.MethodGet, getPath, fails(failures["exact status"]), map[string]int{
		grpcGateway: 503, statusbridge: 502, withAll: 502,
	}},
	// The stream fails after its first message.
	{lateError, http.MethodGet, watchPath, nil, map[string]int{
		grpcGateway: 200, statusbridge: 200, withAll: 200,
	}},
	// grpc-gateway sends 501 without Allow.
	{notAllowed, http.MethodPatch, kindPath, nil, map[string]int{
		grpcGateway: 501, statusbridge: 405, withAll: 405, vanguardGo: 405, netHTTP: 405,
	}},
}

func fails(f failure) testkit.Behaviour {
	return testkit.Fails(f.status())
}

// choose sends the metadata that the bridge and chosenStatus read.
func choose(httpStatus int) testkit.Behaviour {
	return func(ctx context.Context) error { return mapping.SetHTTPStatus(ctx, httpStatus) }
}

// service returns the test service for a request.
func (r wholeRequest) service() *testkit.Service {
	service := &testkit.Service{}
	service.Behave(r.behaviour)
	service.BehaveStream(testkit.Sends(1, status.Error(codes.Aborted, "the log was rotated")))
	return service
}

// namedHandler is a library as the handler of a server.
type namedHandler struct {
	impl    string
	handler http.Handler
}

// gateways returns the muxes that are compared. register adds the routes to each: full is true for withAll.
func gateways(register func(mux *runtime.ServeMux, full bool)) []namedHandler {
	add := func(mux *runtime.ServeMux, full bool) http.Handler {
		register(mux, full)
		return mux
	}
	all := gateway.New(gateway.WithObserver(func(context.Context, gateway.Observation) {}))
	return []namedHandler{
		{grpcGateway, add(runtime.NewServeMux(), false)},
		{statusbridge, add(gateway.New().NewServeMux(), false)},
		{withAll, all.Handler(add(all.NewServeMux(), true))},
		{withOption, add(runtime.NewServeMux(runtime.WithForwardResponseOption(chosenStatus)), false)},
	}
}

// able returns the handlers that can serve the request.
func (r wholeRequest) able(handlers []namedHandler) []namedHandler {
	var able []namedHandler
	for _, h := range handlers {
		if r.want[h.impl] != 0 {
			able = append(able, h)
		}
	}
	return able
}

// notAllowedHandlers returns the libraries with 400 routes.
func notAllowedHandlers(tb testing.TB) []namedHandler {
	handlers := gateways(func(mux *runtime.ServeMux, _ bool) { routes(tb, 100, mux) })
	return append(handlers, namedHandler{vanguardGo, transcoder(tb, 100)}, namedHandler{netHTTP, patterns(100)})
}

// chosenStatus does what grpc-gateway's page "Customizing your gateway" does for response codes. It sends the status
// before the body is marshalled, and a 204 with a body.
func chosenStatus(ctx context.Context, w http.ResponseWriter, _ proto.Message) error {
	md, ok := runtime.ServerMetadataFromContext(ctx)
	if !ok {
		return nil
	}
	chosen := md.HeaderMD.Get(contract.HTTPStatusKey)
	if len(chosen) == 0 {
		return nil
	}
	httpStatus, err := strconv.Atoi(chosen[0])
	if err != nil {
		return err
	}
	delete(md.HeaderMD, contract.HTTPStatusKey)
	delete(w.Header(), "Grpc-Metadata-Statusbridge-Http-Status")
	w.WriteHeader(httpStatus)
	return nil
}

var thing = []byte(`{"thing":{"id":1, "name":"thing", "kind":"KIND_UNSPECIFIED", "sizes":[]}}`)

func constantThing(w http.ResponseWriter, _ *http.Request) {
	w.Header()["Content-Type"] = jsonType
	_, _ = w.Write(thing)
}

var jsonType = []string{"application/json"}
