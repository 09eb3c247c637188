package gateway_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"

	"github.com/statusbridge/statusbridge/gateway"
	"github.com/statusbridge/statusbridge/internal/testkit"
	"github.com/statusbridge/statusbridge/mapping"
)

// TestStreamSuccess has handlers of streams choose the status of their success. It leaves with the first message or at
// the end, and an error before that wins.
func TestStreamSuccess(t *testing.T) {
	for _, c := range []struct {
		name   string
		call   call
		before int // messages
	}{
		{"watch", watch, 2}, {"watch without a message", watch, 0}, {"download", export, 2},
		{"both ways", routes[6].call, 2}, {"both ways without a message", routes[6].call, 0},
	} {
		for _, protocol := range testkit.Protocols {
			for _, httpStatus := range []int{0, 200, 202, 204} {
				for _, err := range []error{nil, mapping.Errorf(409, "changed")} {
					t.Run(fmt.Sprint(c.name, " ", protocol, " ", httpStatus, " ", err), func(t *testing.T) {
						service := &testkit.Service{}
						service.BehaveStream(func(ctx context.Context, send func() error) error {
							if httpStatus != 0 {
								if err := mapping.SetHTTPStatus(ctx, httpStatus); err != nil {
									return err
								}
							}
							return testkit.Sends(c.before, err)(ctx, send)
						})
						s := testkit.ServeOver(t, protocol, testkit.Register(t, testkit.Network, service, gateway.New().NewServeMux(withIdentity)))
						response, body := c.call.Follow(t.Context(), t, s)
						if err := testkit.Leak(response.Header); err != nil {
							t.Error(err)
						}
						want := max(200, httpStatus)
						if err != nil && c.before == 0 {
							want = 409
						}
						if response.StatusCode != want {
							t.Errorf("answered %d, want %d", response.StatusCode, want)
						}
						first, _ := body.ReadString('\n')
						if wantBody := want != 204 && c.before > 0 || want == 409; (first != "") != wantBody {
							t.Errorf("the body begins with %q", first)
						}
						if contentType := response.Header["Content-Type"]; want == 204 && contentType != nil {
							t.Errorf("a 204 has the content type %q", contentType)
						}
					})
				}
			}
		}
	}
}

// TestStreamSuccessTooLate is told so by SetHTTPStatus once the header has gone; what was chosen before stays.
func TestStreamSuccessTooLate(t *testing.T) {
	service := &testkit.Service{}
	var late error
	service.BehaveStream(func(ctx context.Context, send func() error) error {
		if err := mapping.SetHTTPStatus(ctx, 202); err != nil {
			return err
		}
		if err := send(); err != nil {
			return err
		}
		late = mapping.SetHTTPStatus(ctx, 204)
		return send()
	})
	r := watch.To(t, bridged(t, testkit.Network, service, gateway.New()))
	if r.Status != 202 || strings.Count(r.Body, "\n") != 2 || late == nil {
		t.Errorf("answered %d %q, and the service was told %v", r.Status, r.Body, late)
	}
}

// TestPrefix has a forward option write the first bytes of a body, as one against JSON hijacking does. They commit the
// answer: under the chosen status, and without the control metadata, wherever the bridge stands.
func TestPrefix(t *testing.T) {
	prefix := runtime.WithForwardResponseOption(writes(")]}',\n"))
	for _, transport := range testkit.Transports {
		{
			for _, matcher := range []runtime.ServeMuxOption{withIdentity, withPrefix} {
				t.Run(string(transport), func(t *testing.T) {
					service := &testkit.Service{}
					service.Behave(testkit.Sets(backendHeader, nil, nil))
					r := call{}.To(t, bridged(t, transport, service, gateway.New(), prefix, matcher))
					if r.Status != 202 || !strings.HasPrefix(r.Body, ")]}',\n{") {
						t.Errorf("answered %d %q", r.Status, r.Body)
					}
					if err := testkit.Leak(r.Header); err != nil {
						t.Error(err)
					}
				})
			}
		}
	}
}

// TestTrailerNames announces no trailer that does not come: the name of the control key, of binary metadata and of
// gRPC's own is theirs as well.
func TestTrailerNames(t *testing.T) {
	service := &testkit.Service{}
	service.Behave(testkit.Sets(nil, map[string][]string{
		"checksum": {"7"}, "trace-bin": {"\x00"}, "statusbridge-http-status": {"202"},
	}, nil))
	for _, protocol := range testkit.Protocols {
		for _, transport := range testkit.Transports {
			s := testkit.ServeOver(t, protocol, testkit.Register(t, transport, service, gateway.New().NewServeMux()))
			r := call{Header: http.Header{"Te": {"trailers"}}}.At(t, s)
			if got := fmt.Sprint(r.Trailer); got != "map[Grpc-Trailer-Checksum:[7]]" {
				t.Errorf("%s %s: the trailers are %v", protocol, transport, got)
			}
		}
	}
}
