// Package statusotel reports the errors of a gateway to OpenTelemetry. Its observer counts them in a metric and adds
// attributes to the span of the request:
//
//	observe, err := statusotel.Observer(nil)
//	if err != nil { ... }
//	bridge := gateway.New(gateway.WithObserver(observe))
//	server := &http.Server{Handler: otelhttp.NewHandler(bridge.Handler(mux), "gateway")}
//
// Wrap Handler with otelhttp as shown, so that the span and the metrics of otelhttp have the status that clients read.
// The names of attributes are those of the semantic conventions, version 1.43.0. Names of statusbridge begin with
// "statusbridge.".
//
// It is a separate module, so that statusbridge does not depend on OpenTelemetry.
package statusotel
