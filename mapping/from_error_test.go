package mapping_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"os"
	"syscall"
	"testing"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	statusbridgev1 "github.com/statusbridge/statusbridge/gen/go/statusbridge/v1"
	"github.com/statusbridge/statusbridge/internal/testkit/badpeer"
	"github.com/statusbridge/statusbridge/mapping"
)

// carrier is an error of another library, with a gRPC status.
type carrier struct{ status *status.Status }

func (c carrier) Error() string              { return "secret text of a carrier" }
func (c carrier) GRPCStatus() *status.Status { return c.status }

// slow is a time-out of another library.
type slow struct{}

func (slow) Error() string { return "secret: slow" }
func (slow) Timeout() bool { return true }

// sentence returns the documented sentence of a status.
func sentence(status int) string {
	for _, row := range page {
		if row.status == status {
			return row.meaning
		}
	}
	return ""
}

// with returns the error of a status. It panics if the details cannot be marshalled.
func with(st *status.Status, err error) error {
	if err != nil {
		panic(err)
	}
	return st.Err()
}

// TestFromError reads errors of each kind.
func TestFromError(t *testing.T) {
	notFound := status.Error(codes.NotFound, "no such project")
	expired, cancel := context.WithTimeout(t.Context(), 0)
	defer cancel()
	<-expired.Done()
	tests := []struct {
		name    string
		err     error
		status  int
		code    codes.Code
		message string
		details string
	}{
		{"a status", notFound, 404, codes.NotFound, "no such project", ""},
		{"a wrapped status", fmt.Errorf("repository: %w", fmt.Errorf("row 5: %w", notFound)), 404, codes.NotFound,
			"no such project", ""},
		{"a joined status", errors.Join(errors.New("secret"), notFound), 404, codes.NotFound, "no such project", ""},
		{"a status without text", status.Error(codes.NotFound, ""), 404, codes.NotFound, sentence(404), ""},
		{"a 5xx status", status.Error(codes.Internal, "secret"), 500, codes.Internal, sentence(500), ""},
		{"an undefined code", status.Error(codes.Code(77), "secret"), 500, codes.Code(77), sentence(500), ""},
		{"a status of another library", carrier{status.New(codes.Aborted, "busy")}, 409, codes.Aborted, "busy", ""},
		{"the status OK", carrier{status.New(codes.OK, "fine")}, 500, codes.Internal, sentence(500), ""},
		{"no status", carrier{}, 500, codes.Internal, sentence(500), ""},
		{"an exact status", with(status.New(codes.Unavailable, "secret").WithDetails(
			&statusbridgev1.Error{Code: 502, Message: "the scheduler answered nonsense", Details: "line 3"})),
			502, codes.Unavailable, "the scheduler answered nonsense", "line 3"},
		{"an exact 4xx without a text", with(status.New(codes.Unimplemented, "use PUT").WithDetails(
			&statusbridgev1.Error{Code: 405})), 405, codes.Unimplemented, "use PUT", ""},
		{"a claim of success", with(status.New(codes.NotFound, "m").WithDetails(
			&statusbridgev1.Error{Code: 204})), 404, codes.NotFound, "m", ""},
		{"field violations", with(status.New(codes.InvalidArgument, "m").WithDetails(
			&errdetails.BadRequest{FieldViolations: []*errdetails.BadRequest_FieldViolation{
				{Field: "name", Description: "is empty"}, {Field: "quota", Description: "is negative"},
			}})), 400, codes.InvalidArgument, "m", "name: is empty; quota: is negative"},
		{"an Error", mapping.Errorf(405, "use PUT"), 405, codes.Unimplemented, "use PUT", ""},
		{"a wrapped Error", fmt.Errorf("secret: %w", &mapping.Error{HTTPStatus: 409, Message: "m", Details: "d"}), 409,
			codes.Aborted, "m", "d"},
		{"an Error around a context error", mapping.Errorf(502, "m: %w", context.DeadlineExceeded), 502,
			codes.Unavailable, "m", ""},
		{"a deadline", context.DeadlineExceeded, 504, codes.DeadlineExceeded, sentence(504), ""},
		{"a wrapped deadline", fmt.Errorf("db: %w", expired.Err()), 504, codes.DeadlineExceeded, sentence(504), ""},
		{"a cancelled context", fmt.Errorf("db: %w", context.Canceled), 503, codes.Canceled, sentence(503), ""},
		{"an os deadline", fmt.Errorf("read: %w", os.ErrDeadlineExceeded), 504, codes.DeadlineExceeded, sentence(504),
			""},
		{"a time-out", fmt.Errorf("call: %w", slow{}), 504, codes.DeadlineExceeded, sentence(504), ""},
		{"a refused connection",
			fmt.Errorf("call: %w", &net.OpError{Op: "dial", Err: os.NewSyscallError("connect", syscall.ECONNREFUSED)}),
			503, codes.Unavailable, sentence(503), ""},
		{"a name that is not found", &net.DNSError{Err: "no such host", IsNotFound: true}, 503, codes.Unavailable,
			sentence(503), ""},
		{"an alert of TLS", tls.AlertError(40), 503, codes.Unavailable, sentence(503), ""},
		{"a record that is not TLS", tls.RecordHeaderError{}, 503, codes.Unavailable, sentence(503), ""},
		{"an untrusted certificate", &tls.CertificateVerificationError{Err: errors.New("secret")}, 503,
			codes.Unavailable,
			sentence(503), ""},
		{"an unknown authority", x509.UnknownAuthorityError{}, 503, codes.Unavailable, sentence(503), ""},
		{"another host", x509.HostnameError{Certificate: &x509.Certificate{}}, 503, codes.Unavailable, sentence(503),
			""},
		{"an expired certificate", x509.CertificateInvalidError{Reason: x509.Expired}, 503, codes.Unavailable,
			sentence(503), ""},
		{"a deadline beside a cancellation", errors.Join(context.Canceled, context.DeadlineExceeded), 504,
			codes.DeadlineExceeded, sentence(504), ""},
		{"any other error", errors.New("pq: secret"), 500, codes.Unknown, sentence(500), ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got := mapping.FromError(test.err)
			if got.HTTPStatus != test.status || got.Message != test.message || got.Details != test.details {
				t.Errorf("%d %q %q, want %d %q %q",
					got.HTTPStatus, got.Message, got.Details, test.status, test.message, test.details)
			}
			if !errors.Is(got, test.err) {
				t.Error("the error is not in the chain of the result")
			}
			if code := got.GRPCStatus().Code(); code != test.code {
				t.Errorf("sends %v, want %v", code, test.code)
			}
			again := mapping.FromError(got)
			if again != got {
				t.Errorf("the second reading is %v", again)
			}
		})
	}
}

