package gateway_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/statusbridge/statusbridge/gateway"
	"github.com/statusbridge/statusbridge/internal/testkit"
	"github.com/statusbridge/statusbridge/mapping"
)

// notebook is an observer that remembers.
type notebook struct {
	mu   sync.Mutex
	seen []gateway.Observation
}

func (n *notebook) observe(_ context.Context, o gateway.Observation) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.seen = append(n.seen, o)
}

func (n *notebook) one(t *testing.T) gateway.Observation {
	t.Helper()
	n.mu.Lock()
	defer n.mu.Unlock()
	if len(n.seen) != 1 {
		t.Fatalf("observed %d times: %v", len(n.seen), n.seen)
	}
	return n.seen[0]
}

// TestServerMessages withholds what a backend wrote under a 5xx unless it was attached for the client, or the options
// pass everything (DESIGN 2.4). The observer always reads the original.
func TestServerMessages(t *testing.T) {
	attached := mapping.Errorf(503, "the store is away")
	for _, c := range []struct {
		name   string
		err    error
		status int
		want   string // "" is the page's sentence
		passed string // with WithServerMessages
		code   codes.Code
		text   string // in the error that is observed
	}{
		{"unknown", status.Error(codes.Unknown, testkit.Secret), 500, "", testkit.Secret, codes.Unknown, testkit.Secret},
		{"unavailable", status.Error(codes.Unavailable, testkit.Secret), 503, "", testkit.Secret, codes.Unavailable, testkit.Secret},
		{"unimplemented", status.Error(codes.Unimplemented, "unknown service tenant.v7"), 501, "", "unknown service tenant.v7", codes.Unimplemented, "tenant.v7"},
		{"exhausted", status.Error(codes.ResourceExhausted, testkit.Secret), 503, "", testkit.Secret, codes.ResourceExhausted, testkit.Secret},
		{"undefined", status.Error(77, testkit.Secret), 500, "", testkit.Secret, 77, testkit.Secret},
		{"a Go error", errors.New(testkit.Secret), 500, "", testkit.Secret, codes.Unknown, testkit.Secret},
		{"no message", status.Error(codes.Internal, ""), 500, "", "", codes.Internal, "code = Internal"},
		{"attached", attached, 503, "the store is away", "the store is away", codes.Unavailable, "the store is away"},
		{"attached over a cause", mapping.Errorf(502, "the store is away: %w", errors.New("x")), 502, "the store is away", "the store is away", codes.Unavailable, "the store is away"},
		{"a 4xx", status.Error(codes.NotFound, testkit.Secret), 404, testkit.Secret, testkit.Secret, codes.NotFound, testkit.Secret},
	} {
		for _, transport := range testkit.Transports {
			for _, pass := range []bool{false, true} {
				t.Run(fmt.Sprint(c.name, " ", transport, " ", pass), func(t *testing.T) {
					var n notebook
					service := &testkit.Service{}
					service.Behave(testkit.Fails(c.err))
					options, want := []gateway.Option{gateway.WithObserver(n.observe)}, c.want
					if pass {
						options, want = append(options, gateway.WithServerMessages()), c.passed
					}
					call{}.To(t, bridged(t, transport, service, gateway.New(options...))).WantError(t, c.status, want, "")
					o := n.one(t)
					if o.HTTPStatus != c.status || o.GRPCCode != c.code || !strings.Contains(fmt.Sprint(o.Err), c.text) {
						t.Errorf("observed %d %v %v, want %d %v %q", o.HTTPStatus, o.GRPCCode, o.Err, c.status, c.code, c.text)
					}
					if o.RPCMethod != "/statusbridge.testkit.v1.ThingService/Get" || o.Route != "/v1/things/{id}" {
						t.Errorf("observed the method %q and the route %q", o.RPCMethod, o.Route)
					}
				})
			}
		}
	}
}

