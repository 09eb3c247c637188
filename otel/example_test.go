package statusotel_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"

	"go.opentelemetry.io/otel/attribute"
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
	err = mux.HandlePath(http.MethodGet, "/v1/things/{id}", func(w http.ResponseWriter, r *http.Request, _ map[string]string) {
		bridge.WriteError(w, r, mapping.Errorf(503, "the store is away"))
	})
	if err != nil {
		panic(err)
	}

	for _, path := range []string{"/v1/things/1", "/v1/things/2", "/v1/nothing"} {
		mux.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, path, nil))
	}
	for _, point := range points(reader) {
		fmt.Println(point.Value, point.Attributes.Encoded(attribute.DefaultEncoder()))
	}
	// Unordered output:
	// 1 http.response.status_code=404,rpc.response.status_code=NOT_FOUND,statusbridge.origin=request
	// 2 error.type=503,http.response.status_code=503,http.route=/v1/things/{id\=*},rpc.response.status_code=UNAVAILABLE,statusbridge.origin=gateway
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
