package contract

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/url"
	"os"
	"slices"
	"syscall"

	"google.golang.org/grpc/codes"
)

// meaningOf returns the code of an error without a gRPC status.
func meaningOf(err error) codes.Code {
	switch {
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, os.ErrDeadlineExceeded):
		return codes.DeadlineExceeded
	case errors.Is(err, context.Canceled):
		return codes.Canceled
	case timedOut(err):
		return codes.DeadlineExceeded
	case isUnreachable(err):
		return codes.Unavailable
	}
	return codes.Unknown
}

// timedOut reports whether any error of the chain is a time-out. A wrapping error may hide the method Timeout.
func timedOut(err error) bool {
	for err != nil {
		if timeout, ok := err.(interface{ Timeout() bool }); ok && timeout.Timeout() {
			return true
		}
		switch wrapper := err.(type) {
		case interface{ Unwrap() error }:
			err = wrapper.Unwrap()
		case interface{ Unwrap() []error }:
			return slices.ContainsFunc(wrapper.Unwrap(), timedOut)
		default:
			return false
		}
	}
	return false
}

// isUnreachable reports whether the connection to the other side failed: refused, reset, not found by DNS, not trusted
// by TLS, or closed before the response. The caller has excluded time-outs.
func isUnreachable(err error) bool {
	for _, target := range unreachable {
		if errors.Is(err, target) {
			return true
		}
	}
	if is[*net.OpError](err) || is[*net.DNSError](err) || is[tls.AlertError](err) || is[tls.RecordHeaderError](err) ||
		is[*tls.CertificateVerificationError](err) || is[x509.UnknownAuthorityError](err) ||
		is[x509.HostnameError](err) || is[x509.CertificateInvalidError](err) {
		return true
	}
	// Other errors of http.Client.Do are connections that broke in other ways. A URL that does not parse is a mistake
	// of the caller.
	request, ok := errors.AsType[*url.Error](err)
	return ok && request.Op != "parse"
}

var unreachable = []error{
	syscall.ECONNREFUSED, syscall.ECONNRESET, syscall.ECONNABORTED, syscall.EPIPE, syscall.EHOSTUNREACH,
	syscall.ENETUNREACH, net.ErrClosed,
}

func is[E error](err error) bool {
	_, ok := errors.AsType[E](err)
	return ok
}
