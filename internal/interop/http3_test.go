package interop

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"math/big"
	"net"
	"net/http"
	"testing"
	"time"

	"github.com/quic-go/quic-go/http3"

	"github.com/statusbridge/statusbridge/gateway"
	"github.com/statusbridge/statusbridge/internal/testkit"
)

// TestHTTP3 runs the gateway in quic-go's server, which does not repair the headers that a handler sends.
func TestHTTP3(t *testing.T) {
	bridge := gateway.New()
	m := newMux(t, bridge)
	for name, h := range map[string]http.Handler{"mux": m, "Handler": bridge.Handler(m)} {
		t.Run(name, func(t *testing.T) {
			url, c := serveHTTP3(t, h)
			for _, httpStatus := range documented {
				check(t, c.get(t, url+thingPath(httpStatus)), httpStatus)
				check(t, c.get(t, url+thingPath(httpStatus), "TE", "trailers"), httpStatus)
				checkMethod(t, c.send(t, http.MethodHead, url+thingPath(httpStatus), nil), httpStatus, http.MethodHead)
			}
			check(t, c.get(t, url+"/nowhere"), http.StatusNotFound)
			check(t, c.send(t, http.MethodPost, url+thingPath(200), nil), http.StatusMethodNotAllowed)
			malformed := c.send(t, http.MethodPost, url+"/v1/things", bytes.NewReader([]byte("{broken")))
			check(t, malformed, http.StatusBadRequest)
			check(t, c.get(t, url+watchPath(409)), http.StatusConflict)
			if r := c.get(t, url+watchPath(3200)); r.err != nil || bytes.Count(r.body, []byte(`"sequence"`)) != 3 {
				t.Errorf("a stream: %v", r)
			}
			late := c.get(t, url+watchPath(3409))
			if late.err != nil || !bytes.Contains(late.body, []byte(`{"error":{"code":409,`)) {
				t.Errorf("a stream that fails later: %v", late)
			}
			if r := c.get(t, url+exportPath(3200)); r.err != nil || !bytes.Equal(r.body, export(3)) {
				t.Errorf("a download: %v", r)
			}
			if r := c.get(t, url+exportPath(3409)); r.status != http.StatusOK || r.err == nil {
				t.Errorf("a download that fails later looks complete: %v", r)
			}
			checkMethod(t, c.send(t, http.MethodHead, url+watchPath(409), nil), http.StatusConflict, http.MethodHead)
			for key := range c.get(t, url+watchPath(1200), "TE", "trailers").header {
				if key == "Transfer-Encoding" || key == "Connection" {
					t.Errorf("%s in HTTP/3", key)
				}
			}
		})
	}
}

// serveHTTP3 serves h over QUIC on loopback.
func serveHTTP3(t *testing.T, h http.Handler) (string, caller) {
	t.Helper()
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	certificate, pool := selfSigned(t)
	server := &http3.Server{
		Handler:   h,
		TLSConfig: http3.ConfigureTLSConfig(&tls.Config{Certificates: []tls.Certificate{certificate}}),
	}
	go func() { _ = server.Serve(conn) }()
	transport := &http3.Transport{TLSClientConfig: &tls.Config{RootCAs: pool}}
	t.Cleanup(func() {
		_ = transport.Close()
		_ = server.Close()
		_ = conn.Close()
	})
	client := &http.Client{Transport: transport, Timeout: testkit.Patience}
	return "https://" + conn.LocalAddr().String(), caller{client: client}
}

// selfSigned returns a certificate for 127.0.0.1 and the pool that trusts it.
func selfSigned(t *testing.T) (tls.Certificate, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1),
		NotBefore:    time.Now().Add(-time.Hour),
		NotAfter:     time.Now().Add(time.Hour),
		IPAddresses:  []net.IP{net.IPv4(127, 0, 0, 1)},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(leaf)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, pool
}
