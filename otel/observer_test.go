package statusotel_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.opentelemetry.io/contrib/instrumentation/google.golang.org/grpc/otelgrpc"
	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/metric/embedded"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"
	"google.golang.org/grpc"
	grpccodes "google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"

	"github.com/statusbridge/statusbridge/gateway"
	"github.com/statusbridge/statusbridge/internal/testkit"
	"github.com/statusbridge/statusbridge/internal/testkit/testkitv1"
	"github.com/statusbridge/statusbridge/mapping"
	statusotel "github.com/statusbridge/statusbridge/otel"
)

// telemetry is an SDK in memory.
type telemetry struct {
	reader *sdkmetric.ManualReader
	meters *sdkmetric.MeterProvider
	spans  *tracetest.SpanRecorder
	traces *sdktrace.TracerProvider
}

func newTelemetry() telemetry {
	reader, spans := sdkmetric.NewManualReader(), tracetest.NewSpanRecorder()
	return telemetry{
		reader, sdkmetric.NewMeterProvider(sdkmetric.WithReader(reader)),
		spans, sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(spans)),
	}
}

// span returns the only ended span of a kind.
func (s telemetry) span(t *testing.T, kind trace.SpanKind) sdktrace.ReadOnlySpan {
	t.Helper()
	var found []sdktrace.ReadOnlySpan
	for _, span := range s.spans.Ended() {
		if span.SpanKind() == kind {
			found = append(found, span)
		}
	}
	if len(found) != 1 {
		t.Fatalf("%d spans of the kind %v", len(found), kind)
	}
	return found[0]
}

func text(attrs []attribute.KeyValue) map[string]string {
	all := map[string]string{}
	for _, a := range attrs {
		all[string(a.Key)] = a.Value.String()
	}
	return all
}

// observation is an error of a backend.
func observation(httpStatus int, code grpccodes.Code) gateway.Observation {
	return gateway.Observation{
		HTTPStatus: httpStatus, GRPCCode: code, Origin: gateway.OriginBackend, Err: errors.New("the cause"),
		RPCMethod: "/things.v1.ThingService/Get", Route: "/v1/things/{id}", HTTPMethod: "GET",
		Reason: "STOCK", Domain: "things", RequestID: "r7",
	}
}

