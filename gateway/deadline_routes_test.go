package gateway_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/statusbridge/statusbridge/gateway"
	"github.com/statusbridge/statusbridge/internal/testkit"
)

// TestDeadlineRouteIsMissing logs a route of WithDeadline that the mux does not have, and the methods that were tried,
// at the first request and once. PURGE is a method of a linked rule, and LOCK is not. The test is not parallel, because
// it reads grpc-go's log.
func TestDeadlineRouteIsMissing(t *testing.T) {
	const known = "CONNECT, DELETE, GET, HEAD, OPTIONS, PATCH, POST, PURGE, PUT, TRACE"
	for route, tried := range map[string]string{ // empty for a route of the mux
		"/v1/things":                     "",
		"/v1/things/{id}":                "",
		"/v1/things/{id=*}":              "",
		"/v1/things/{id}:rename":         "",
		"/v1/things/{id}/name":           "",
		"GET /v1/things/{id}":            "",
		"PURGE /v1/things/{id}/cache":    "",
		"/v1/things/{id}/cache":          "",
		"/own/{name=shelves/*/books/**}": "",
		"GET /own/*/page/**":             "",
		"LOCK /own/locked":               "",
		"/own/locked":                    known,
		"/v1/thing":                      known,
		"/v1/things/{name}":              known,
		"/v1/things/{id}:reset":          known,
		"/v1/things/7":                   known,
		"POST /v1/things/{id}":           "POST",
		"GET /v1/things":                 "GET",
		"HEAD /v1/things/{id}":           "HEAD",
		"/own/{name=shelves/*}":          known,
		"POST /own/*/page/**":            "POST",
	} {
		service := &testkit.Service{}
		bridge := gateway.New(gateway.WithDeadline(time.Hour), gateway.WithDeadline(time.Minute, route))
		mux := testkit.Register(t, testkit.InProcess, service, bridge.NewServeMux())
		handlePath(t, mux, "/own/{name=shelves/*/books/**}", says("books"))
		handlePath(t, mux, "/own/*/page/**", says("pages"))
		if err := mux.HandlePath("LOCK", "/own/locked", says("locked")); err != nil {
			t.Fatal(err)
		}
		base := testkit.Serve(t, mux)
		grpcErrors.reset()
		call{}.To(t, base)
		logged := grpcErrors.reset()
		want := fmt.Sprintf("WithDeadline names %q, and the mux has no such route for %s\n", route, tried)
		if tried == "" && logged != "" || tried != "" && !strings.HasSuffix(logged, want) {
			t.Errorf("%s: logged %q, want %q", route, logged, want)
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
