package statusotel

import (
	"context"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/metric"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
	"go.opentelemetry.io/otel/trace"

	"github.com/statusbridge/statusbridge/gateway"
)

// scope names the instrumentation.
const scope = "github.com/statusbridge/statusbridge/otel"

// Observer returns an observer for [gateway.WithObserver]. If provider is nil, it uses otel.GetMeterProvider.
//
// The observer adds 1 to the counter statusbridge.gateway.errors for each error that a client could read. The counter
// has the attributes http.request.method, http.response.status_code, http.route, rpc.response.status_code, error.type
// for a 5xx, and statusbridge.origin (see [gateway.Origin]). Each of them has few values. The metrics of otelhttp
// contain the durations.
//
// The span of the request gets the same attributes. It also gets rpc.system.name, rpc.method,
// statusbridge.error.reason, statusbridge.error.domain and statusbridge.request_id, if they are known. For a 5xx, the
// span has the status Error, and records the original error with the text that clients do not read.
//
// If the client has left, the span gets only statusbridge.client_gone, and the error is not counted.
//
// Observer returns an error if the provider cannot create the counter.
func Observer(provider metric.MeterProvider) (func(context.Context, gateway.Observation), error) {
	if provider == nil {
		provider = otel.GetMeterProvider()
	}
	counter, err := provider.Meter(scope, metric.WithSchemaURL(semconv.SchemaURL)).Int64Counter(
		"statusbridge.gateway.errors",
		metric.WithDescription("Number of requests that the gateway answered with an error."),
		metric.WithUnit("{request}"))
	if err != nil {
		return nil, err
	}
	return func(ctx context.Context, o gateway.Observation) {
		ctx = context.WithoutCancel(ctx) // the end of the request does not prevent the record
		describe(trace.SpanFromContext(ctx), o)
		if !o.ClientGone {
			counter.Add(ctx, 1, metric.WithAttributes(attributes(o)...))
		}
	}, nil
}

// describe adds the observation to the span of the request.
func describe(span trace.Span, o gateway.Observation) {
	if !span.IsRecording() {
		return
	}
	if o.ClientGone {
		span.SetAttributes(clientGoneKey.Bool(true))
		return
	}
	span.SetAttributes(attributes(o)...)
	span.SetAttributes(spanAttributes(o)...)
	if isServerError(o) {
		span.RecordError(o.Err)
		span.SetStatus(codes.Error, "")
	}
}
