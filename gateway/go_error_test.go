package gateway_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	spb "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/anypb"

	"github.com/statusbridge/statusbridge/gateway"
	"github.com/statusbridge/statusbridge/internal/testkit"
	"github.com/statusbridge/statusbridge/mapping"
)

// carrier is an error of somebody else's with a status.
type carrier struct{ status *status.Status }

func (c carrier) Error() string { return "carrier of " + testkit.Secret }

func (c carrier) GRPCStatus() *status.Status { return c.status }

// TestGoErrors returns Go errors from a service. Both transports send the same response, although grpc-go converts
// errors only over the network.
func TestGoErrors(t *testing.T) {
	t.Parallel()
	run(t, []scenario{
		{
			name: "a plain error", behave: testkit.Fails(errors.New(testkit.Secret)),
			status: 500, without: without(500, testkit.Secret),
		}, {
			name: "a deadline", behave: testkit.Fails(context.DeadlineExceeded),
			status: 504, without: recorded{network: 504, inProcess: 500},
		}, {
			name: "a wrapped deadline", behave: testkit.Fails(fmt.Errorf("db: %w", context.DeadlineExceeded)),
			status: 504, without: recorded{network: 504, inProcess: 500},
		}, {
			name: "a cancellation", behave: testkit.Fails(context.Canceled),
			status: 503, without: recorded{network: 499, inProcess: 500},
		}, {
			name: "a wrapped cancellation", behave: testkit.Fails(fmt.Errorf("db: %w", context.Canceled)),
			status: 503, without: recorded{network: 499, inProcess: 500},
		}, {
			name: "a nil status", behave: testkit.Fails(carrier{nil}),
			status: 500, without: without(500),
		}, {
			name: "a nil Error", behave: testkit.Fails((*mapping.Error)(nil)),
			status: 500, without: without(500),
		},
	})
}

// TestStatusOfOK has a service return an error whose status is OK. Over the network, grpc-go sends a success without a
// message, which is not a valid reply.
func TestStatusOfOK(t *testing.T) {
	t.Parallel()
	for transport, want := range map[testkit.Transport]int{testkit.Network: 502, testkit.InProcess: 500} {
		service := &testkit.Service{}
		service.Behave(testkit.Fails(carrier{status.New(codes.OK, "fine")}))
		call{}.To(t, bridged(t, transport, service, standard)).WantError(t, want, "", "")
	}
}

