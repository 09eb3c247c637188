package gateway_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"

	"github.com/statusbridge/statusbridge/gateway"
	"github.com/statusbridge/statusbridge/internal/testkit"
	"github.com/statusbridge/statusbridge/internal/testkit/testkitv1"
)

// untilDone is a service that waits for the end of its call, and says so if it has no deadline to wait for.
func untilDone(t *testing.T) *testkit.Service {
	service := &testkit.Service{}
	service.Behave(func(ctx context.Context) error {
		if deadline, ok := ctx.Deadline(); !ok || time.Until(deadline) > time.Minute {
			t.Error("the call has no deadline, or a long one")
			return nil
		}
		<-ctx.Done()
		return ctx.Err()
	})
	return service
}

// TestDeadlineOfEveryHandler adds a middleware to a mux that is made already. The handlers that are registered behind it
// have their deadline, the first as well, and a timeout that cannot be read is refused for each.
func TestDeadlineOfEveryHandler(t *testing.T) {
	passOn := func(next runtime.HandlerFunc) runtime.HandlerFunc { return next }
	mux := gateway.New(gateway.WithDeadline(50 * time.Millisecond)).NewServeMux()
	runtime.WithMiddlewares(passOn)(mux)
	base := testkit.Serve(t, testkit.Connect(t, testkit.ServeGRPC(t, untilDone(t)), mux))
	for _, method := range []string{http.MethodGet, http.MethodDelete} {
		call{Method: method, Path: "/v1/things/1"}.To(t, base).WantError(t, 504, "", "")
		long := call{Method: method, Path: "/v1/things/1", Header: http.Header{"Grpc-Timeout": {"10H"}}}
		long.To(t, base).WantError(t, 504, "", "")
		bad := call{Method: method, Path: "/v1/things/1", Header: http.Header{"Grpc-Timeout": {"99999999999H"}}}
		if r := bad.To(t, base); r.Status != 400 || !strings.Contains(r.Body, "invalid header Grpc-Timeout") {
			t.Errorf("%s is answered with %d %s", method, r.Status, r.Body)
		}
	}
}

// TestDeadlineOfMiddleware has middleware inside the bridge make a call of its own, as one that authorizes does. It has
// the deadline, and is not asked with a timeout that cannot be read.
func TestDeadlineOfMiddleware(t *testing.T) {
	var mux *runtime.ServeMux
	asked := 0
	authorizing := func(next runtime.HandlerFunc) runtime.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request, pathParams map[string]string) {
			asked++
			ctx, err := runtime.AnnotateContext(r.Context(), mux, r, testkitv1.ThingService_Get_FullMethodName)
			if deadline, ok := ctx.Deadline(); err != nil || !ok || time.Until(deadline) > time.Minute {
				t.Errorf("the middleware's call ends at %v: %v", deadline, err)
			}
			next(w, r, pathParams)
		}
	}
	mux = gateway.New(gateway.WithDeadline(time.Second)).NewServeMux(runtime.WithMiddlewares(authorizing))
	base := testkit.Serve(t, testkit.Connect(t, testkit.ServeGRPC(t, &testkit.Service{}), mux))
	long := call{Path: "/v1/things/1", Header: http.Header{"Grpc-Timeout": {"10H"}}}
	if r := long.To(t, base); r.Status != 200 {
		t.Errorf("answered with %d %s", r.Status, r.Body)
	}
	bad := call{Path: "/v1/things/1", Header: http.Header{"Grpc-Timeout": {"bogus"}}}
	if r := bad.To(t, base); r.Status != 400 || !strings.Contains(r.Body, "invalid header Grpc-Timeout") || asked != 1 {
		t.Errorf("answered with %d %s, and the middleware was asked %d times", r.Status, r.Body, asked)
	}
}

// TestDeadlineBehindADetachedContext has middleware take the end out of the context: the call has its deadline anew.
func TestDeadlineBehindADetachedContext(t *testing.T) {
	detaching := func(next runtime.HandlerFunc) runtime.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request, pathParams map[string]string) {
			next(w, r.WithContext(t.Context()), pathParams)
		}
	}
	mux := gateway.New(gateway.WithDeadline(50 * time.Millisecond)).NewServeMux(runtime.WithMiddlewares(detaching))
	base := testkit.Serve(t, testkit.Connect(t, testkit.ServeGRPC(t, untilDone(t)), mux))
	call{Path: "/v1/things/1"}.To(t, base).WantError(t, 504, "", "")
}

// TestDeadlineOfANestedMux calls through a mux behind another one: its own deadline counts, though that of the other is in
// force.
func TestDeadlineOfANestedMux(t *testing.T) {
	inner := gateway.New(gateway.WithDeadline(50 * time.Millisecond)).NewServeMux()
	backed := testkit.Connect(t, testkit.ServeGRPC(t, untilDone(t)), inner)
	outer := gateway.New(gateway.WithDeadline(time.Hour)).NewServeMux()
	err := outer.HandlePath(http.MethodGet, "/v1/{rest=**}", func(w http.ResponseWriter, r *http.Request, _ map[string]string) {
		backed.ServeHTTP(w, r)
	})
	if err != nil {
		t.Fatal(err)
	}
	call{Path: "/v1/things/1"}.To(t, testkit.Serve(t, outer)).WantError(t, 504, "", "")
}
