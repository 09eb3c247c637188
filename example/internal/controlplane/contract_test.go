package controlplane_test

import (
	"net/http"
	"strings"
	"testing"

	"google.golang.org/grpc"

	"github.com/statusbridge/statusbridge/contracttest"
	"github.com/statusbridge/statusbridge/example/internal/apitest"
	"github.com/statusbridge/statusbridge/example/internal/controlplane"
	"github.com/statusbridge/statusbridge/gateway"
	"github.com/statusbridge/statusbridge/mapping"
)

// dial is the connection of the control plane.
var dial = contracttest.WithDialOptions(gateway.DialOptions()...)

// TestContract calls every route of the API while its backends fail. Middleware requires a token, and each request has
// one.
func TestContract(t *testing.T) {
	bridge := gateway.New()
	contracttest.Run(t, func(conn *grpc.ClientConn) http.Handler {
		api := newHandler(t, conn)
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Header.Get("Authorization") == "" {
				bridge.WriteError(w, r, mapping.Errorf(http.StatusUnauthorized, "a bearer token is required"))
				return
			}
			api.ServeHTTP(w, r)
		})
	}, dial, contracttest.WithRequest(func(r *http.Request) {
		r.Header.Set("Authorization", "Bearer test")
	}))
}

func newHandler(t *testing.T, conn *grpc.ClientConn) http.Handler {
	t.Helper()
	handler, err := controlplane.NewHandler(conn)
	if err != nil {
		t.Fatal(err)
	}
	return handler
}

// TestContractWithoutToken calls the running API without a token and with wrong ones.
func TestContractWithoutToken(t *testing.T) {
	plane := apitest.Start(t, controlplane.Config{})
	client := &http.Client{Transport: contracttest.RoundTripper(nil, func(v contracttest.Violation) { t.Error(v) })}
	for _, route := range []string{
		"GET /api/v1/org-unit/projects", "POST /api/v1/org-unit/projects", "DELETE /api/v1/org-unit/projects/7",
		"GET /api/v1/workloads", "POST /api/v1/workloads/workspaces/7/suspend", "PATCH /api/v1/workloads",
		"GET /nothing",
	} {
		for _, token := range []string{"", "Bearer wrong", "Basic dGVzdDp0ZXN0"} {
			method, path, _ := strings.Cut(route, " ")
			request, err := http.NewRequestWithContext(t.Context(), method, plane.URL()+path, strings.NewReader("{}"))
			if err != nil {
				t.Fatal(err)
			}
			if token != "" {
				request.Header.Set("Authorization", token)
			}
			response, err := client.Do(request)
			if err != nil {
				t.Fatal(err)
			}
			if err := response.Body.Close(); err != nil {
				t.Error(err)
			}
			if response.StatusCode < 400 {
				t.Errorf("%s with %q: got %d", route, token, response.StatusCode)
			}
		}
	}
}
