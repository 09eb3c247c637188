// Package otel shows how the answers of a gateway become OpenTelemetry metrics. Its example is all there is: an observer
// that counts. It is a module of its own, so that OpenTelemetry is no dependency of statusbridge.
package otel
