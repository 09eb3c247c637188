package contract_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"syscall"
	"testing"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/statusbridge/statusbridge/internal/contract"
)

// timeout is an error with the method of net.Error. Its text hides the error inside.
type timeout struct{ expired bool }

func (timeout) Error() string   { return "timeout" }
func (t timeout) Timeout() bool { return t.expired }

// statusError is an error of another library, with a gRPC status.
type statusError struct{ status *status.Status }

func (statusError) Error() string                { return "secret" }
func (e statusError) GRPCStatus() *status.Status { return e.status }

// TestRead_code expects the code that google/rpc/code.proto describes for each cause. Without a status, a context error
// comes before a time-out, and a time-out before a broken connection.
func TestRead_code(t *testing.T) {
	late, punctual := timeout{true}, timeout{false}
	dial := func(err error) error { return &net.OpError{Op: "dial", Err: err} }
	do := func(op string, err error) error { return &url.Error{Op: op, URL: "http://a", Err: err} }
	for _, test := range []struct {
		err  error
		want codes.Code
	}{
		{errors.New("any"), codes.Unknown},
		{errors.Join(errors.New("a"), errors.New("b")), codes.Unknown},
		{context.DeadlineExceeded, codes.DeadlineExceeded},
		{os.ErrDeadlineExceeded, codes.DeadlineExceeded},
		{fmt.Errorf("a: %w", context.Canceled), codes.Canceled},
		{errors.Join(context.Canceled, context.DeadlineExceeded), codes.DeadlineExceeded},
		{errors.Join(late, context.Canceled), codes.Canceled},
		{late, codes.DeadlineExceeded},
		{punctual, codes.Unknown},
		{fmt.Errorf("a: %w", late), codes.DeadlineExceeded},
		{errors.Join(punctual, fmt.Errorf("a: %w", errors.Join(errors.New("b"), late))), codes.DeadlineExceeded},
		{dial(late), codes.DeadlineExceeded},
		{dial(errors.New("any")), codes.Unavailable},
		{errors.Join(dial(errors.New("any")), late), codes.DeadlineExceeded},
		{do("Get", errors.New("any")), codes.Unavailable},
		{do("Get", context.Canceled), codes.Canceled},
		{do("parse", errors.New("any")), codes.Unknown},
		{fmt.Errorf("a: %w", syscall.ECONNREFUSED), codes.Unavailable},
		{syscall.ECONNRESET, codes.Unavailable},
		{syscall.ECONNABORTED, codes.Unavailable},
		{syscall.EPIPE, codes.Unavailable},
		{syscall.EHOSTUNREACH, codes.Unavailable},
		{syscall.ENETUNREACH, codes.Unavailable},
		{syscall.ENOENT, codes.Unknown},
		{net.ErrClosed, codes.Unavailable},
		{&net.DNSError{Err: "no such host", IsNotFound: true}, codes.Unavailable},
		{&net.DNSError{Err: "slow", IsTimeout: true}, codes.DeadlineExceeded},
		{tls.AlertError(40), codes.Unavailable},
		{tls.RecordHeaderError{}, codes.Unavailable},
		{&tls.CertificateVerificationError{Err: errors.New("any")}, codes.Unavailable},
		{x509.UnknownAuthorityError{}, codes.Unavailable},
		{x509.HostnameError{Certificate: &x509.Certificate{}}, codes.Unavailable},
		{x509.CertificateInvalidError{}, codes.Unavailable},
		{statusError{status.New(codes.Aborted, "m")}, codes.Aborted},
		{errors.Join(context.Canceled, statusError{status.New(codes.Aborted, "m")}), codes.Aborted},
		{statusError{status.New(codes.OK, "m")}, codes.Internal},
		{statusError{}, codes.Internal},
	} {
		r := contract.Read(test.err)
		if r.Code != test.want {
			t.Errorf("%T %v is %v, want %v", test.err, test.err, r.Code, test.want)
		}
		if r.RetryAfter != -1 || r.ClientText != "" || r.Detailed {
			t.Errorf("%T %v: read %+v", test.err, test.err, r)
		}
	}
}
