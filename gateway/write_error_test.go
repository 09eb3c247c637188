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
	"github.com/statusbridge/statusbridge/internal/testkit"
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
		"Go error":  {errors.New(testkit.Secret), 500, "", ""},
		"nil":       {nil, 500, "", ""},
		"nil Error": {(*mapping.Error)(nil), 500, "", ""},
		"HTTP":      {&runtime.HTTPStatusError{HTTPStatus: 403, Err: status.Error(codes.NotFound, "hidden")}, 403, "hidden", ""},
	} {
		for _, protocol := range testkit.Protocols {
			t.Run(name+" "+protocol, func(t *testing.T) {
				s := testkit.ServeOver(t, protocol, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					w.Header().Set("Content-Length", "3")
					w.Header().Set("Vary", "Origin")
					gateway.New().WriteError(w, r, c.err)
				}))
				r := call{}.At(t, s)
				r.WantError(t, c.status, c.message, c.details)
				if r.Header.Get("Vary") != "Origin" {
					t.Errorf("the headers are %v", r.Header)
				}
				head := call{Method: "HEAD"}.At(t, s)
				delete(r.Header, "Date")
				delete(head.Header, "Date")
				if head.Status != r.Status || head.Body != "" || fmt.Sprint(head.Header) != fmt.Sprint(r.Header) {
					t.Errorf("HEAD answers %d %v, GET %d %v", head.Status, head.Header, r.Status, r.Header)
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
	for _, transport := range testkit.Transports {
		var n notebook
		bridge := gateway.New(gateway.WithChallenge("Basic"), gateway.WithObserver(n.observe))
		mux := testkit.Register(t, transport, &testkit.Service{}, bridge.NewServeMux(runtime.WithMiddlewares(func(next runtime.HandlerFunc) runtime.HandlerFunc {
			return func(w http.ResponseWriter, r *http.Request, params map[string]string) {
				if r.Method == http.MethodDelete {
					refuse(w, r, params)
					return
				}
				next(w, r, params)
			}
		})))
		if err := mux.HandlePath(http.MethodGet, "/own", refuse); err != nil {
			t.Fatal(err)
		}
		base := testkit.Serve(t, mux)
		for _, c := range []call{{Path: "/own"}, {Method: "DELETE"}} {
			r := c.To(t, base)
			r.WantError(t, 401, "no token", "")
			if got := r.Header["Www-Authenticate"]; !slices.Equal(got, []string{"Basic"}) {
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
			for _, protocol := range testkit.Protocols {
				t.Run(fmt.Sprint(middleware.name, " ", method, " ", protocol), func(t *testing.T) {
					mux := gateway.New().NewServeMux(middleware.options...)
					err := mux.HandlePath(http.MethodGet, "/own", func(w http.ResponseWriter, r *http.Request, _ map[string]string) {
						gateway.New().WriteError(w, r, testkit.ErrNotFound)
						w.Header().Set("X-Late", "yes")
						w.WriteHeader(http.StatusAccepted)
						_, _ = w.Write([]byte(`{"name":"thing"}`))
					})
					if err != nil {
						t.Fatal(err)
					}
					s := testkit.ServeOver(t, protocol, mux)
					r := call{Method: method, Path: "/own"}.At(t, s)
					if method == http.MethodGet {
						r.WantError(t, 404, "no such thing", "")
					}
					if r.Status != 404 || r.Header["X-Late"] != nil {
						t.Errorf("answered %d with %v", r.Status, r.Header)
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
		service := &testkit.Service{}
		service.BehaveStream(testkit.Sends(0, testkit.ErrNotFound))
		base := bridged(t, testkit.Network, service, gateway.New(gateway.WithObserver(n.observe)), runtime.WithMiddlewares(func(next runtime.HandlerFunc) runtime.HandlerFunc {
			return func(w http.ResponseWriter, r *http.Request, params map[string]string) {
				gateway.New().WriteError(w, r, status.Error(codes.PermissionDenied, "no entry"))
				next(w, r, params)
			}
		}))
		c.To(t, base).WantError(t, 403, "no entry", "")
		if o := n.one(t); o.HTTPStatus != http.StatusForbidden {
			t.Errorf("observed %+v", o)
		}
	}
}
