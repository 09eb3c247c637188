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

// Observer returns an observer for [gateway.WithObserver]. A nil provider is the global one.
//
// The observer adds 1 to the counter statusbridge.gateway.errors for each error that a client could read. The counter
// has these attributes, all with few values: http.response.status_code, http.route, rpc.response.status_code,
// error.type for a 5xx, and statusbridge.origin (see [gateway.Origin]).
//
// The span of the request gets the same attributes, and rpc.system.name and rpc.method if the request was bound to a
// method. For a 5xx, its status is Error and the original error is recorded, with the text that clients do not read.
// If the client has left, the span gets statusbridge.client_gone instead, and nothing is counted.
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

// describe adds what is known of an error to the span of the request.
func describe(span trace.Span, o gateway.Observation) {
	if !span.IsRecording() {
		return
	}
	if o.ClientGone {
		span.SetAttributes(clientGoneKey.Bool(true))
		return
	}
	span.SetAttributes(attributes(o)...)
	span.SetAttributes(rpcAttributes(o)...)
	if isServerError(o) {
		span.RecordError(o.Err)
		span.SetStatus(codes.Error, "")
	}
}
