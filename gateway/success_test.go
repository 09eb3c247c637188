package gateway_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/statusbridge/statusbridge/gateway"
	"github.com/statusbridge/statusbridge/internal/probe"
)

// TestSuccess has a service choose the status of its success (DESIGN 2.3). grpc-gateway answers 200 and shows the
// client the control metadata.
func TestSuccess(t *testing.T) {
	const body = `{"thing":{"id":1,"name":"thing","kind":"KIND_UNSPECIFIED","sizes":[]}}`
	created := []gateway.Option{gateway.WithExtraStatuses(201, 206)}
	matchers := map[string][]runtime.ServeMuxOption{
		"default": nil, "identity": {withIdentity}, "renaming": {withPrefix}, "few": {withFew}, "one": {withOne},
	}
	for _, c := range []struct {
		name    string
		behave  probe.Behaviour
		options []gateway.Option
		want    int
	}{
		{"nothing", nil, nil, 200},
		{"200", chooses(200), nil, 200},
		{"202", chooses(202), nil, 202},
		{"204", chooses(204), nil, 204},
		{"the last of several", chooses(204, 202), nil, 202},
		{"the last of several is 200", chooses(204, 200), nil, 200},
		{"201 allowed", claim(201), created, 201},
		{"206 allowed", claim(206), created, 206},
		{"201 not allowed", claim(201), nil, 200},
		{"203 not allowed", claim(203), created, 200},
		{"error", claim(404), nil, 200},
		{"allowed error", claim(418), []gateway.Option{gateway.WithExtraStatuses(418)}, 200},
		{"redirection", claim(302), nil, 200},
		{"informational", claim(103), nil, 200},
		{"zero", claim(0), nil, 200},
		{"negative", claim(-202), nil, 200},
		{"too large", claim(1000), nil, 200},
		{"overflow", claims("9223372036854775808"), nil, 200},
		{"a word", claims("Accepted"), nil, 200},
		{"empty", claims(""), nil, 200},
		{"spaced", claims("202 Accepted"), nil, 200},
	} {
		for matcher, mux := range matchers {
			for _, transport := range probe.Transports {
				t.Run(fmt.Sprint(c.name, " ", matcher, " ", transport), func(t *testing.T) {
					service := &probe.Service{}
					service.Behave(c.behave)
					for _, length := range [][]runtime.ServeMuxOption{nil, {runtime.WithWriteContentLength()}} {
						options := append(append([]runtime.ServeMuxOption{probe.Bridge(gateway.New(c.options...))}, mux...), length...)
						for _, header := range []http.Header{{}, {"Te": {"trailers"}}} {
							wantSuccess(t, call{header: header}.to(t, bridged(t, transport, service, options...)), c.want, body)
						}
					}
				})
			}
		}
	}
}

func wantSuccess(t *testing.T, r reply, httpStatus int, body string) {
	t.Helper()
	if httpStatus == http.StatusNoContent {
		body = ""
		for _, name := range []string{"Content-Type", "Content-Length", "Trailer"} {
			if got, ok := r.header[name]; ok {
				t.Errorf("a 204 has %s %q", name, got)
			}
		}
		if len(r.transferEncoding) > 0 {
			t.Errorf("a 204 has the transfer coding %q", r.transferEncoding)
		}
	}
	// protojson adds spaces in some builds; there are none in the values.
	if got := strings.ReplaceAll(r.body, " ", ""); r.status != httpStatus || got != body {
		t.Errorf("answered %d %q, want %d %q", r.status, got, httpStatus, body)
	}
	if err := leak(r.header); err != nil {
		t.Error(err)
	}
	for name, values := range r.header {
		for _, value := range values {
			if name != "Content-Length" && (value == fmt.Sprint(httpStatus) || value == "202") {
				t.Errorf("the control metadata left as %s: %q", name, value)
			}
		}
	}
}

// TestSuccessProtocols chooses statuses over both versions of HTTP, on methods with and without a body, and for what
// is not JSON.
func TestSuccessProtocols(t *testing.T) {
	for protocol, serve := range protocols {
		for _, transport := range probe.Transports {
			for _, httpStatus := range []int{200, 202, 204} {
				for _, c := range []call{
					{},
					{path: "/v1/things/1/name"},
					{path: "/v1/things/1/download"},
					{method: "DELETE"},
					{method: "POST", path: "/v1/things", body: "{}"},
					{method: "PURGE", path: "/v1/things/1/cache"},
				} {
					t.Run(fmt.Sprint(protocol, " ", transport, " ", httpStatus, " ", c.method, c.path), func(t *testing.T) {
						service := &probe.Service{}
						service.Behave(chooses(httpStatus))
						client, base := serve(t, probe.Mux(t, transport, service, probe.Bridge(gateway.New())))
						r := c.through(t, client, base)
						if r.status != httpStatus || (r.body == "") != (httpStatus == 204) {
							t.Errorf("answered %d %q", r.status, r.body)
						}
						if typed := r.header["Content-Type"] != nil; typed == (httpStatus == 204) {
							t.Errorf("the content type is %q", r.header["Content-Type"])
						}
						if err := leak(r.header); err != nil {
							t.Error(err)
						}
					})
				}
			}
		}
	}
}

// TestSuccessThenError chooses a success and then fails: the error's status wins, and the choice does not leave.
func TestSuccessThenError(t *testing.T) {
	for _, httpStatus := range []int{200, 202, 204} {
		for matcher, options := range map[string][]runtime.ServeMuxOption{"default": nil, "identity": {withIdentity}, "one": {withOne}} {
			for _, transport := range probe.Transports {
				t.Run(fmt.Sprint(httpStatus, " ", matcher, " ", transport), func(t *testing.T) {
					service := &probe.Service{}
					service.Behave(func(ctx context.Context) error {
						return errors.Join(chooses(httpStatus)(ctx), errNotFound)
					})
					r := call{}.to(t, bridged(t, transport, service, append(options, probe.Bridge(gateway.New()))...))
					if err := r.errorDefect(); err != nil || r.status != 404 {
						t.Errorf("answered %d: %v", r.status, err)
					}
					if r.header["X-Backend"] != nil {
						t.Errorf("the control metadata left: %v", r.header)
					}
				})
			}
		}
	}
}

// TestSuccessBaseline records what this library is for.
func TestSuccessBaseline(t *testing.T) {
	for _, transport := range probe.Transports {
		service := &probe.Service{}
		service.Behave(chooses(202))
		base := bare(t, transport, service)
		if r := (call{}).to(t, base); r.status != 200 || leak(r.header) == nil {
			t.Errorf("%s: grpc-gateway answers %d %v, recorded is 200 with the control metadata", transport, r.status, r.header)
		}
		service.Behave(fails(status.Error(codes.NotFound, "no such thing")))
		if r := (call{}).to(t, base); r.status != 404 || parsed(r.body) {
			t.Errorf("%s: grpc-gateway answers %d %s, recorded is another body than ours", transport, r.status, r.body)
		}
	}
}

func parsed(body string) bool {
	_, err := parseErrorBody(body)
	return err == nil
}
