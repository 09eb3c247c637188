package gateway_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/statusbridge/statusbridge/gateway"
	"github.com/statusbridge/statusbridge/internal/probe"
	"github.com/statusbridge/statusbridge/mapping"
)

// TestWriteError answers in front of a mux, where there is neither a mux nor a marshaler.
func TestWriteError(t *testing.T) {
	for name, c := range map[string]struct {
		err     error
		status  int
		message string
		details string
	}{
		"status":    {status.Error(codes.Unauthenticated, "no token"), 401, "no token", ""},
		"exact":     {mapping.Errorf(502, "the scheduler answered nonsense"), 502, "the scheduler answered nonsense", ""},
		"details":   {&mapping.Error{HTTPStatus: 409, Message: "taken", Details: "name"}, 409, "taken", "name"},
		"method":    {mapping.Errorf(405, "not here"), 405, "not here", ""},
		"Go error":  {errors.New(secret), 500, "", ""},
		"nil":       {nil, 500, "", ""},
		"nil Error": {(*mapping.Error)(nil), 500, "", ""},
		"HTTP":      {&runtime.HTTPStatusError{HTTPStatus: 403, Err: status.Error(codes.NotFound, "hidden")}, 403, "hidden", ""},
	} {
		for protocol, serve := range protocols {
			t.Run(name+" "+protocol, func(t *testing.T) {
				client, base := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					w.Header().Set("Content-Length", "3")
					w.Header().Set("Vary", "Origin")
					gateway.New().WriteError(w, r, c.err)
				}))
				r := call{}.through(t, client, base)
				r.wantError(t, c.status, c.message, c.details)
				if r.header.Get("Vary") != "Origin" {
					t.Errorf("the headers are %v", r.header)
				}
				head := call{method: "HEAD"}.through(t, client, base)
				delete(r.header, "Date")
				delete(head.header, "Date")
				if head.status != r.status || head.body != "" || fmt.Sprint(head.header) != fmt.Sprint(r.header) {
					t.Errorf("HEAD answers %d %v, GET %d %v", head.status, head.header, r.status, r.header)
				}
			})
		}
	}
}

// TestWriteErrorInside answers from middleware and from a route of the mux: the options of its bridge count there.
func TestWriteErrorInside(t *testing.T) {
	refuse := func(w http.ResponseWriter, r *http.Request, _ map[string]string) {
		gateway.New().WriteError(w, r, status.Error(codes.Unauthenticated, "no token"))
	}
	for _, transport := range probe.Transports {
		var n notebook
		bridge := probe.Bridge(gateway.New(gateway.WithChallenge("Basic"), gateway.WithObserver(n.observe)))
		mux := probe.Mux(t, transport, &probe.Service{}, bridge,
			runtime.WithMiddlewares(func(next runtime.HandlerFunc) runtime.HandlerFunc {
				return func(w http.ResponseWriter, r *http.Request, params map[string]string) {
					if r.Method == http.MethodDelete {
						refuse(w, r, params)
						return
					}
					next(w, r, params)
				}
			}))
		if err := mux.HandlePath(http.MethodGet, "/own", refuse); err != nil {
			t.Fatal(err)
		}
		base := serveMux(t, mux)
		for _, c := range []call{{path: "/own"}, {method: "DELETE"}} {
			r := c.to(t, base)
			r.wantError(t, 401, "no token", "")
			if got := r.header["Www-Authenticate"]; !slices.Equal(got, []string{"Basic"}) {
				t.Errorf("the challenge is %q", got)
			}
		}
		if len(n.seen) != 2 {
			t.Errorf("%s: observed %v", transport, n.seen)
		}
	}
}

// TestChallengeOfMiddleware keeps the challenge that middleware in front of the mux has set.
func TestChallengeOfMiddleware(t *testing.T) {
	recorder := httptest.NewRecorder()
	recorder.Header().Set("WWW-Authenticate", "Negotiate")
	gateway.New().WriteError(recorder, httptest.NewRequest(http.MethodGet, "/", nil), status.Error(codes.Unauthenticated, "x"))
	if got := recorder.Header()["Www-Authenticate"]; !slices.Equal(got, []string{"Negotiate"}) {
		t.Errorf("the challenge is %q", got)
	}
}

// TestWriteErrorAndOn has a handler forget to return, which FuzzWriter found to cost the client the answer where more was
// sent than the error's Content-Length announces: over HTTP/2, and behind middleware that holds answers back.
func TestWriteErrorAndOn(t *testing.T) {
	for _, middleware := range writerMiddlewares {
		for _, method := range []string{http.MethodGet, http.MethodHead} {
			for protocol := range protocols {
				t.Run(fmt.Sprint(middleware.name, " ", method, " ", protocol), func(t *testing.T) {
					mux := runtime.NewServeMux(middleware.options...)
					err := mux.HandlePath(http.MethodGet, "/own", func(w http.ResponseWriter, r *http.Request, _ map[string]string) {
						gateway.New().WriteError(w, r, errNotFound)
						w.Header().Set("X-Late", "yes")
						w.WriteHeader(http.StatusAccepted)
						_, _ = w.Write([]byte(`{"name":"thing"}`))
					})
					if err != nil {
						t.Fatal(err)
					}
					s := serveOver(t, protocol, mux)
					r := call{method: method, path: "/own"}.through(t, s.client, s.base)
					if method == http.MethodGet {
						r.wantError(t, 404, "no such thing", "")
					}
					if r.status != 404 || r.header["X-Late"] != nil {
						t.Errorf("answered %d with %v", r.status, r.header)
					}
				})
			}
		}
	}
}

// TestWriteErrorAndGoOn is middleware that answers and forgets to return. Its answer is the only one, and of a stream,
// what the handler then makes of the request is not observed.
func TestWriteErrorAndGoOn(t *testing.T) {
	for _, c := range []call{watch, export} {
		var n notebook
		service := &probe.Service{}
		service.BehaveStream(sends(0, errNotFound))
		base := bridged(t, probe.Network, service, probe.Bridge(gateway.New(gateway.WithObserver(n.observe))),
			runtime.WithMiddlewares(func(next runtime.HandlerFunc) runtime.HandlerFunc {
				return func(w http.ResponseWriter, r *http.Request, params map[string]string) {
					gateway.New().WriteError(w, r, status.Error(codes.PermissionDenied, "no entry"))
					next(w, r, params)
				}
			}))
		c.to(t, base).wantError(t, 403, "no entry", "")
		if o := n.one(t); o.HTTPStatus != http.StatusForbidden {
			t.Errorf("observed %+v", o)
		}
	}
}
