package gateway_test

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/statusbridge/statusbridge/gateway"
	"github.com/statusbridge/statusbridge/internal/probe"
)

// TestHostileHeaders sends what a backend would say, as a client: the control key under each of its names, gRPC's own
// keys, details, and headers of answers. None of it has a part in the answer.
func TestHostileHeaders(t *testing.T) {
	headers := http.Header{}
	for _, prefix := range []string{"", "Grpc-Metadata-", "Grpc-Trailer-"} {
		for name, value := range map[string]string{
			"Statusbridge-Http-Status": "204", "Grpc-Status": "0", "Grpc-Message": "hostile", "Grpc-Status-Details-Bin": "CAA",
			"Www-Authenticate": "Hostile", "Retry-After": "7", "Allow": "HOSTILE", "Location": "http://hostile", "Status": "200",
		} {
			headers[prefix+name] = []string{value}
		}
	}
	for _, transport := range probe.Transports {
		for _, c := range []struct {
			call   call
			behave probe.Behaviour
			status int
		}{
			{call{}, nil, 200},
			{call{method: "POST", path: "/v1/things/1:suspend", body: "{}"}, nil, 202},
			{call{}, chooses(202), 202},
			{call{}, fails(errNotFound), 404},
			{call{method: "OPTIONS"}, nil, 405},
			{call{path: "/v1/nothing"}, nil, 404},
			{call{path: "/v1/things/x"}, nil, 400},
		} {
			t.Run(fmt.Sprint(transport, " ", c.call.method, " ", c.call.path, " ", c.status), func(t *testing.T) {
				service := &probe.Service{}
				service.Behave(c.behave)
				base := bridged(t, transport, service, probe.Bridge(gateway.New()), withIdentity)
				plain := c.call.to(t, base)
				c.call.header = headers
				r := c.call.to(t, base)
				if r.status != c.status || plain.status != c.status {
					t.Errorf("answered %d, and %d without the headers", r.status, plain.status)
				}
				delete(r.header, "Date")
				delete(plain.header, "Date")
				// The spacing of a success is protojson's, and differs from one to the next.
				if c.status >= 400 && (r.body != plain.body || fmt.Sprint(r.header) != fmt.Sprint(plain.header)) {
					t.Errorf("answered %q %v, and %q %v without the headers", r.body, r.header, plain.body, plain.header)
				}
				for _, name := range []string{"Retry-After", "Location", "Www-Authenticate", "Status"} {
					if got := r.header[name]; got != nil {
						t.Errorf("%s is %q", name, got)
					}
				}
				if err := leak(r.header); err != nil {
					t.Error(err)
				}
			})
		}
	}
}
