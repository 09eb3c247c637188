package gateway_test

import (
	"strings"
	"testing"
	"time"

	"github.com/statusbridge/statusbridge/gateway"
	"github.com/statusbridge/statusbridge/internal/testkit"
)

// TestDeadlineRouteIsMissing logs a route of WithDeadline that the mux does not have, at the first request and once. It
// is not parallel, because it reads grpc-go's log.
func TestDeadlineRouteIsMissing(t *testing.T) {
	for route, exists := range map[string]bool{
		"/v1/things":                     true,
		"/v1/things/{id}":                true,
		"/v1/things/{id=*}":              true,
		"/v1/things/{id}:rename":         true,
		"/v1/things/{id}/name":           true,
		"GET /v1/things/{id}":            true,
		"PURGE /v1/things/{id}/cache":    true,
		"/v1/things/{id}/cache":          true,
		"/own/{name=shelves/*/books/**}": true,
		"GET /own/*/page/**":             true,
		"/v1/thing":                      false,
		"/v1/things/{name}":              false,
		"/v1/things/{id}:reset":          false,
		"/v1/things/7":                   false,
		"POST /v1/things/{id}":           false,
		"GET /v1/things":                 false,
		"HEAD /v1/things/{id}":           false,
		"/own/{name=shelves/*}":          false,
		"POST /own/*/page/**":            false,
	} {
		service := &testkit.Service{}
		bridge := gateway.New(gateway.WithDeadline(time.Hour), gateway.WithDeadline(time.Minute, route))
		mux := testkit.Register(t, testkit.InProcess, service, bridge.NewServeMux())
		handlePath(t, mux, "/own/{name=shelves/*/books/**}", says("books"))
		handlePath(t, mux, "/own/*/page/**", says("pages"))
		base := testkit.Serve(t, mux)
		grpcErrors.reset()
		call{}.To(t, base)
		logged := grpcErrors.reset()
		if want := strings.ReplaceAll(route, "=*}", "}"); exists && logged != "" ||
			!exists && !strings.Contains(logged, `WithDeadline names "`+want+`"`) {
			t.Errorf("%s: logged %q", route, logged)
		}
		call{}.To(t, base)
		if again := grpcErrors.reset(); again != "" {
			t.Errorf("%s: logged %q at the second request", route, again)
		}
		if calls := service.Calls(); calls != 2 {
			t.Errorf("%s: the service was called %d times", route, calls)
		}
	}
}
