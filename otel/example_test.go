package otel_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
	sdk "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"

	"github.com/statusbridge/statusbridge/gateway"
	"github.com/statusbridge/statusbridge/mapping"
)

// countErrors returns an observer that counts what is not a plain success. The attributes that OpenTelemetry's semantic
// conventions have are named as they say; origin is ours. Their values are few, whatever clients send: no path, no text.
func countErrors(meter metric.Meter) (func(context.Context, gateway.Observation), error) {
	errors, err := meter.Int64Counter("gateway.errors",
		metric.WithDescription("Answers of the gateway that are errors."), metric.WithUnit("{answer}"))
	if err != nil {
		return nil, err
	}
	return func(ctx context.Context, o gateway.Observation) {
		if o.ClientGone {
			return // nobody read it
		}
		// The request's deadline must not keep it from being counted.
		errors.Add(context.WithoutCancel(ctx), 1, metric.WithAttributes(
			attribute.Int("http.response.status_code", o.HTTPStatus),
			attribute.String("http.route", o.Route),
			attribute.Int("rpc.grpc.status_code", int(o.GRPCCode)),
			attribute.String("origin", string(o.Origin)),
		))
	}, nil
}

// A dashboard of this counter by status and origin says whose fault the errors are.
func Example() {
	reader := sdk.NewManualReader()
	meter := sdk.NewMeterProvider(sdk.WithReader(reader)).Meter("example")
	observe, err := countErrors(meter)
	if err != nil {
		panic(err)
	}
	mux := gateway.New(gateway.WithObserver(observe)).NewServeMux()
	err = mux.HandlePath(http.MethodGet, "/v1/things/{id}", func(w http.ResponseWriter, r *http.Request, _ map[string]string) {
		gateway.New().WriteError(w, r, mapping.Errorf(503, "the store is away"))
	})
	if err != nil {
		panic(err)
	}

	for _, path := range []string{"/v1/things/1", "/v1/things/2", "/v1/nothing"} {
		mux.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, path, nil))
	}
	for _, line := range counted(reader) {
		fmt.Println(line)
	}
	// Output:
	// 1 http.response.status_code=404 http.route= origin=request rpc.grpc.status_code=5
	// 2 http.response.status_code=503 http.route=/v1/things/{id=*} origin=gateway rpc.grpc.status_code=14
}

// counted reads what an exporter would send.
func counted(reader sdk.Reader) []string {
	var metrics metricdata.ResourceMetrics
	if err := reader.Collect(context.Background(), &metrics); err != nil {
		panic(err)
	}
	var lines []string
	for _, scope := range metrics.ScopeMetrics {
		for _, m := range scope.Metrics {
			for _, point := range m.Data.(metricdata.Sum[int64]).DataPoints {
				line := fmt.Sprint(point.Value)
				for _, a := range point.Attributes.ToSlice() {
					line += fmt.Sprintf(" %s=%s", a.Key, a.Value.String())
				}
				lines = append(lines, line)
			}
		}
	}
	slices.Sort(lines)
	return lines
}
