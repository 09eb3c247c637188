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

	statusbridgev1 "github.com/statusbridge/statusbridge/gen/go/statusbridge/v1"
	"github.com/statusbridge/statusbridge/internal/testkit/badpeer"
	"github.com/statusbridge/statusbridge/mapping"
)

// carrier is another library's error with a status of its own.
type carrier struct{ status *status.Status }

func (c carrier) Error() string              { return "secret text of a carrier" }
func (c carrier) GRPCStatus() *status.Status { return c.status }

// slow is another library's time-out.
type slow struct{}

func (slow) Error() string { return "secret: slow" }
func (slow) Timeout() bool { return true }

func sentence(status int) string {
	for _, row := range page {
		if row.status == status {
			return row.meaning
		}
	}
	return ""
}

func with(st *status.Status, err error) error {
	if err != nil {
		panic(err)
	}
	return st.Err()
}

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
		{"another library's carrier", carrier{status.New(codes.Aborted, "busy")}, 409, codes.Aborted, "busy", ""},
		{"a carrier of OK", carrier{status.New(codes.OK, "fine")}, 500, codes.Internal, sentence(500), ""},
		{"a carrier of nothing", carrier{}, 500, codes.Internal, sentence(500), ""},
		{"a refined status", with(status.New(codes.Unavailable, "secret").WithDetails(
			&statusbridgev1.Error{Code: 502, Message: "the scheduler answered nonsense", Details: "line 3"})),
			502, codes.Unavailable, "the scheduler answered nonsense", "line 3"},
		{"a refined 4xx without its own text", with(status.New(codes.Unimplemented, "use PUT").WithDetails(
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
		{"no TLS", tls.RecordHeaderError{}, 503, codes.Unavailable, sentence(503), ""},
		{"no trust", &tls.CertificateVerificationError{Err: errors.New("secret")}, 503, codes.Unavailable,
			sentence(503), ""},
		{"an unknown authority", x509.UnknownAuthorityError{}, 503, codes.Unavailable, sentence(503), ""},
		{"another host", x509.HostnameError{Certificate: &x509.Certificate{}}, 503, codes.Unavailable, sentence(503),
			""},
		{"an expired certificate", x509.CertificateInvalidError{Reason: x509.Expired}, 503, codes.Unavailable,
			sentence(503), ""},
		{"a deadline beside a cancellation", errors.Join(context.Canceled, context.DeadlineExceeded), 504,
			codes.DeadlineExceeded, sentence(504), ""},
		{"a foreign error", errors.New("pq: secret"), 500, codes.Unknown, sentence(500), ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got := mapping.FromError(test.err)
			if got.HTTPStatus != test.status || got.Message != test.message || got.Details != test.details {
				t.Errorf("%d %q %q, want %d %q %q",
					got.HTTPStatus, got.Message, got.Details, test.status, test.message, test.details)
			}
			if !errors.Is(got, test.err) {
				t.Error("the error that was read is not in the chain")
			}
			if code := got.GRPCStatus().Code(); code != test.code {
				t.Errorf("sends %v, want %v", code, test.code)
			}
			again := mapping.FromError(got)
			if again != got {
				t.Errorf("read again it is another: %v", again)
			}
		})
	}
}

// An Error that claims a success is a mistake, and read as one.
func TestFromErrorIsNeverASuccess(t *testing.T) {
	for httpStatus := 200; httpStatus < 300; httpStatus++ {
		claim := mapping.Errorf(httpStatus, "m")
		for _, err := range []error{claim, fmt.Errorf("x: %w", claim)} {
			if got := mapping.FromError(err); got.HTTPStatus != 500 || got.Message != "m" || !errors.Is(got, claim) {
				t.Errorf("%v reads as %v", err, got)
			}
		}
	}
}

func TestFromErrorOfNil(t *testing.T) {
	if got := mapping.FromError(nil); got != nil {
		t.Errorf("FromError(nil) = %v", got)
	}
	// What happens to those who return FromError(nil) as an error: an error, but no panic.
	var err error = mapping.FromError(nil)
	if got := mapping.FromError(err); got.HTTPStatus != 500 {
		t.Errorf("a nil *Error is %d, want 500", got.HTTPStatus)
	}
	if err.Error() == "" || errors.Unwrap(err) != nil {
		t.Errorf("a nil *Error says %q", err)
	}
}

// A real refused connection and a real time-out, as the operating system reports them.
func TestFromErrorOfTheNetwork(t *testing.T) {
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

// A status that a service made is passed on whole, and a changed one keeps what was not changed.
func TestFromErrorKeepsTheStatus(t *testing.T) {
	retry := &errdetails.RetryInfo{}
	given, err := status.New(codes.ResourceExhausted, "queue full on node-7").WithDetails(retry)
	if err != nil {
		t.Fatal(err)
	}
	e := mapping.FromError(fmt.Errorf("submit: %w", given.Err()))
	if got := e.GRPCStatus(); got.String() != given.String() || len(got.Details()) != 1 {
		t.Errorf("passed on as %v", got.Proto())
	}
	e.Message = "the queue is full"
	got := e.GRPCStatus()
	if got.Code() != codes.ResourceExhausted || got.Message() != "the queue is full" || len(got.Details()) != 2 {
		t.Errorf("changed, it is passed on as %v", got.Proto())
	}
	e.HTTPStatus = 409
	if got := e.GRPCStatus(); got.Code() != codes.Aborted {
		t.Errorf("with another status it is passed on as %v", got.Proto())
	}
	if given.Message() != "queue full on node-7" || len(given.Details()) != 1 {
		t.Errorf("the service's status was changed: %v", given.Proto())
	}
}
