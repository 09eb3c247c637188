package gateway_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"syscall"
	"testing"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/statusbridge/statusbridge/gateway"
	"github.com/statusbridge/statusbridge/internal/probe"
	"github.com/statusbridge/statusbridge/mapping"
)

// carrier is an error of somebody else's with a status.
type carrier struct{ status *status.Status }

func (c carrier) Error() string              { return "carrier of " + secret }
func (c carrier) GRPCStatus() *status.Status { return c.status }

// TestGoErrors are Go values that a service returns. Over the network grpc-go has made statuses of them; in process
// they arrive as they are, and the answer is the same.
func TestGoErrors(t *testing.T) {
	run(t, []scenario{
		{
			name: "a plain error", behave: fails(errors.New(secret)),
			status: 500, stock: stock(500, secret),
		}, {
			name: "a deadline", behave: fails(context.DeadlineExceeded),
			status: 504, stock: baseline{network: 504, inProcess: 500},
		}, {
			name: "a wrapped deadline", behave: fails(fmt.Errorf("db: %w", context.DeadlineExceeded)),
			status: 504, stock: baseline{network: 504, inProcess: 500},
		}, {
			name: "a cancellation", behave: fails(context.Canceled),
			status: 503, stock: baseline{network: 499, inProcess: 500},
		}, {
			name: "a wrapped cancellation", behave: fails(fmt.Errorf("db: %w", context.Canceled)),
			status: 503, stock: baseline{network: 499, inProcess: 500},
		}, {
			name: "a nil status", behave: fails(carrier{nil}),
			status: 500, stock: stock(500),
		}, {
			name: "a nil Error", behave: fails((*mapping.Error)(nil)),
			status: 500, stock: stock(500),
		},
	})
}

// TestStatusOfOK has a service return an error whose status is OK. Over the network, grpc-go sends a success without a
// message, which is not a valid reply.
func TestStatusOfOK(t *testing.T) {
	for transport, c := range map[probe.Transport]struct{ status, stock int }{
		probe.Network: {502, 500}, probe.InProcess: {500, 200},
	} {
		service := &probe.Service{}
		service.Behave(fails(carrier{status.New(codes.OK, "fine")}))
		call{}.to(t, bridged(t, transport, service, probe.Bridge(gateway.New()))).wantError(t, c.status, "", "")
		scenario{stock: stock(c.stock)}.wantStock(t, transport, bare(t, transport, service))
	}
}

