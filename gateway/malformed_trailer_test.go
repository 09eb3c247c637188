package gateway_test

import (
	"maps"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/grpc/metadata"

	"github.com/statusbridge/statusbridge/gateway"
	"github.com/statusbridge/statusbridge/internal/testkit"
)

// TestMalformedTrailers are trailers that FuzzTrailers found to break the message that they are put into: clients refused
// the whole answer. Over a network gRPC does not carry them. The others come.
func TestMalformedTrailers(t *testing.T) {
	for name, trailer := range map[string]metadata.MD{
		"a NUL in a value":         {"note": {"a\x00b"}},
		"a line break in a value":  {"note": {"a\r\nInjected: yes"}},
		"a comma in a name":        {"note,content-length": {"3"}},
		"a line break in a name":   {"note\r\ninjected": {"yes"}},
		"a character beyond ASCII": {"note\xe9": {"x"}},
		"no name":                  {"": {"x"}},
	} {
		for matcher, option := range map[string][]runtime.ServeMuxOption{
			"default": nil, "identity": {runtime.WithOutgoingTrailerMatcher(identity)},
		} {
			t.Run(name+" "+matcher, func(t *testing.T) {
				trailer["sum"] = []string{"7"}
				service := &testkit.Service{}
				service.Behave(testkit.Sets(nil, trailer, nil))
				server := httptest.NewServer(testkit.Register(t, testkit.InProcess, service, gateway.New().NewServeMux(option...)))
				t.Cleanup(server.Close)
				message, err := testkit.SendRaw(server.Listener.Addr().String(), "GET /v1/things/1", "TE: trailers")
				if err != nil {
					t.Fatal(err)
				}
				r, err := testkit.ParseRaw(http.MethodGet, message)
				if err != nil {
					t.Fatal(err)
				}
				// A trailer that was announced and did not come is nil.
				maps.DeleteFunc(r.Trailer, func(_ string, values []string) bool { return values == nil })
				sum := map[string]string{"default": "Grpc-Trailer-Sum", "identity": "Sum"}[matcher]
				if r.Status != 200 || len(r.Trailer) != 1 || r.Trailer.Get(sum) != "7" {
					t.Errorf("answered %d with the trailers %q", r.Status, r.Trailer)
				}
			})
		}
	}
}
