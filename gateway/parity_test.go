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
	"github.com/statusbridge/statusbridge/internal/probe"
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
		{"a joined status", errors.Join(errors.New(secret), notFound), 404, "row 5", ""},
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
		{"an HTTP error over a text", &runtime.HTTPStatusError{HTTPStatus: 405, Err: errors.New(secret)}, 405, "", ""},
		{"an HTTP error over a status", &runtime.HTTPStatusError{HTTPStatus: 403, Err: notFound}, 403, "row 5", ""},
		{"an HTTP error of success", &runtime.HTTPStatusError{HTTPStatus: 200, Err: errors.New(secret)}, 500, "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			service := &probe.Service{}
			service.Behave(fails(c.err))
			local := call{}.to(t, bridged(t, probe.InProcess, service, probe.Bridge(gateway.New())))
			local.wantError(t, c.status, c.message, c.details)
			mux := probe.Connect(t, probe.Serve(t, service, mapping.ServerOptions()...), runtime.NewServeMux(probe.Bridge(gateway.New())))
			remote := call{}.to(t, serveMux(t, mux))
			delete(local.header, "Date")
			delete(remote.header, "Date")
			if diff := cmp.Diff(local, remote, cmp.AllowUnexported(reply{})); diff != "" {
				t.Errorf("in process and over the network differ:\n%s", diff)
			}
		})
	}
}

// TestPanics breaks handlers of the gateway's own process: a service in process, middleware, a route. Each is a 500 whose
// reason stays inside, and the process goes on.
func TestPanics(t *testing.T) {
	for name, value := range map[string]any{
		"a text": secret, "an error": errors.New(secret), "a status": status.Error(codes.NotFound, secret),
		"nil": nil, "an Error": mapping.Errorf(404, "no"), "a number": 7,
	} {
		for protocol := range protocols {
			t.Run(name+" "+protocol, func(t *testing.T) {
				service := &probe.Service{}
				service.Behave(func(ctx context.Context) error {
					if err := mapping.SetHTTPStatus(ctx, 202); err != nil {
						return err
					}
					panic(value)
				})
				var n notebook
				mux := probe.Mux(t, probe.InProcess, service, probe.Bridge(gateway.New(gateway.WithObserver(n.observe))), withIdentity)
				s := serveOver(t, protocol, mux)
				for _, c := range []call{{}, {method: "HEAD"}, suspend} {
					r := c.through(t, s.client, s.base)
					if c.method == "HEAD" {
						if r.status != 500 || leak(r.header) != nil {
							t.Errorf("HEAD answers %d %v", r.status, r.header)
						}
						continue
					}
					r.wantError(t, 500, "", "")
				}
				if len(n.seen) != 3 {
					t.Errorf("observed %d of 3 panics", len(n.seen))
				}
				service.Behave(nil)
				if r := (call{}).through(t, s.client, s.base); r.status != 200 {
					t.Errorf("the process answers %d", r.status)
				}
			})
		}
	}
}

// TestAbortPassesThrough lets a handler abort its answer as net/http defines it, in process and in a route of its own.
func TestAbortPassesThrough(t *testing.T) {
	abort := func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }
	service := &probe.Service{}
	service.Behave(func(context.Context) error { panic(http.ErrAbortHandler) })
	for protocol := range protocols {
		for name, handler := range map[string]http.Handler{
			"/own": ownRoute(t, http.MethodGet, abort), "": probe.Mux(t, probe.InProcess, service, probe.Bridge(gateway.New())),
		} {
			s := serveOver(t, protocol, handler)
			if r, err := (call{path: name}).send(s.client, s.base); err == nil {
				t.Errorf("%s %q: answered %d %q", protocol, name, r.status, r.body)
			}
		}
	}
}

// TestPanicAfterFirstByte cuts what has begun: a clean end would make it a success.
func TestPanicAfterFirstByte(t *testing.T) {
	for protocol := range protocols {
		s := serveLogging(t, protocol, ownRoute(t, http.MethodGet, func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, "half")
			_ = http.NewResponseController(w).Flush()
			panic("tenant 7")
		}), io.Discard)
		if r, err := (call{path: "/own"}).send(s.client, s.base); err == nil {
			t.Errorf("%s: answered %d %q", protocol, r.status, r.body)
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
			"an option":           probe.Mux(t, probe.InProcess, &probe.Service{}, probe.Bridge(gateway.New()), option),
			"an option of stream": probe.Mux(t, probe.Network, &probe.Service{}, probe.Bridge(gateway.New()), option),
		} {
			c := map[string]call{"alone": {path: "/own"}, "with a body": {path: "/own"}, "an option of stream": watch}[name]
			r, err := c.send(http.DefaultClient, serveLogging(t, "HTTP/1.1", handler, io.Discard).base)
			if err != nil {
				t.Errorf("%d, %s: no answer: %v", httpStatus, name, err)
				continue
			}
			r.wantError(t, 500, "", "")
		}
	}
}
