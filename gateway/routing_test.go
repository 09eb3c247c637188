package gateway_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/status"

	"github.com/statusbridge/statusbridge/gateway"
	"github.com/statusbridge/statusbridge/internal/testkit"
)

// TestRouting sends requests that no method is bound to. grpc-gateway without this library sends 501 for a wrong
// method, and no Allow.
func TestRouting(t *testing.T) {
	t.Parallel()
	const things, thing = "POST", "DELETE, GET, PATCH, PUT"
	for _, c := range []struct {
		method, path string
		status       int
		without      int
		allow        string
	}{
		{"GET", "/", 404, 404, ""},
		{"GET", "/nowhere", 404, 404, ""},
		{"DELETE", "/v1/things/1/2/3", 404, 404, ""},
		{"HEAD", "/nowhere", 404, 404, ""},
		{"GET", "//v1/things/1", 404, 404, ""},
		{"GET", "/v1/things/1/name:rename", 404, 404, ""},
		{"POST", "/v1/things/:rename", 405, 501, thing},
		{"GET", "/v1/things", 405, 501, things},
		{"HEAD", "/v1/things", 405, 501, things},
		{"POST", "/v1/things/1", 405, 501, thing},
		{"OPTIONS", "/v1/things/1", 405, 501, thing},
		{"TRACE", "/v1/things/1", 405, 501, thing},
		{"PURGE", "/v1/things/1", 405, 501, thing},
		{"get", "/v1/things/1", 405, 501, thing},
		{"OPTIONS", "/v1/things/1:rename", 405, 501, "DELETE, GET, PATCH, POST, PUT"},
		{"GET", "/v1/things/1/cache", 405, 501, "PURGE"},
		{"POST", "/v1/things/1/name", 405, 501, "GET"},
	} {
		for _, transport := range testkit.Transports {
			t.Run(fmt.Sprint(transport, " ", c.method, " ", c.path), func(t *testing.T) {
				service := &testkit.Service{}
				request := call{Method: c.method, Path: c.path}
				r := request.To(t, bridged(t, transport, service, standard))
				alone := request.To(t, startAlone(t, transport, service))
				if c.method == http.MethodHead {
					if r.Status != c.status || r.Body != "" || alone.Status != c.status {
						t.Errorf("HEAD responded with %d %q, and %d", r.Status, r.Body, alone.Status)
					}
				} else {
					r.WantError(t, c.status, "", "")
					alone.WantError(t, c.status, "", "")
				}
				if got := strings.Join(r.Header["Allow"], "|"); got != c.allow {
					t.Errorf("Allow is %q, want %q", got, c.allow)
				}
				bare := request.To(t, bare(t, transport, service))
				if bare.Status != c.without || bare.Header["Allow"] != nil {
					t.Errorf("grpc-gateway sends %d with Allow %q, recorded is %d without", bare.Status,
						bare.Header["Allow"], c.without)
				}
				if service.Calls() != 0 {
					t.Errorf("the service was called %d times", service.Calls())
				}
			})
		}
	}
}

// TestRoutingWithoutPath sends request targets without a path: the authority form and the absolute form of RFC 9112
// section 3.2.
func TestRoutingWithoutPath(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(testkit.Register(t, testkit.InProcess, &testkit.Service{},
		standard.NewServeMux()))
	t.Cleanup(server.Close)
	for _, line := range []string{"CONNECT things:80", "GET http://things"} {
		method, _, _ := strings.Cut(line, " ")
		message, err := testkit.SendRaw(server.Listener.Addr().String(), line)
		if err != nil {
			t.Fatal(line, err)
		}
		r, err := testkit.ParseRaw(method, message)
		if err != nil {
			t.Fatal(line, err)
		}
		if err := r.ErrorDefect(); err != nil || r.Status != 400 {
			t.Errorf("%s gets %d: %v", line, r.Status, err)
		}
	}
}

// TestRoutingOfForms posts forms. grpc-gateway without this library routes a form to GET, or to the method in
// X-HTTP-Method-Override, in the order of a map.
func TestRoutingOfForms(t *testing.T) {
	t.Parallel()
	for _, header := range []http.Header{
		{"Content-Type": {"application/x-www-form-urlencoded"}},
		{"Content-Type": {"application/x-www-form-urlencoded; charset=utf-8"}},
		{"Content-Type": {"Application/X-WWW-Form-Urlencoded ;charset=utf-8"}},
		{"Content-Type": {"application/x-www-form-urlencoded"}, "X-Http-Method-Override": {"DELETE"}},
		{"Content-Type": {"application/x-www-form-urlencoded"}, "X-Http-Method-Override": {"GET"}},
		{"Content-Type": {"application/x-www-form-urlencoded"}, "X-Http-Method-Override": {"HEAD"}},
		{"Content-Type": {"application/x-www-form-urlencoded"}, "X-Http-Method-Override": {"FROB"}},
		{"X-Http-Method-Override": {"DELETE"}},
	} {
		for _, transport := range testkit.Transports {
			t.Run(fmt.Sprint(transport, " ", header), func(t *testing.T) {
				for range 10 {
					service := &testkit.Service{}
					base := bridged(t, transport, service, standard)
					r := call{Method: "POST", Body: "full=true", Header: header}.To(t, base)
					r.WantError(t, 405, "", "")
					if got, want := r.Header["Allow"], []string{"DELETE, GET, PATCH, PUT"}; !slices.Equal(got, want) {
						t.Errorf("Allow is %q, want %q", got, want)
					}
					call{Method: "POST", Path: "/v1/things", Body: "full=%zz", Header: header}.To(t, base).
						WantError(t, 400,
							"invalid request body: invalid character 'u' in literal false (expecting 'a')", "")
					call{Method: "POST", Path: "/nowhere", Body: "full=true", Header: header}.To(t, base).
						WantError(t, 404, "", "")
					if service.Calls() != 0 {
						t.Fatalf("the service was called %d times", service.Calls())
					}
				}
			})
		}
	}
}