// TestGoErrorsInProcess are the ones whose meaning the network loses.
func TestGoErrorsInProcess(t *testing.T) {
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
		stock   baseline
	}{
		{"a wrapped status", fmt.Errorf("repo.Get: %w", status.Error(codes.NotFound, "row 5")), 404, "row 5", "",
			stock(404, "repo.Get: rpc error: code = NotFound desc = row 5")},
		{"a deeply wrapped status", fmt.Errorf("a: %w", fmt.Errorf("b: %w", rich.Err())), 409, "not empty", "name: taken", stock(400)},
		{"a status among joined errors", errors.Join(errors.New(secret), status.Error(codes.NotFound, "row 5")), 404, "row 5", "", stock(404)},
		{"a status beside a context error", errors.Join(context.Canceled, status.Error(codes.NotFound, "row 5")), 404, "row 5", "", stock(404)},
		{"a wrapped 5xx status", fmt.Errorf("repo: %w", status.Error(codes.Internal, secret)), 500, "", "", stock(500)},
		{"a wrapped Error", fmt.Errorf("repo: %w", mapping.Errorf(405, "read-only")), 405, "read-only", "", stock(501)},
		{"a joined Error", errors.Join(errors.New(secret), mapping.Errorf(502, "nonsense")), 502, "nonsense", "", stock(503)},
		{"a wrapped carrier of OK", fmt.Errorf("x: %w", carrier{status.New(codes.OK, "")}), 500, "", "", stock(200)},
		{"a wrapped carrier of nil", fmt.Errorf("x: %w", carrier{nil}), 500, "", "", stock(500)},
		{"a refused connection", &net.OpError{Op: "dial", Err: os.NewSyscallError("connect", syscall.ECONNREFUSED)}, 503, "", "", stock(500)},
		{"an i/o time-out", fmt.Errorf("x: %w", os.ErrDeadlineExceeded), 504, "", "", stock(500)},
		{"a DNS time-out", &net.DNSError{Err: "timeout", Name: "db.internal", IsTimeout: true}, 504, "", "", stock(500)},

		// grpc-gateway's own type.
		{"405 over a text", httpError(405, errors.New(secret)), 405, "", "", stock(405)},
		{"405 over a status", httpError(405, status.Error(codes.Unimplemented, "read-only")), 405, "read-only", "", stock(405)},
		{"502 over a status", httpError(502, status.Error(codes.Unavailable, secret)), 502, "", "", stock(502)},
		{"502 over an Error", httpError(502, mapping.Errorf(503, "away")), 502, "away", "", stock(502)},
		{"504 over a cancellation", httpError(504, context.Canceled), 504, "", "", stock(504)},
		{"404 over nothing", httpError(404, nil), 404, "", "", stock(404)},
		{"200 over nothing", httpError(200, nil), 500, "", "", stock(200)},
		{"200 over a text", httpError(200, errors.New(secret)), 500, "", "", stock(200)},
		{"204 over a status", httpError(204, status.Error(codes.NotFound, "row 5")), 404, "row 5", "", stock(204)},
		{"302 over a status", httpError(302, status.Error(codes.NotFound, "row 5")), 404, "row 5", "", stock(302)},
		{"418 over a status", httpError(418, status.Error(codes.NotFound, "row 5")), 404, "row 5", "", stock(418)},
		{"418 over a text", httpError(418, errors.New(secret)), 500, "", "", stock(418)},
		{"0 over a status", httpError(0, status.Error(codes.NotFound, "row 5")), 404, "row 5", "", stock(malformed)},
		{"1000 over a status", httpError(1000, status.Error(codes.NotFound, "row 5")), 404, "row 5", "", stock(malformed)},
		{"a wrapped 403", fmt.Errorf("x: %w", httpError(403, status.Error(codes.NotFound, "hidden"))), 403, "hidden", "", stock(403)},
		{"403 over 404", httpError(403, httpError(404, status.Error(codes.NotFound, "hidden"))), 403, "hidden", "", stock(403)},
		{"a nil one", (*runtime.HTTPStatusError)(nil), 500, "", "", stock(malformed)},
	} {
		t.Run(c.name, func(t *testing.T) {
			service := &probe.Service{}
			service.Behave(fails(c.err))
			call{}.to(t, bridged(t, probe.InProcess, service, probe.Bridge(gateway.New()))).wantError(t, c.status, c.message, c.details)
			call{}.to(t, startAlone(t, probe.InProcess, service)).wantError(t, c.status, c.message, c.details)
			scenario{stock: c.stock}.wantStock(t, probe.InProcess, bare(t, probe.InProcess, service))
		})
	}
}

// TestServerMessagesOfGoErrors passes what there is to pass, and does not fall over what there is not.
func TestServerMessagesOfGoErrors(t *testing.T) {
	for name, c := range map[string]struct {
		err    error
		status int
		want   string
	}{
		"a plain error":            {errors.New(secret), 500, secret},
		"an HTTP error of a text":  {&runtime.HTTPStatusError{HTTPStatus: 502, Err: errors.New(secret)}, 502, secret},
		"an HTTP error of nothing": {&runtime.HTTPStatusError{HTTPStatus: 502}, 502, pageMeanings[502]},
		"an HTTP error of another that has nothing": {
			&runtime.HTTPStatusError{HTTPStatus: 502, Err: &runtime.HTTPStatusError{HTTPStatus: 503}}, 502, pageMeanings[502]},
	} {
		t.Run(name, func(t *testing.T) {
			service := &probe.Service{}
			service.Behave(fails(c.err))
			base := bridged(t, probe.InProcess, service, probe.Bridge(gateway.New(gateway.WithServerMessages())))
			call{}.to(t, base).wantError(t, c.status, c.want, "")
		})
	}
}

// TestStreamsInProcess are routes that grpc-gateway does not serve in process, which is a plain 501.
func TestStreamsInProcess(t *testing.T) {
	base := bridged(t, probe.InProcess, &probe.Service{}, probe.Bridge(gateway.New()))
	for _, c := range []call{
		{path: "/v1/things/1/watch"},
		{method: "POST", path: "/v1/uploads", body: "{}"},
		{method: "POST", path: "/v1/chat", body: "{}"},
	} {
		c.to(t, base).wantError(t, 501, "", "")
	}
}
