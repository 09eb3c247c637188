package contract

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/url"
	"syscall"
)

// isUnreachable reports whether an error says that the other side cannot be talked to: refused, reset, not found by
// DNS, not trusted by TLS, or gone before it answered. Time-outs are told apart before.
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
	// What is left of http.Client.Do are connections that broke in other ways. A URL that does not parse is the
	// caller's own mistake.
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
