package interop

import (
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/statusbridge/statusbridge/gateway"
)

// fronts are the proxies that run between client and gateway, with their configurations.
var fronts = []struct{ program, config, title string }{
	{"nginx", "nginx-default.conf", "nginx, `proxy_pass` alone"},
	{"nginx", "nginx.conf", "nginx"},
	{"HAProxy", "haproxy.cfg", "HAProxy"},
	{"Envoy", "envoy.yaml", "Envoy"},
	{"Caddy", "Caddyfile", "Caddy"},
	{"Apache", "apache.conf", "Apache"},
	{"Varnish", "varnish-default.vcl", "Varnish, backend alone"},
	{"Varnish", "varnish.vcl", "Varnish"},
}

// front is a running proxy before a gateway.
type front struct {
	proxy       *running
	url         string
	url2        string // the address for HTTP/2 without TLS
	http1       caller
	http2       caller
	connections atomic.Int64 // that the proxy opened to the gateway
	requests    atomic.Int64 // that reached the gateway
	target      atomic.Value // of the last of them, as it arrived
}

func startFront(t *testing.T, program, config string) *front {
	t.Helper()
	bridge := gateway.New()
	h := bridge.Handler(newMux(t, bridge))
	f := &front{http1: newCaller(t), http2: newCaller(t)}
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		f.requests.Add(1)
		f.target.Store(r.RequestURI)
		h.ServeHTTP(w, r)
	}))
	server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			f.connections.Add(1)
		}
	}
	server.Start()
	t.Cleanup(server.Close)
	f.proxy = start(t, program, config, strings.TrimPrefix(server.URL, "http://"))
	f.url = "http://" + f.proxy.Listen
	f.url2 = f.url
	if program == "nginx" || program == "HAProxy" {
		f.url2 = "http://" + f.proxy.ListenHTTP2
	}
	protocols := new(http.Protocols)
	protocols.SetUnencryptedHTTP2(true)
	f.http2.client.Transport.(*http.Transport).Protocols = protocols
	return f
}

// TestFront runs each situation through each proxy.
func TestFront(t *testing.T) {
	results := newTable("front", "situation")
	for _, c := range fronts {
		t.Run(c.config, func(t *testing.T) {
			need(t, c.program)
			f := startFront(t, c.program, c.config)
			results.uses(t, c.program)
			for _, s := range situations {
				got := s.run(f, t)
				want, ok := limits[c.config][s.name]
				if !ok {
					want = limit{s.right, []string{s.right}}
				}
				if slices.Contains(want.outcomes, got) {
					results.set(s.name, c.title, want.summary)
					continue
				}
				t.Errorf("%s: %s, want %s", s.name, got, want.summary)
				results.set(s.name, c.title, got)
			}
			if c.config != "nginx-default.conf" {
				complains(t, f.proxy)
			}
		})
	}
	results.compare(t)
}

// complaints are texts of log lines in which a proxy blames the server after it.
var complaints = []string{
	"invalid header", "upstream sent", "PROXY_ERROR", "protocol error", "garbage", "AH01102", "AH01097",
}

func complains(t *testing.T, proxy *running) {
	t.Helper()
	for line := range strings.Lines(proxy.errorLog()) {
		for _, text := range complaints {
			if strings.Contains(line, text) {
				t.Errorf("the proxy complains about the gateway: %s", line)
			}
		}
	}
}