// TestAttributes expects the attributes that the semantic conventions document, in the counter and in the span.
func TestAttributes(t *testing.T) {
	gone := observation(503, grpccodes.Canceled)
	gone.ClientGone = true
	unbound := gateway.Observation{HTTPStatus: 404, GRPCCode: grpccodes.NotFound, Origin: gateway.OriginRequest}
	frob := unbound
	frob.HTTPMethod = "FROB"
	rpc := map[string]string{
		"rpc.system.name": "grpc", "rpc.method": "things.v1.ThingService/Get", "statusbridge.error.reason": "STOCK",
		"statusbridge.error.domain": "things", "statusbridge.request_id": "r7",
	}
	for name, c := range map[string]struct {
		observed  gateway.Observation
		counted   map[string]string // nil if it is not counted
		inSpan    map[string]string // in addition
		span      codes.Code
		exception bool
	}{
		"4xx": {observation(409, grpccodes.AlreadyExists), map[string]string{
			"http.response.status_code": "409", "rpc.response.status_code": "ALREADY_EXISTS",
			"statusbridge.origin": "backend", "http.route": "/v1/things/{id}", "http.request.method": "GET",
		}, rpc, codes.Unset, false},
		"5xx": {observation(503, grpccodes.Unavailable), map[string]string{
			"http.response.status_code": "503", "rpc.response.status_code": "UNAVAILABLE", "error.type": "503",
			"statusbridge.origin": "backend", "http.route": "/v1/things/{id}", "http.request.method": "GET",
		}, rpc, codes.Error, true},
		"undefined code": {observation(500, 77), map[string]string{
			"http.response.status_code": "500", "rpc.response.status_code": "UNKNOWN", "error.type": "500",
			"statusbridge.origin": "backend", "http.route": "/v1/things/{id}", "http.request.method": "GET",
		}, rpc, codes.Error, true},
		"without a route": {unbound, map[string]string{
			"http.response.status_code": "404", "rpc.response.status_code": "NOT_FOUND",
			"statusbridge.origin": "request",
		}, nil, codes.Unset, false},
		"an own method": {frob, map[string]string{
			"http.response.status_code": "404", "rpc.response.status_code": "NOT_FOUND",
			"statusbridge.origin": "request",
			"http.request.method": "_OTHER",
		}, nil, codes.Unset, false},
		"client gone": {gone, nil, map[string]string{"statusbridge.client_gone": "true"}, codes.Unset, false},
	} {
		t.Run(name, func(t *testing.T) {
			sdk := newTelemetry()
			observe, err := statusotel.Observer(sdk.meters)
			if err != nil {
				t.Fatal(err)
			}
			ctx, cancel := context.WithCancel(t.Context())
			ctx, span := sdk.traces.Tracer("test").Start(ctx, "request", trace.WithSpanKind(trace.SpanKindServer))
			cancel() // a request that has ended is still counted
			observe(ctx, c.observed)
			span.End()

			inSpan := map[string]string{}
			for _, attrs := range []map[string]string{c.counted, c.inSpan} {
				for key, value := range attrs {
					inSpan[key] = value
				}
			}
			ended := sdk.span(t, trace.SpanKindServer)
			if diff := cmp.Diff(inSpan, text(ended.Attributes())); diff != "" {
				t.Errorf("the span has other attributes:\n%s", diff)
			}
			if ended.Status().Code != c.span || (len(ended.Events()) == 1) != c.exception {
				t.Errorf("the span has the status %v and %d events", ended.Status(), len(ended.Events()))
			}
			counted := points(sdk.reader)
			if c.counted == nil {
				if len(counted) > 0 {
					t.Errorf("counted %v", counted)
				}
				return
			}
			if len(counted) != 1 || counted[0].Value != 1 {
				t.Fatalf("counted %v", counted)
			}
			if diff := cmp.Diff(c.counted, text(counted[0].Attributes.ToSlice())); diff != "" {
				t.Errorf("the counter has other attributes:\n%s", diff)
			}
		})
	}
}

// TestWithoutSDK expects no effect without an SDK, and without a recorded span.
func TestWithoutSDK(t *testing.T) {
	observe, err := statusotel.Observer(nil)
	if err != nil {
		t.Fatal(err)
	}
	observe(t.Context(), observation(503, grpccodes.Unavailable))
}

// refusingProvider has meters that cannot create a counter.
type refusingProvider struct{ embedded.MeterProvider }

type refusingMeter struct{ metric.Meter }

var errRefused = errors.New("refused")

func (refusingProvider) Meter(string, ...metric.MeterOption) metric.Meter { return refusingMeter{} }

func (refusingMeter) Int64Counter(string, ...metric.Int64CounterOption) (metric.Int64Counter, error) {
	return nil, errRefused
}

// TestRefusedCounter expects the error of the provider.
func TestRefusedCounter(t *testing.T) {
	if observe, err := statusotel.Observer(refusingProvider{}); !errors.Is(err, errRefused) || observe != nil {
		t.Errorf("the error is %v", err)
	}
}

