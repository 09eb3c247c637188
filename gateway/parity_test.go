package gateway_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	spb "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/anypb"

	"github.com/statusbridge/statusbridge/gateway"
	"github.com/statusbridge/statusbridge/internal/testkit"
	"github.com/statusbridge/statusbridge/mapping"
)

// TestParity returns one error from one service, in process and behind a gRPC server with mapping.ServerOptions. A client
// cannot tell which it was.
func TestParity(t *testing.T) {
	notFound := status.Error(codes.NotFound, "row 5")
	mended := status.ErrorProto(&spb.Status{Code: int32(codes.InvalidArgument), Message: "no \xff thing",
		Details: []*anypb.Any{detail(t, violations("name", "taken"))}})
	for _, c := range []struct {
		name    string
		err     error
		status  int
		message string
		details string
	}{
		{"a status", notFound, 404, "row 5", ""},
		{"a wrapped status", fmt.Errorf("repo.Get: %w", notFound), 404, "row 5", ""},
		{"a joined status", errors.Join(errors.New(testkit.Secret), notFound), 404, "row 5", ""},
		{"a wrapped Error", fmt.Errorf("x: %w", mapping.Errorf(405, "read-only")), 405, "read-only", ""},
		{"an Error over a status", mapping.Errorf(502, "nonsense: %w", notFound), 502, "nonsense", ""},
		{"a deadline", context.DeadlineExceeded, 504, "", ""},
		{"a wrapped deadline", fmt.Errorf("db: %w", context.DeadlineExceeded), 504, "", ""},
		{"an i/o deadline", fmt.Errorf("db: %w", os.ErrDeadlineExceeded), 504, "", ""},
		{"a cancellation", context.Canceled, 503, "", ""},
		{"a wrapped cancellation", fmt.Errorf("db: %w", context.Canceled), 503, "", ""},
		{"a status of OK", carrier{status.New(codes.OK, "fine")}, 500, "", ""},
		{"a wrapped status of OK", fmt.Errorf("x: %w", carrier{status.New(codes.OK, "")}), 500, "", ""},
		{"a nil status", carrier{nil}, 500, "", ""},
		{"invalid UTF-8", status.Error(codes.NotFound, "no \xff\xfe thing"), 404, "no \uFFFD\uFFFD thing", ""},
		{"invalid UTF-8 beside details", mended, 400, "no \uFFFD thing", "name: taken"},
		{"invalid UTF-8 in an Error", &mapping.Error{HTTPStatus: 502, Message: "no \xff", Details: "d \xff"}, 502, "no \uFFFD", "d \uFFFD"},
		{"the end of a file", io.EOF, 500, "", ""},
		{"an HTTP error over a text", &runtime.HTTPStatusError{HTTPStatus: 405, Err: errors.New(testkit.Secret)}, 405, "", ""},
		{"an HTTP error over a status", &runtime.HTTPStatusError{HTTPStatus: 403, Err: notFound}, 403, "row 5", ""},
		{"an HTTP error of success", &runtime.HTTPStatusError{HTTPStatus: 200, Err: errors.New(testkit.Secret)}, 500, "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			service := &testkit.Service{}
			service.Behave(testkit.Fails(c.err))
			local := call{}.To(t, bridged(t, testkit.InProcess, service, gateway.New()))
			local.WantError(t, c.status, c.message, c.details)
			mux := testkit.Connect(t, testkit.ServeGRPC(t, service, mapping.ServerOptions()...), gateway.New().NewServeMux())
			remote := call{}.To(t, testkit.Serve(t, mux))
			delete(local.Header, "Date")
			delete(remote.Header, "Date")
			if diff := cmp.Diff(local, remote, cmp.AllowUnexported(testkit.Response{})); diff != "" {
				t.Errorf("in process and over the network differ:\n%s", diff)
			}
		})
	}
}