// TestFromError_status_of_a_success reads an Error with a 2xx as a 500.
func TestFromError_status_of_a_success(t *testing.T) {
	for httpStatus := 200; httpStatus < 300; httpStatus++ {
		made, claim := mapping.Errorf(httpStatus, "m"), &mapping.Error{HTTPStatus: httpStatus, Message: "m"}
		for _, err := range []error{made, fmt.Errorf("x: %w", made), claim, fmt.Errorf("x: %w", claim)} {
			if got := mapping.FromError(err); got.HTTPStatus != 500 || got.Message != "m" || !errors.Is(got, err) {
				t.Errorf("%v reads as %v", err, got)
			}
		}
	}
}

// TestFromError_nil returns nil for nil. A nil *Error in a variable of type error is a 500.
func TestFromError_nil(t *testing.T) {
	if got := mapping.FromError(nil); got != nil {
		t.Errorf("FromError(nil) = %v", got)
	}
	var err error = mapping.FromError(nil)
	if got := mapping.FromError(err); got.HTTPStatus != 500 {
		t.Errorf("a nil *Error is %d, want 500", got.HTTPStatus)
	}
	if err.Error() == "" || errors.Unwrap(err) != nil {
		t.Errorf("a nil *Error says %q", err)
	}
}

// TestFromError_of_the_network reads a refused connection and a time-out of the operating system.
func TestFromError_of_the_network(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	conn, err := net.Dial("tcp", listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	if err := conn.SetReadDeadline(time.Now()); err != nil {
		t.Fatal(err)
	}
	_, err = conn.Read(make([]byte, 1))
	if got := mapping.FromError(err); got.HTTPStatus != 504 || got.Message != sentence(504) {
		t.Errorf("%v is %d %q, want 504", err, got.HTTPStatus, got.Message)
	}
	_, err = net.Dial("tcp", badpeer.Nowhere(t))
	if got := mapping.FromError(err); got.HTTPStatus != 503 || got.Message != sentence(503) {
		t.Errorf("%v is %d %q, want 503", err, got.HTTPStatus, got.Message)
	}
}

// TestFromError_keeps_the_status returns the status of a service unchanged. If a field is changed, the rest is kept.
func TestFromError_keeps_the_status(t *testing.T) {
	retry := &errdetails.RetryInfo{}
	given, err := status.New(codes.ResourceExhausted, "queue full on node-7").WithDetails(retry)
	if err != nil {
		t.Fatal(err)
	}
	e := mapping.FromError(fmt.Errorf("submit: %w", given.Err()))
	if got := e.GRPCStatus(); got.String() != given.String() || len(got.Details()) != 1 {
		t.Errorf("sent as %v", got.Proto())
	}
	e.Message = "the queue is full"
	got := e.GRPCStatus()
	if got.Code() != codes.ResourceExhausted || got.Message() != "the queue is full" || len(got.Details()) != 2 {
		t.Errorf("with another message it is sent as %v", got.Proto())
	}
	e.HTTPStatus = 409
	if got := e.GRPCStatus(); got.Code() != codes.Aborted {
		t.Errorf("with another status it is sent as %v", got.Proto())
	}
	if given.Message() != "queue full on node-7" || len(given.Details()) != 1 {
		t.Errorf("the service's status was changed: %v", given.Proto())
	}
}

// TestFromError_keeps_details returns a status with all its details, for every code.
func TestFromError_keeps_details(t *testing.T) {
	for code := codes.Code(1); code <= 17; code++ {
		given, err := status.New(code, "m").WithDetails(violationOf("a", "b"), &errdetails.DebugInfo{Detail: "d"},
			&errdetails.LocalizedMessage{Message: "l"}, &statusbridgev1.Error{Code: 405, Details: "own"})
		if err != nil {
			t.Fatal(err)
		}
		if got := mapping.FromError(given.Err()).GRPCStatus(); !proto.Equal(got.Proto(), given.Proto()) {
			t.Errorf("%v is sent as %v", given.Proto(), got.Proto())
		}
	}
}
