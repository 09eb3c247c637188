package gateway_test

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/statusbridge/statusbridge/gateway"
	"github.com/statusbridge/statusbridge/internal/testkit"
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
	for _, transport := range testkit.Transports {
		for _, c := range []struct {
			call   call
			behave testkit.Behaviour
			status int
		}{
			{call{}, nil, 200},
			{call{Method: "POST", Path: "/v1/things/1:suspend", Body: "{}"}, nil, 202},
			{call{}, chooses(202), 202},
			{call{}, testkit.Fails(testkit.ErrNotFound), 404},
			{call{Method: "OPTIONS"}, nil, 405},
			{call{Path: "/v1/nothing"}, nil, 404},
			{call{Path: "/v1/things/x"}, nil, 400},
		} {
			t.Run(fmt.Sprint(transport, " ", c.call.Method, " ", c.call.Path, " ", c.status), func(t *testing.T) {
				service := &testkit.Service{}
				service.Behave(c.behave)
				base := bridged(t, transport, service, gateway.New(), withIdentity)
				plain := c.call.To(t, base)
				c.call.Header = headers
				r := c.call.To(t, base)
				if r.Status != c.status || plain.Status != c.status {
					t.Errorf("answered %d, and %d without the headers", r.Status, plain.Status)
				}
				delete(r.Header, "Date")
				delete(plain.Header, "Date")
				// The spacing of a success is protojson's, and differs from one to the next.
				if c.status >= 400 && (r.Body != plain.Body || fmt.Sprint(r.Header) != fmt.Sprint(plain.Header)) {
					t.Errorf("answered %q %v, and %q %v without the headers", r.Body, r.Header, plain.Body, plain.Header)
				}
				for _, name := range []string{"Retry-After", "Location", "Www-Authenticate", "Status"} {
					if got := r.Header[name]; got != nil {
						t.Errorf("%s is %q", name, got)
					}
				}
				if err := testkit.Leak(r.Header); err != nil {
					t.Error(err)
				}
			})
		}
	}
}