// TestPanics breaks handlers of the gateway's own process: a service in process, middleware, a route. Each is a 500 whose
// reason stays inside, and the process goes on.
func TestPanics(t *testing.T) {
	for name, value := range map[string]any{
		"a text": testkit.Secret, "an error": errors.New(testkit.Secret), "a status": status.Error(codes.NotFound, testkit.Secret),
		"nil": nil, "an Error": mapping.Errorf(404, "no"), "a number": 7,
	} {
		for _, protocol := range testkit.Protocols {
			t.Run(name+" "+protocol, func(t *testing.T) {
				service := &testkit.Service{}
				service.Behave(func(ctx context.Context) error {
					if err := mapping.SetHTTPStatus(ctx, 202); err != nil {
						return err
					}
					panic(value)
				})
				var n notebook
				mux := testkit.Register(t, testkit.InProcess, service, gateway.New(gateway.WithObserver(n.observe)).NewServeMux(withIdentity))
				s := testkit.ServeOver(t, protocol, mux)
				for _, c := range []call{{}, {Method: "HEAD"}, suspend} {
					r := c.At(t, s)
					if c.Method == "HEAD" {
						if r.Status != 500 || testkit.Leak(r.Header) != nil {
							t.Errorf("HEAD answers %d %v", r.Status, r.Header)
						}
						continue
					}
					r.WantError(t, 500, "", "")
				}
				if len(n.seen) != 3 {
					t.Errorf("observed %d of 3 panics", len(n.seen))
				}
				service.Behave(nil)
				if r := (call{}).At(t, s); r.Status != 200 {
					t.Errorf("the process answers %d", r.Status)
				}
			})
		}
	}
}

// TestAbortPassesThrough lets a handler abort its answer as net/http defines it, in process and in a route of its own.
func TestAbortPassesThrough(t *testing.T) {
	abort := func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }
	service := &testkit.Service{}
	service.Behave(func(context.Context) error { panic(http.ErrAbortHandler) })
	for _, protocol := range testkit.Protocols {
		for name, handler := range map[string]http.Handler{
			"/own": ownRoute(t, http.MethodGet, abort), "": testkit.Register(t, testkit.InProcess, service, gateway.New().NewServeMux()),
		} {
			s := testkit.ServeOver(t, protocol, handler)
			if r, err := (call{Path: name}).Send(s.Client, s.URL); err == nil {
				t.Errorf("%s %q: answered %d %q", protocol, name, r.Status, r.Body)
			}
		}
	}
}

// TestPanicAfterFirstByte cuts what has begun: a clean end would make it a success.
func TestPanicAfterFirstByte(t *testing.T) {
	for _, protocol := range testkit.Protocols {
		s := testkit.ServeLogging(t, protocol, ownRoute(t, http.MethodGet, func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, "half")
			_ = http.NewResponseController(w).Flush()
			panic("tenant 7")
		}), io.Discard)
		if r, err := (call{Path: "/own"}).Send(s.Client, s.URL); err == nil {
			t.Errorf("%s: answered %d %q", protocol, r.Status, r.Body)
		}
	}
}

// TestInvalidStatus has a handler, or a forward option, write a status that HTTP does not have, which net/http panics for:
// it is a defect of the gateway's process like any other.
func TestInvalidStatus(t *testing.T) {
	for _, httpStatus := range []int{-1, 0, 99, 1000, 70000} {
		write := func(w http.ResponseWriter) { w.WriteHeader(httpStatus) }
		option := runtime.WithForwardResponseOption(func(_ context.Context, w http.ResponseWriter, _ proto.Message) error {
			write(w)
			return nil
		})
		for name, handler := range map[string]http.Handler{
			"alone": ownRoute(t, http.MethodGet, func(w http.ResponseWriter, _ *http.Request) { write(w) }),
			"with a body": ownRoute(t, http.MethodGet, func(w http.ResponseWriter, _ *http.Request) {
				write(w)
				_, _ = io.WriteString(w, "body")
			}),
			"an option":           testkit.Register(t, testkit.InProcess, &testkit.Service{}, gateway.New().NewServeMux(option)),
			"an option of stream": testkit.Register(t, testkit.Network, &testkit.Service{}, gateway.New().NewServeMux(option)),
		} {
			c := map[string]call{"alone": {Path: "/own"}, "with a body": {Path: "/own"}, "an option of stream": watch}[name]
			r, err := c.Send(http.DefaultClient, testkit.ServeLogging(t, "HTTP/1.1", handler, io.Discard).URL)
			if err != nil {
				t.Errorf("%d, %s: no answer: %v", httpStatus, name, err)
				continue
			}
			r.WantError(t, 500, "", "")
		}
	}
}
