package badpeer

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"math/big"
	"net"
	"testing"
	"time"

	"google.golang.org/grpc/credentials"
)

// Authority is a certificate authority in memory.
type Authority struct {
	certificate *x509.Certificate
	key         *ecdsa.PrivateKey
}

// NewAuthority returns a new authority that nobody trusts yet.
func NewAuthority(t testing.TB) *Authority {
	t.Helper()
	key := newKey(t)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "an authority"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	return &Authority{sign(t, template, template, key, key), key}
}

// Credentials returns credentials for a client that trusts this authority.
func (a *Authority) Credentials() credentials.TransportCredentials {
	pool := x509.NewCertPool()
	pool.AddCert(a.certificate)
	return credentials.NewTLS(&tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12})
}

// Server returns the TLS configuration of a server on loopback with HTTP/2.
func (a *Authority) Server(t testing.TB) *tls.Config {
	t.Helper()
	return a.config(t, "127.0.0.1", time.Hour, "h2")
}

// Speaking is Server with other protocols, or none, in ALPN (RFC 7301).
func (a *Authority) Speaking(t testing.TB, protocols ...string) *tls.Config {
	t.Helper()
	return a.config(t, "127.0.0.1", time.Hour, protocols...)
}

// Named is Server for another address.
func (a *Authority) Named(t testing.TB, address string) *tls.Config {
	t.Helper()
	return a.config(t, address, time.Hour, "h2")
}

// Expired is Server with a certificate that has expired.
func (a *Authority) Expired(t testing.TB) *tls.Config {
	t.Helper()
	return a.config(t, "127.0.0.1", -time.Minute, "h2")
}

func (a *Authority) config(t testing.TB, address string, valid time.Duration, protocols ...string) *tls.Config {
	t.Helper()
	key := newKey(t)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: "a server"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(valid),
		IPAddresses: []net.IP{net.ParseIP(address)}, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	certificate := sign(t, template, a.certificate, key, a.key)
	return &tls.Config{
		Certificates: []tls.Certificate{{Certificate: [][]byte{certificate.Raw}, PrivateKey: key}},
		NextProtos:   protocols, MinVersion: tls.VersionTLS12,
	}
}

func newKey(t testing.TB) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func sign(t testing.TB, template, parent *x509.Certificate, key, signer *ecdsa.PrivateKey) *x509.Certificate {
	t.Helper()
	raw, err := x509.CreateCertificate(rand.Reader, template, parent, key.Public(), signer)
	if err == nil {
		var certificate *x509.Certificate
		if certificate, err = x509.ParseCertificate(raw); err == nil {
			return certificate
		}
	}
	t.Fatal(fmt.Errorf("badpeer: a certificate: %w", err))
	return nil
}
