package statusotel

import (
	"net/http"
	"strconv"
	"strings"

	"go.opentelemetry.io/otel/attribute"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
	"google.golang.org/genproto/googleapis/rpc/code"
	"google.golang.org/grpc/codes"

	"github.com/statusbridge/statusbridge/gateway"
)

// The attributes that the semantic conventions do not have.
const (
	originKey     = attribute.Key("statusbridge.origin")
	clientGoneKey = attribute.Key("statusbridge.client_gone")
	reasonKey     = attribute.Key("statusbridge.error.reason")
	domainKey     = attribute.Key("statusbridge.error.domain")
	requestIDKey  = attribute.Key("statusbridge.request_id")
)

// attributes returns the attributes with few values, which metrics can have. Clients and backends cannot add values.
func attributes(o gateway.Observation) []attribute.KeyValue {
	attrs := []attribute.KeyValue{
		semconv.HTTPResponseStatusCode(o.HTTPStatus),
		semconv.RPCResponseStatusCode(codeName(o.GRPCCode)),
		originKey.String(string(o.Origin)),
	}
	if o.HTTPMethod != "" {
		attrs = append(attrs, method(o.HTTPMethod))
	}
	if o.Route != "" {
		attrs = append(attrs, semconv.HTTPRoute(o.Route))
	}
	if isServerError(o) {
		// The conventions for HTTP servers: the status code, and only for a 5xx.
		attrs = append(attrs, semconv.ErrorTypeKey.String(strconv.Itoa(o.HTTPStatus)))
	}
	return attrs
}

// spanAttributes returns the attributes with many values, which only a span can have.
func spanAttributes(o gateway.Observation) []attribute.KeyValue {
	var attrs []attribute.KeyValue
	if o.RPCMethod != "" {
		attrs = append(attrs, semconv.RPCSystemNameGRPC, semconv.RPCMethod(strings.TrimPrefix(o.RPCMethod, "/")))
	}
	for _, a := range []attribute.KeyValue{
		reasonKey.String(o.Reason), domainKey.String(o.Domain), requestIDKey.String(o.RequestID),
	} {
		if a.Value.AsString() != "" {
			attrs = append(attrs, a)
		}
	}
	return attrs
}

// method returns the attribute of a request method. Methods that the conventions do not list are _OTHER.
func method(name string) attribute.KeyValue {
	for _, known := range []attribute.KeyValue{
		semconv.HTTPRequestMethodConnect, semconv.HTTPRequestMethodDelete, semconv.HTTPRequestMethodGet,
		semconv.HTTPRequestMethodHead, semconv.HTTPRequestMethodOptions, semconv.HTTPRequestMethodPatch,
		semconv.HTTPRequestMethodPost, semconv.HTTPRequestMethodPut, semconv.HTTPRequestMethodQuery,
		semconv.HTTPRequestMethodTrace,
	} {
		if known.Value.AsString() == name {
			return known
		}
	}
	return semconv.HTTPRequestMethodOther
}

// isServerError reports whether the semantic conventions count an error as one of the HTTP server.
func isServerError(o gateway.Observation) bool {
	return o.HTTPStatus >= http.StatusInternalServerError
}

// codeName returns the name of a code as google.rpc.Code spells it. Undefined codes are UNKNOWN, as gRPC documents, so
// that a backend cannot create time series.
func codeName(c codes.Code) string {
	if name, ok := code.Code_name[int32(c)]; ok {
		return name
	}
	return code.Code_UNKNOWN.String()
}
