package gateway_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"

	"github.com/statusbridge/statusbridge/gateway"
	"github.com/statusbridge/statusbridge/internal/testkit"
)

// TestRouting is about requests that reach no method. grpc-gateway answers a wrong method with 501 and without Allow.
func TestRouting(t *testing.T) {
	const things, thing = "POST", "DELETE, GET, PATCH, PUT"
	for _, c := range []struct {
		method, path string
		status       int
		stock        int
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
				r := request.To(t, bridged(t, transport, service, gateway.New()))
				alone := request.To(t, startAlone(t, transport, service))
				if c.method == http.MethodHead {
					if r.Status != c.status || r.Body != "" || alone.Status != c.status {
						t.Errorf("HEAD answered %d %q, and %d", r.Status, r.Body, alone.Status)
					}
				} else {
					r.WantError(t, c.status, "", "")
					alone.WantError(t, c.status, "", "")
				}
				if got := strings.Join(r.Header["Allow"], "|"); got != c.allow {
					t.Errorf("Allow is %q, want %q", got, c.allow)
				}
				bare := request.To(t, bare(t, transport, service))
				if bare.Status != c.stock || bare.Header["Allow"] != nil {
					t.Errorf("grpc-gateway answers %d with Allow %q, recorded is %d without", bare.Status, bare.Header["Allow"], c.stock)
				}
				if service.Calls() != 0 {
					t.Errorf("the service was called %d times", service.Calls())
				}
			})
		}
	}
}

// TestRelativePath sends what has no path: the authority form and the absolute form of RFC 9112 section 3.2.
func TestRelativePath(t *testing.T) {
	server := httptest.NewServer(testkit.Register(t, testkit.InProcess, &testkit.Service{}, gateway.New().NewServeMux()))
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
			t.Errorf("%s is answered with %d: %v", line, r.Status, err)
		}
	}
}

// TestHead serves HEAD as GET without a body: the same status and headers (RFC 9110 section 9.3.2).
func TestHead(t *testing.T) {
	long := strings.Repeat("long ", 5000)
	for _, protocol := range testkit.Protocols {
		for _, transport := range testkit.Transports {
			for _, c := range []struct {
				name   string
				path   string
				behave testkit.Behaviour
				status int
				stock  int
			}{
				{"success", "/v1/things/1", nil, 200, 501},
				{"accepted", "/v1/things/1", chooses(202), 202, 501},
				{"no content", "/v1/things/1", chooses(204), 204, 501},
				{"part of a message", "/v1/things/1/name", nil, 200, 501},
				{"raw bytes", "/v1/things/1/download", nil, 200, 501},
				{"error", "/v1/things/1", testkit.Fails(testkit.ErrNotFound), 404, 501},
				{"bad parameter", "/v1/things/x", nil, 400, 501},
				{"long", "/long", nil, 200, 501},
				{"empty", "/empty", nil, 200, 501},
				{"nowhere", "/nowhere", nil, 404, 404},
			} {
				t.Run(fmt.Sprint(protocol, " ", transport, " ", c.name), func(t *testing.T) {
					service := &testkit.Service{}
					service.Behave(c.behave)
					var replies [3]testkit.Response
					for i, request := range []struct {
						method string
						mux    *runtime.ServeMux
					}{
						{"GET", gateway.New().NewServeMux()},
						{"HEAD", gateway.New().NewServeMux()},
						{"HEAD", runtime.NewServeMux()},
					} {
						mux := testkit.Register(t, transport, service, request.mux)
						for path, body := range map[string]string{"/long": long, "/empty": ""} {
							if err := mux.HandlePath(http.MethodGet, path, says(body)); err != nil {
								t.Fatal(err)
							}
						}
						replies[i] = call{Method: request.method, Path: c.path}.At(t, testkit.ServeOver(t, protocol, mux))
						delete(replies[i].Header, "Date")
					}
					get, head, bare := replies[0], replies[1], replies[2]
					if get.Status != c.status || head.Status != c.status || bare.Status != c.stock {
						t.Errorf("GET is %d, HEAD is %d, grpc-gateway's HEAD is %d; want %d and %d",
							get.Status, head.Status, bare.Status, c.status, c.stock)
					}
					if head.Body != "" {
						t.Errorf("HEAD has a body of %d bytes", len(head.Body))
					}
					if got, want := fmt.Sprint(head.Header), fmt.Sprint(get.Header); got != want {
						t.Errorf("HEAD has %s, GET has %s", got, want)
					}
				})
			}
		}
	}
}

// TestForms posts forms to paths. grpc-gateway routes one to GET, or to whatever X-HTTP-Method-Override says, and
// which of 200 and 501 comes out of a path with several methods has depended on the order of a map.
func TestForms(t *testing.T) {
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
					base := bridged(t, transport, service, gateway.New())
					r := call{Method: "POST", Body: "full=true", Header: header}.To(t, base)
					r.WantError(t, 405, "", "")
					if got, want := r.Header["Allow"], []string{"DELETE, GET, PATCH, PUT"}; !slices.Equal(got, want) {
						t.Errorf("Allow is %q, want %q", got, want)
					}
					call{Method: "POST", Path: "/v1/things", Body: "full=%zz", Header: header}.To(t, base).
						WantError(t, 400, "invalid request body: invalid character 'u' in literal false (expecting 'a')", "")
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

// TestEscapes has percent escapes that are none. net/http refuses them on the wire; what stands in front of the mux
// can still make them.
func TestEscapes(t *testing.T) {
	for _, mode := range []runtime.UnescapingMode{
		runtime.UnescapingModeLegacy, runtime.UnescapingModeAllExceptReserved,
		runtime.UnescapingModeAllExceptSlash, runtime.UnescapingModeAllCharacters,
	} {
		for _, method := range []string{"GET", "OPTIONS", "HEAD", "DELETE"} {
			for _, escape := range []string{"%", "%1", "%zz", "a%2", "%%%"} {
				t.Run(fmt.Sprint(mode, " ", method, " ", escape), func(t *testing.T) {
					service := &testkit.Service{}
					mux := testkit.Register(t, testkit.InProcess, service, gateway.New().NewServeMux(runtime.WithUnescapingMode(mode)))
					request := httptest.NewRequest(method, "/", nil)
					request.URL.Path, request.URL.RawPath = "/v1/things/"+escape, "/v1/things/"+escape
					recorder := httptest.NewRecorder()
					mux.ServeHTTP(recorder, request)
					r := testkit.Recorded(recorder)
					want, says := 400, "malformed path escape"
					if mode == runtime.UnescapingModeLegacy { // the path counts, which has no escapes any more
						says = `invalid parameter`
						if method == "OPTIONS" {
							want, says = 405, testkit.Meanings[405]
						}
					}
					if r.Status != want {
						t.Errorf("answered %d, want %d", r.Status, want)
					}
					if body, err := testkit.ParseErrorBody(r.Body); method != "HEAD" && (err != nil || !strings.HasPrefix(body.Message, says)) {
						t.Errorf("answered %q (%v), want %q", r.Body, err, says)
					}
					if service.Calls() != 0 {
						t.Errorf("the service was called %d times", service.Calls())
					}
				})
			}
		}
	}
}
