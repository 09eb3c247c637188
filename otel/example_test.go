package statusotel_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"

	sdk "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"

	"github.com/statusbridge/statusbridge/gateway"
	"github.com/statusbridge/statusbridge/mapping"
	statusotel "github.com/statusbridge/statusbridge/otel"
)

// A dashboard of this counter by status and origin shows whose fault the errors are.
func ExampleObserver() {
	reader := sdk.NewManualReader()
	observe, err := statusotel.Observer(sdk.NewMeterProvider(sdk.WithReader(reader)))
	if err != nil {
		panic(err)
	}
	bridge := gateway.New(gateway.WithObserver(observe))
	mux := bridge.NewServeMux()
	fail := func(w http.ResponseWriter, r *http.Request, _ map[string]string) {
		bridge.WriteError(w, r, mapping.Errorf(503, "the store is away"))
	}
	err = mux.HandlePath(http.MethodGet, "/v1/things/{id}", fail)
	if err != nil {
		panic(err)
	}

	for _, path := range []string{"/v1/things/1", "/v1/things/2"} {
		mux.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, path, nil))
	}
	for _, point := range points(reader) {
		for _, a := range point.Attributes.ToSlice() {
			fmt.Println(a.Key, a.Value.String())
		}
		fmt.Println("counted", point.Value)
	}
	// Output:
	// error.type 503
	// http.request.method GET
	// http.response.status_code 503
	// http.route /v1/things/{id=*}
	// rpc.response.status_code UNAVAILABLE
	// statusbridge.origin gateway
	// counted 2
}

// points reads the counter as an exporter does.
func points(reader sdk.Reader) []metricdata.DataPoint[int64] {
	var metrics metricdata.ResourceMetrics
	if err := reader.Collect(context.Background(), &metrics); err != nil {
		panic(err)
	}
	for _, scope := range metrics.ScopeMetrics {
		for _, m := range scope.Metrics {
			if m.Name == "statusbridge.gateway.errors" {
				return m.Data.(metricdata.Sum[int64]).DataPoints
			}
		}
	}
	return nil
}