// TestObserver is called once for each error answer, wherever it comes from, and for no success.
func TestObserver(t *testing.T) {
	const get, thing = "/statusbridge.testkit.v1.ThingService/Get", "/v1/things/{id}"
	for _, c := range []struct {
		name       string
		call       call
		status     int
		code       codes.Code
		rpc, route string
	}{
		{"nowhere", call{Path: "/nowhere"}, 404, codes.NotFound, "", ""},
		{"method", call{Method: "OPTIONS"}, 405, codes.Unimplemented, "", ""},
		{"HEAD nowhere", call{Method: "HEAD", Path: "/nowhere"}, 404, codes.NotFound, "", ""},
		{"HEAD without GET", call{Method: "HEAD", Path: "/v1/things"}, 405, codes.Unimplemented, "", ""},
		{"HEAD as GET", call{Method: "HEAD", Path: "/v1/things/x"}, 400, codes.InvalidArgument, get, thing},
		{"parameter", call{Path: "/v1/things/x"}, 400, codes.InvalidArgument, get, thing},
		{"time-out", call{Header: http.Header{"Grpc-Timeout": {"never"}}}, 400, codes.InvalidArgument, "", "/v1/things/{id=*}"},
		{"backend", call{}, 404, codes.NotFound, get, thing},
	} {
		for _, transport := range testkit.Transports {
			t.Run(fmt.Sprint(c.name, " ", transport), func(t *testing.T) {
				var n notebook
				service := &testkit.Service{}
				service.Behave(testkit.Fails(testkit.ErrNotFound))
				c.call.To(t, bridged(t, transport, service, gateway.New(gateway.WithObserver(n.observe))))
				o := n.one(t)
				if o.HTTPStatus != c.status || o.GRPCCode != c.code || o.RPCMethod != c.rpc || o.Route != c.route || o.Err == nil {
					t.Errorf("observed %+v, want %d %v %q %q", o, c.status, c.code, c.rpc, c.route)
				}
			})
		}
	}
	for _, transport := range testkit.Transports {
		var n notebook
		base := bridged(t, transport, &testkit.Service{}, gateway.New(gateway.WithObserver(n.observe)))
		call{}.To(t, base)
		call{Method: "HEAD"}.To(t, base)
		if len(n.seen) > 0 {
			t.Errorf("%s: a success was observed: %v", transport, n.seen)
		}
	}
}

// TestObserverOfLateFailure has one answer, and so one observation, for a success that failed.
func TestObserverOfLateFailure(t *testing.T) {
	for _, transport := range testkit.Transports {
		var n notebook
		base := bridged(t, transport, &testkit.Service{}, gateway.New(gateway.WithObserver(n.observe)), runtime.WithForwardResponseRewriter(failingRewriter))
		call{}.To(t, base).WantError(t, 500, "", "")
		if o := n.one(t); !strings.Contains(o.Err.Error(), "cannot rewrite tenant 7") {
			t.Errorf("%s: observed %v", transport, o.Err)
		}
	}
}

// TestObserverOfAChosenStatus learns the code of the status inside a runtime.HTTPStatusError, and of one without a status
// the code that the choice is read as.
func TestObserverOfAChosenStatus(t *testing.T) {
	for _, c := range []struct {
		err    error
		status int
		code   codes.Code
	}{
		{&runtime.HTTPStatusError{HTTPStatus: 405, Err: errors.New(testkit.Secret)}, 405, codes.Unimplemented},
		{&runtime.HTTPStatusError{HTTPStatus: 403, Err: testkit.ErrNotFound}, 403, codes.NotFound},
		{&runtime.HTTPStatusError{HTTPStatus: 418, Err: errors.New(testkit.Secret)}, 500, codes.Unknown},
	} {
		var n notebook
		service := &testkit.Service{}
		service.Behave(testkit.Fails(c.err))
		call{}.To(t, bridged(t, testkit.InProcess, service, gateway.New(gateway.WithObserver(n.observe))))
		if o := n.one(t); o.HTTPStatus != c.status || o.GRPCCode != c.code {
			t.Errorf("%v: observed %d %v, want %d %v", c.err, o.HTTPStatus, o.GRPCCode, c.status, c.code)
		}
	}
}