// TestBesideOtelhttpAndOtelgrpc sends requests through a gateway with all three instrumentations.
func TestBesideOtelhttpAndOtelgrpc(t *testing.T) {
	for name, c := range map[string]struct {
		err     error
		status  int
		counter string // the only point of the counter, without the route
		server  map[string]string
		client  string // rpc.response.status_code of the span of otelgrpc
		span    codes.Code
	}{
		"success": {nil, 200, "", nil, "", codes.Unset},
		"exact 502": {
			mapping.Errorf(502, "the store is away"), 502, "UNAVAILABLE",
			map[string]string{
				"http.response.status_code": "502", "error.type": "502", "http.route": "/v1/things/{id}",
				"rpc.response.status_code": "UNAVAILABLE", "statusbridge.origin": "backend",
				"rpc.method": "statusbridge.testkit.v1.ThingService/Get", "rpc.system.name": "grpc",
			},
			"UNAVAILABLE", codes.Error,
		},
		"429 becomes 503": {
			status.Error(grpccodes.ResourceExhausted, "quota"), 503, "RESOURCE_EXHAUSTED",
			map[string]string{
				"http.response.status_code": "503", "error.type": "503",
				"rpc.response.status_code": "RESOURCE_EXHAUSTED",
			},
			"RESOURCE_EXHAUSTED", codes.Error,
		},
		"4xx": {
			status.Error(grpccodes.NotFound, "no thing"), 404, "NOT_FOUND",
			map[string]string{"http.response.status_code": "404", "rpc.response.status_code": "NOT_FOUND"},
			"NOT_FOUND", codes.Unset,
		},
	} {
		t.Run(name, func(t *testing.T) {
			sdk := newTelemetry()
			url := instrumented(t, sdk, c.err)
			response, err := http.Get(url + "/v1/things/7")
			if err != nil {
				t.Fatal(err)
			}
			_ = response.Body.Close()
			if response.StatusCode != c.status {
				t.Fatalf("status %d", response.StatusCode)
			}
			server := sdk.span(t, trace.SpanKindServer)
			attrs := text(server.Attributes())
			for key, want := range c.server {
				if attrs[key] != want {
					t.Errorf("the server span has %s=%q, want %q", key, attrs[key], want)
				}
			}
			if server.Status().Code != c.span {
				t.Errorf("the server span has the status %v", server.Status())
			}
			client := text(sdk.span(t, trace.SpanKindClient).Attributes())
			if got := client["rpc.response.status_code"]; c.err != nil && got != c.client {
				t.Errorf("otelgrpc names the code %q, want %q: %v", got, c.client, client)
			}
			counted := points(sdk.reader)
			if (c.counter == "") != (len(counted) == 0) {
				t.Fatalf("counted %v", counted)
			}
			if c.counter != "" {
				if got := text(counted[0].Attributes.ToSlice())["rpc.response.status_code"]; got != c.counter {
					t.Errorf("counted %q, want %q", got, c.counter)
				}
			}
			if got := durationStatus(t, sdk.reader); got != c.status {
				t.Errorf("otelhttp's duration has the status %d, want %d", got, c.status)
			}
		})
	}
}

// instrumented starts a gateway and a service that fails with err, with otelhttp and otelgrpc as their documentation
// shows.
func instrumented(t *testing.T, sdk telemetry, err error) string {
	t.Helper()
	observe, failed := statusotel.Observer(sdk.meters)
	if failed != nil {
		t.Fatal(failed)
	}
	service := &testkit.Service{}
	service.Behave(func(context.Context) error { return err })
	conn, failed := grpc.NewClient(testkit.ServeGRPC(t, service), gateway.DialOptions(
		grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithStatsHandler(otelgrpc.NewClientHandler(
			otelgrpc.WithTracerProvider(sdk.traces), otelgrpc.WithMeterProvider(sdk.meters))),
	)...)
	if failed != nil {
		t.Fatal(failed)
	}
	t.Cleanup(func() { _ = conn.Close() })
	bridge := gateway.New(gateway.WithObserver(observe))
	mux := bridge.NewServeMux()
	if failed := testkitv1.RegisterThingServiceHandler(context.WithoutCancel(t.Context()), mux, conn); failed != nil {
		t.Fatal(failed)
	}
	server := httptest.NewServer(otelhttp.NewHandler(bridge.Handler(mux), "gateway",
		otelhttp.WithTracerProvider(sdk.traces), otelhttp.WithMeterProvider(sdk.meters)))
	t.Cleanup(server.Close)
	return server.URL
}

// durationStatus returns the status of the only point of http.server.request.duration.
func durationStatus(t *testing.T, reader sdkmetric.Reader) int {
	t.Helper()
	var metrics metricdata.ResourceMetrics
	if err := reader.Collect(t.Context(), &metrics); err != nil {
		t.Fatal(err)
	}
	for _, scope := range metrics.ScopeMetrics {
		for _, m := range scope.Metrics {
			if durations, ok := m.Data.(metricdata.Histogram[float64]); ok && m.Name == "http.server.request.duration" {
				value, _ := durations.DataPoints[0].Attributes.Value("http.response.status_code")
				return int(value.AsInt64())
			}
		}
	}
	return 0
}