// TestRoutingOfMalformedEscapes routes malformed percent escapes. net/http refuses them on the wire, but middleware
// can make them.
func TestRoutingOfMalformedEscapes(t *testing.T) {
	t.Parallel()
	for _, mode := range []runtime.UnescapingMode{
		runtime.UnescapingModeLegacy, runtime.UnescapingModeAllExceptReserved,
		runtime.UnescapingModeAllExceptSlash, runtime.UnescapingModeAllCharacters,
	} {
		for _, method := range []string{"GET", "OPTIONS", "HEAD", "DELETE"} {
			for _, escape := range []string{"%", "%1", "%zz", "a%2", "%%%"} {
				t.Run(fmt.Sprint(mode, " ", method, " ", escape), func(t *testing.T) {
					service := &testkit.Service{}
					mux := testkit.Register(t, testkit.InProcess, service,
						standard.NewServeMux(runtime.WithUnescapingMode(mode)))
					request := httptest.NewRequest(method, "/", nil)
					request.URL.Path, request.URL.RawPath = "/v1/things/"+escape, "/v1/things/"+escape
					recorder := httptest.NewRecorder()
					mux.ServeHTTP(recorder, request)
					r := testkit.Recorded(recorder)
					want, says := 400, "malformed path escape"
					if mode == runtime.UnescapingModeLegacy { // the unescaped path counts
						says = `invalid parameter`
						if method == "OPTIONS" {
							want, says = 405, testkit.Meanings[405]
						}
					}
					if r.Status != want {
						t.Errorf("responded with %d, want %d", r.Status, want)
					}
					if body, err := testkit.ParseErrorBody(r.Body); method != "HEAD" &&
						(err != nil || !strings.HasPrefix(body.Message, says)) {
						t.Errorf("responded with %q (%v), want %q", r.Body, err, says)
					}
					if service.Calls() != 0 {
						t.Errorf("the service was called %d times", service.Calls())
					}
				})
			}
		}
	}
}

// health is a backend's answer to a health check.
type health struct {
	status grpc_health_v1.HealthCheckResponse_ServingStatus
	err    error
	grpc_health_v1.HealthClient
}

func (h health) Check(context.Context, *grpc_health_v1.HealthCheckRequest,
	...grpc.CallOption) (*grpc_health_v1.HealthCheckResponse, error) {
	return &grpc_health_v1.HealthCheckResponse{Status: h.status}, h.err
}

// TestHealthEndpoint serves the route that an option of grpc-gateway registers.
func TestHealthEndpoint(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		health health
		status int
	}{
		{"serving", health{status: grpc_health_v1.HealthCheckResponse_SERVING}, 200},
		{"not serving", health{status: grpc_health_v1.HealthCheckResponse_NOT_SERVING}, 503},
		{"failing", health{err: status.Error(codes.Unavailable, testkit.Secret)}, 503},
	} {
		endpoint := runtime.WithHealthzEndpoint(c.health)
		{
			t.Run(c.name, func(t *testing.T) {
				base := testkit.Serve(t, standard.NewServeMux(endpoint))
				r := call{Path: "/healthz"}.To(t, base)
				if c.status == 200 {
					if r.Status != 200 {
						t.Errorf("responded with %d %s", r.Status, r.Body)
					}
				} else {
					r.WantError(t, c.status, "", "")
				}
				if head := (call{Method: "HEAD", Path: "/healthz"}).To(t, base); head.Status != c.status ||
					head.Body != "" {
					t.Errorf("HEAD gives %d %q", head.Status, head.Body)
				}
				r = call{Method: "POST", Path: "/healthz"}.To(t, base)
				r.WantError(t, 405, "", "")
				if got := r.Header["Allow"]; !slices.Equal(got, []string{"GET"}) {
					t.Errorf("Allow is %q", got)
				}
			})
		}
	}
}

// TestRoutingStatuses calls the routing handler with statuses that grpc-gateway does not use. Each response is an
// error.
func TestRoutingStatuses(t *testing.T) {
	t.Parallel()
	for given, want := range map[int]int{0: 500, 200: 500, 302: 500, 400: 400, 404: 404, 405: 405, 418: 500, 501: 501} {
		recorder := httptest.NewRecorder()
		gateway.RoutingErrorHandler(t.Context(), runtime.NewServeMux(), nil, recorder,
			httptest.NewRequest(http.MethodPost, "/nowhere", nil), given)
		if r := testkit.Recorded(recorder); r.Status != want || r.ErrorDefect() != nil {
			t.Errorf("%d is sent as %d: %v", given, r.Status, r.ErrorDefect())
		}
	}
}