// TestGoErrorsInProcess returns errors that keep their meaning only in process.
func TestGoErrorsInProcess(t *testing.T) {
	t.Parallel()
	rich, err := status.New(codes.FailedPrecondition, "not empty").WithDetails(&errdetails.BadRequest{
		FieldViolations: []*errdetails.BadRequest_FieldViolation{{Field: "name", Description: "taken"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	httpError := func(httpStatus int, err error) error {
		return &runtime.HTTPStatusError{HTTPStatus: httpStatus, Err: err}
	}
	for _, c := range []struct {
		name    string
		err     error
		status  int
		message string
		details string
		without recorded
	}{
		{"a wrapped status", fmt.Errorf("repo.Get: %w", status.Error(codes.NotFound, "row 5")), 404, "row 5", "",
			without(404, "repo.Get: rpc error: code = NotFound desc = row 5")},
		{"a deeply wrapped status", fmt.Errorf("a: %w", fmt.Errorf("b: %w", rich.Err())), 409, "not empty",
			"name: taken", without(400)},
		{"a status among joined errors", errors.Join(errors.New(testkit.Secret),
			status.Error(codes.NotFound, "row 5")), 404, "row 5", "", without(404)},
		{"a status beside a context error", errors.Join(context.Canceled, status.Error(codes.NotFound, "row 5")), 404,
			"row 5", "", without(404)},
		{"a wrapped 5xx status", fmt.Errorf("repo: %w", status.Error(codes.Internal, testkit.Secret)), 500, "", "",
			without(500)},
		{"a wrapped Error", fmt.Errorf("repo: %w", mapping.Errorf(405, "read-only")), 405, "read-only", "",
			without(501)},
		{"a joined Error", errors.Join(errors.New(testkit.Secret), mapping.Errorf(502, "nonsense")), 502, "nonsense",
			"", without(503)},
		{"a wrapped carrier of OK", fmt.Errorf("x: %w", carrier{status.New(codes.OK, "")}), 500, "", "", without(200)},
		{"a wrapped carrier of nil", fmt.Errorf("x: %w", carrier{nil}), 500, "", "", without(500)},
		{"a refused connection", &net.OpError{Op: "dial", Err: os.NewSyscallError("connect", syscall.ECONNREFUSED)},
			503, "", "", without(500)},
		{"an i/o time-out", fmt.Errorf("x: %w", os.ErrDeadlineExceeded), 504, "", "", without(500)},
		{"a DNS time-out", &net.DNSError{Err: "timeout", Name: "db.internal", IsTimeout: true}, 504, "", "",
			without(500)},

		// grpc-gateway's own type.
		{"405 over a text", httpError(405, errors.New(testkit.Secret)), 405, "", "", without(405)},
		{"405 over a status", httpError(405, status.Error(codes.Unimplemented, "read-only")), 405, "read-only", "",
			without(405)},
		{"502 over a status", httpError(502, status.Error(codes.Unavailable, testkit.Secret)), 502, "", "",
			without(502)},
		{"502 over an Error", httpError(502, mapping.Errorf(503, "away")), 502, "away", "", without(502)},
		{"504 over a cancellation", httpError(504, context.Canceled), 504, "", "", without(504)},
		{"404 over nothing", httpError(404, nil), 404, "", "", without(404)},
		{"200 over nothing", httpError(200, nil), 500, "", "", without(200)},
		{"200 over a text", httpError(200, errors.New(testkit.Secret)), 500, "", "", without(200)},
		{"204 over a status", httpError(204, status.Error(codes.NotFound, "row 5")), 404, "row 5", "", without(204)},
		{"302 over a status", httpError(302, status.Error(codes.NotFound, "row 5")), 404, "row 5", "", without(302)},
		{"418 over a status", httpError(418, status.Error(codes.NotFound, "row 5")), 400, "row 5", "", without(418)},
		{"418 over a text", httpError(418, errors.New(testkit.Secret)), 400, "I'm a teapot", "", without(418)},
		{"0 over a status", httpError(0, status.Error(codes.NotFound, "row 5")), 404, "row 5", "", without(malformed)},
		{"1000 over a status", httpError(1000, status.Error(codes.NotFound, "row 5")), 404, "row 5", "",
			without(malformed)},
		{"a wrapped 403", fmt.Errorf("x: %w", httpError(403, status.Error(codes.NotFound, "hidden"))), 403, "hidden",
			"", without(403)},
		{"403 over 404", httpError(403, httpError(404, status.Error(codes.NotFound, "hidden"))), 403, "hidden", "",
			without(403)},
		{"a nil one", (*runtime.HTTPStatusError)(nil), 500, "", "", without(malformed)},
	} {
		t.Run(c.name, func(t *testing.T) {
			service := &testkit.Service{}
			service.Behave(testkit.Fails(c.err))
			call{}.To(t, bridged(t, testkit.InProcess, service, standard)).WantError(t, c.status, c.message,
				c.details)
			call{}.To(t, startAlone(t, testkit.InProcess, service)).WantError(t, c.status, c.message, c.details)
			scenario{without: c.without}.wantWithout(t, testkit.InProcess, bare(t, testkit.InProcess, service))
		})
	}
}

// TestGoErrorsOverBothTransports returns one error in process and from a gRPC server with mapping.ServerOptions. A
// client sees no difference.
func TestGoErrorsOverBothTransports(t *testing.T) {
	t.Parallel()
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
		{"invalid UTF-8 in an Error", &mapping.Error{HTTPStatus: 502, Message: "no \xff", Details: "d \xff"}, 502,
			"no \uFFFD", "d \uFFFD"},
		{"the end of a file", io.EOF, 500, "", ""},
		{"an HTTP error over a text", &runtime.HTTPStatusError{HTTPStatus: 405, Err: errors.New(testkit.Secret)}, 405,
			"", ""},
		{"an HTTP error over a status", &runtime.HTTPStatusError{HTTPStatus: 403, Err: notFound}, 403, "row 5", ""},
		{"410 over a text", &runtime.HTTPStatusError{HTTPStatus: 410, Err: errors.New(testkit.Secret)},
			404, "Gone", ""},
		{"410 over a status", &runtime.HTTPStatusError{HTTPStatus: 410, Err: status.Error(codes.Aborted, "row 5")},
			404, "row 5", ""},
		{"429 over a text", &runtime.HTTPStatusError{HTTPStatus: 429, Err: errors.New(testkit.Secret)}, 503, "", ""},
		{"429 over a status", &runtime.HTTPStatusError{HTTPStatus: 429, Err: notFound}, 503, "row 5", ""},
		{"599 over a status", &runtime.HTTPStatusError{HTTPStatus: 599, Err: status.Error(codes.Internal,
			testkit.Secret)}, 500, "", ""},
		{"an HTTP error of success", &runtime.HTTPStatusError{HTTPStatus: 200, Err: errors.New(testkit.Secret)}, 500,
			"", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			service := &testkit.Service{}
			service.Behave(testkit.Fails(c.err))
			local := call{}.To(t, bridged(t, testkit.InProcess, service, standard))
			local.WantError(t, c.status, c.message, c.details)
			mux := testkit.Connect(t, testkit.ServeGRPC(t, service, mapping.ServerOptions()...),
				standard.NewServeMux())
			remote := call{}.To(t, testkit.Serve(t, mux))
			delete(local.Header, "Date")
			delete(remote.Header, "Date")
			if diff := cmp.Diff(local, remote, cmp.AllowUnexported(testkit.Response{})); diff != "" {
				t.Errorf("in process and over the network differ:\n%s", diff)
			}
		})
	}
}

// TestGoErrorsWrapped wraps an Error once more. Without ServerOptions grpc-go sends the text of the whole chain. The
// text that Errorf wraps with %w stays hidden.
func TestGoErrorsWrapped(t *testing.T) {
	t.Parallel()
	for _, transport := range testkit.Transports {
		service := &testkit.Service{}
		service.Behave(testkit.Fails(fmt.Errorf("ctx: %w",
			mapping.Errorf(404, "no such thing: %w", errors.New(testkit.Secret)))))
		call{}.To(t, bridged(t, transport, service, standard)).WantError(t, 404, "no such thing", "")
	}
}

// TestServerMessages hides the message of a 5xx, unless it was attached for the client or WithServerMessages is set
// (docs/services.md). The observer always gets the original error.
func TestServerMessages(t *testing.T) {
	t.Parallel()
	attached := mapping.Errorf(503, "the store is away")
	for _, c := range []struct {
		name   string
		err    error
		status int
		want   string // "" is the documented sentence
		passed string // with WithServerMessages
		code   codes.Code
		text   string // in the error that is observed
	}{
		{"unknown", status.Error(codes.Unknown, testkit.Secret), 500, "", testkit.Secret, codes.Unknown,
			testkit.Secret},
		{"unavailable", status.Error(codes.Unavailable, testkit.Secret), 503, "", testkit.Secret, codes.Unavailable,
			testkit.Secret},
		{"unimplemented", status.Error(codes.Unimplemented, "unknown service tenant.v7"), 501, "",
			"unknown service tenant.v7", codes.Unimplemented, "tenant.v7"},
		{"exhausted", status.Error(codes.ResourceExhausted, testkit.Secret), 503, "", testkit.Secret,
			codes.ResourceExhausted, testkit.Secret},
		{"undefined", status.Error(77, testkit.Secret), 500, "", testkit.Secret, 77, testkit.Secret},
		{"a Go error", errors.New(testkit.Secret), 500, "", testkit.Secret, codes.Unknown, testkit.Secret},
		{"no message", status.Error(codes.Internal, ""), 500, "", "", codes.Internal, "code = Internal"},
		{"attached", attached, 503, "the store is away", "the store is away", codes.Unavailable, "the store is away"},
		{"attached over a cause", mapping.Errorf(502, "the store is away: %w", errors.New("x")), 502,
			"the store is away", "the store is away", codes.Unavailable, "the store is away"},
		{"a 4xx", status.Error(codes.NotFound, testkit.Secret), 404, testkit.Secret, testkit.Secret, codes.NotFound,
			testkit.Secret},
	} {
		for _, transport := range testkit.Transports {
			for _, pass := range []bool{false, true} {
				t.Run(fmt.Sprint(c.name, " ", transport, " ", pass), func(t *testing.T) {
					var n notebook
					service := &testkit.Service{}
					service.Behave(testkit.Fails(c.err))
					options, want := []gateway.Option{gateway.WithObserver(n.observe)}, c.want
					if pass {
						options, want = append(options, gateway.WithServerMessages()), c.passed
					}
					call{}.To(t, bridged(t, transport, service, gateway.New(options...))).WantError(t, c.status, want,
						"")
					o := n.one(t)
					if o.HTTPStatus != c.status || o.GRPCCode != c.code ||
						!strings.Contains(fmt.Sprint(o.Err), c.text) {
						t.Errorf("observed %d %v %v, want %d %v %q", o.HTTPStatus, o.GRPCCode, o.Err, c.status,
							c.code, c.text)
					}
					if o.RPCMethod != "/statusbridge.testkit.v1.ThingService/Get" || o.Route != "/v1/things/{id}" {
						t.Errorf("observed the method %q and the route %q", o.RPCMethod, o.Route)
					}
				})
			}
		}
	}
}

// TestServerMessagesOfGoErrors sends the text of a Go error with WithServerMessages, if it has one.
func TestServerMessagesOfGoErrors(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		err    error
		status int
		want   string
	}{
		"a plain error": {errors.New(testkit.Secret), 500, testkit.Secret},
		"an HTTP error of a text": {&runtime.HTTPStatusError{HTTPStatus: 502, Err: errors.New(testkit.Secret)}, 502,
			testkit.Secret},
		"an HTTP error of nothing": {&runtime.HTTPStatusError{HTTPStatus: 502}, 502, testkit.Meanings[502]},
		"an HTTP error of another that has nothing": {
			&runtime.HTTPStatusError{HTTPStatus: 502,
				Err: &runtime.HTTPStatusError{HTTPStatus: 503}}, 502, testkit.Meanings[502]},
	} {
		t.Run(name, func(t *testing.T) {
			service := &testkit.Service{}
			service.Behave(testkit.Fails(c.err))
			base := bridged(t, testkit.InProcess, service, gateway.New(gateway.WithServerMessages()))
			call{}.To(t, base).WantError(t, c.status, c.want, "")
		})
	}
}

// TestStreamsInProcess calls streams in process, which grpc-gateway does not serve. They are a plain 501.
func TestStreamsInProcess(t *testing.T) {
	t.Parallel()
	base := bridged(t, testkit.InProcess, &testkit.Service{}, standard)
	for _, c := range []call{
		{Path: "/v1/things/1/watch"},
		{Method: "POST", Path: "/v1/uploads", Body: "{}"},
		{Method: "POST", Path: "/v1/chat", Body: "{}"},
	} {
		c.To(t, base).WantError(t, 501, "", "")
	}
}

// TestGoErrorsUnderMapping maps the code of plain Go errors to a 4xx. Their text is not sent there either.
func TestGoErrorsUnderMapping(t *testing.T) {
	t.Parallel()
	for name, err := range map[string]error{
		"a Go error":         errors.New(testkit.Secret),
		"a wrapped Go error": fmt.Errorf("things: %w", errors.New(testkit.Secret)),
		"a status":           status.Error(codes.Unknown, testkit.Secret),
	} {
		for _, transport := range testkit.Transports {
			service := &testkit.Service{}
			service.Behave(testkit.Fails(err))
			base := bridged(t, transport, service, gateway.New(gateway.WithMapping(codes.Unknown, 400)))
			t.Run(fmt.Sprint(name, " ", transport), func(t *testing.T) {
				call{}.To(t, base).WantError(t, 400, "", "")
			})
		}
	}
}
