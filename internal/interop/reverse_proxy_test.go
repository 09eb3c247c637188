package interop

import (
	"context"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/statusbridge/statusbridge/gateway"
)

// TestReverseProxy runs httputil.ReverseProxy inside Handler with WriteError as its ErrorHandler, before legacy
// backends that fail in every way.
func TestReverseProxy(t *testing.T) {
	var seen observations
	bridge := gateway.New(seen.option())
	for _, c := range []struct {
		name       string
		address    string
		httpStatus int
	}{
		{"nothing listens", free(t), http.StatusServiceUnavailable},
		{"it closes the connection", legacy(t, "", true), http.StatusServiceUnavailable},
		{"it says no HTTP", legacy(t, "SSH-2.0-OpenSSH\r\n\r\n", true), http.StatusBadGateway},
		{"its header is broken", legacy(t, "HTTP/1.1 200 OK\r\nbad header\r\n\r\n", true), http.StatusBadGateway},
		{"its header is cut", legacy(t, "HTTP/1.1 200 OK\r\nContent-Type: te", true), http.StatusServiceUnavailable},
		{"it never responds", legacy(t, "", false), http.StatusGatewayTimeout},
	} {
		t.Run(c.name, func(t *testing.T) {
			proxy := newReverseProxy(c.address, bridge)
			// The deadline of a proxy is that of its request's context.
			inner := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				ctx, cancel := context.WithTimeout(r.Context(), time.Second)
				defer cancel()
				proxy.ServeHTTP(w, r.WithContext(ctx))
			})
			base := serve(t, bridge.Handler(inner))
			seen.take()
			r := newCaller(t).get(t, base+"/legacy")
			check(t, r, c.httpStatus)
			if strings.Contains(string(r.body), "127.0.0.1") || strings.Contains(string(r.body), "SSH") {
				t.Errorf("the body has internals of the legacy backend: %s", r.body)
			}
			observed := seen.take()
			if len(observed) != 1 || observed[0].HTTPStatus != c.httpStatus ||
				observed[0].Origin != gateway.OriginUpstream {
				t.Errorf("observed: %+v", observed)
			}
		})
	}
}

// TestReverseProxyTransportTimeout lets a timeout of the transport pass, which differs from a context error.
func TestReverseProxyTransportTimeout(t *testing.T) {
	var seen observations
	bridge := gateway.New(seen.option())
	proxy := newReverseProxy(legacy(t, "", false), bridge)
	proxy.Transport.(*http.Transport).ResponseHeaderTimeout = time.Second
	base := serve(t, bridge.Handler(proxy))
	check(t, newCaller(t).get(t, base+"/legacy"), http.StatusGatewayTimeout)
	if observed := seen.take(); len(observed) != 1 || observed[0].Origin != gateway.OriginUpstream {
		t.Errorf("observed: %+v", observed)
	}
}

// TestReverseProxyPassesOn shows that responses of a working legacy backend keep the contract as well.
func TestReverseProxyPassesOn(t *testing.T) {
	target := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/missing":
			http.Error(w, "no such legacy thing", http.StatusNotFound)
		case "/busy":
			w.Header().Set("Retry-After", "7")
			http.Error(w, "slow down", http.StatusTooManyRequests)
		case "/aborted":
			w.Header().Set("Content-Length", "10")
			_, _ = io.WriteString(w, "part")
			panic(http.ErrAbortHandler)
		default:
			_, _ = io.WriteString(w, "legacy")
		}
	}))
	bridge := gateway.New()
	base := serve(t, bridge.Handler(newReverseProxy(strings.TrimPrefix(target, "http://"), bridge)))
	c := newCaller(t)
	if r := c.get(t, base+"/"); r.status != http.StatusOK || string(r.body) != "legacy" {
		t.Errorf("a success: %v", r)
	}
	missing := c.get(t, base+"/missing")
	check(t, missing, http.StatusNotFound)
	if missing.errorBody().Message != "no such legacy thing" {
		t.Errorf("message: %v", missing)
	}
	busy := c.get(t, base+"/busy")
	check(t, busy, http.StatusServiceUnavailable)
	if busy.header.Get("Retry-After") != "7" {
		t.Errorf("Retry-After: %q", busy.header.Get("Retry-After"))
	}
	if r := c.get(t, base+"/aborted"); r.err == nil && r.status < 500 {
		t.Errorf("an aborted response looks complete: %v", r)
	}
}

func newReverseProxy(address string, bridge *gateway.Bridge) *httputil.ReverseProxy {
	proxy := httputil.NewSingleHostReverseProxy(&url.URL{Scheme: "http", Host: address})
	proxy.Transport = &http.Transport{DisableKeepAlives: true}
	proxy.ErrorHandler = bridge.WriteError
	proxy.ErrorLog = log.New(io.Discard, "", 0)
	return proxy
}

// legacy listens on loopback, reads a request, sends the text, and closes the connection or keeps it open.
func legacy(t *testing.T, text string, closes bool) string {
	listener := listen(t)
	over := make(chan struct{})
	t.Cleanup(func() {
		close(over)
		_ = listener.Close()
	})
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go func(conn net.Conn) {
				defer func() { _ = conn.Close() }()
				_, _ = conn.Read(make([]byte, 4096))
				_, _ = io.WriteString(conn, text)
				if !closes {
					<-over
				}
			}(conn)
		}
	}()
	return listener.Addr().String()
}
