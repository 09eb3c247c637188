package interop

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

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
	http1       caller
	http2       caller
	connections *atomic.Int64 // that the proxy opened to the gateway
	requests    *atomic.Int64 // that reached the gateway
	target      atomic.Value  // of the last of them, as it arrived
}

func startFront(t *testing.T, program, config string) *front {
	t.Helper()
	bridge := gateway.New()
	h := bridge.Handler(newMux(t, bridge))
	f := &front{connections: &atomic.Int64{}, requests: &atomic.Int64{}, http1: newCaller(t), http2: newCaller(t)}
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
	protocols := new(http.Protocols)
	protocols.SetUnencryptedHTTP2(true)
	f.http2.client.Transport.(*http.Transport).Protocols = protocols
	return f
}

// url2 is the address at which the proxy speaks HTTP/2 without TLS.
func (f *front) url2() string {
	if strings.Contains(f.proxy.cmd.Path, "nginx") || strings.Contains(f.proxy.cmd.Path, "haproxy") {
		return "http://" + f.proxy.ListenHTTP2
	}
	return f.url
}

// The outcomes of a situation.
const (
	asSent    = "as sent"
	atOnce    = "at once"
	heldBack  = "held back"
	broken    = "broken"
	complete  = "looks complete"
	htmlAdded = "HTML is appended"
	kept      = "kept"
	oneEach   = "one each"
	someLost  = "some are lost"
	lost      = "lost"
	mayBeLost = "may be lost"
	asked     = "asked again"
	cached    = "from the cache"
)

// situation is one way to use a gateway through a proxy. right is the outcome that a client needs.
type situation struct {
	name  string
	right string
	run   func(f *front, t *testing.T) string
}

var situations = []situation{
	{"the fourteen statuses", asSent, (*front).statuses},
	{"HEAD", asSent, (*front).heads},
	{"`%2F` in a path", asSent, (*front).escaped},
	{"400, 404 or 405 to a body of 20 KB that was not read", asSent, unread(20 << 10)},
	{"the same, 200 KB", asSent, unread(200 << 10)},
	{"the same, 1 MB", asSent, unread(1000 << 10)},
	{"a message of a stream", atOnce, (*front).streams},
	{"the same, if the client accepts gzip", atOnce, (*front).streamsGzip},
	{"a stream that fails later", "ends in an error", (*front).lateError},
	{"a download of 1 MB", asSent, (*front).download},
	{"a download that fails after 128 KB", broken, aborted(2, false)},
	{"the same, after 4 MB", broken, aborted(64, false)},
	{"the same, HTTP/2", broken, aborted(64, true)},
	{"connections to the gateway", kept, (*front).keepAlive},
	{"a 404 that is asked for twice", asked, (*front).caching},
}

// limit is an outcome that is not right, and that no gateway can cure. The page explains it. A situation may have
// several outcomes, and the page shows their summary.
type limit struct {
	summary  string
	outcomes []string
}

var limits = map[string]map[string]limit{
	"nginx-default.conf": {
		"a message of a stream":                {heldBack, []string{heldBack}},
		"the same, if the client accepts gzip": {heldBack, []string{heldBack}},
		"connections to the gateway":           {oneEach, []string{oneEach}},
		// The gateway reads 256 KiB of such a body, since it cannot read without end.
		"the same, 1 MB": {mayBeLost, []string{asSent, someLost, lost}},
	},
	// HTTP/2 to the client is complete although HTTP/1.1 to the gateway was broken.
	"haproxy.cfg":         {"the same, HTTP/2": {complete, []string{complete}}},
	"varnish.vcl":         {"the same, HTTP/2": {complete, []string{complete}}},
	"varnish-default.vcl": {"the same, HTTP/2": {complete, []string{complete}}},
}

func (f *front) statuses(t *testing.T) string {
	var failures []string
	for _, httpStatus := range documented {
		if difference := wrong(f.http1.get(t, f.url+thingPath(httpStatus)), httpStatus, http.MethodGet); difference != "" {
			failures = append(failures, fmt.Sprintf("%d: %s", httpStatus, difference))
		}
	}
	return outcome(failures)
}

func (f *front) heads(t *testing.T) string {
	var failures []string
	for _, httpStatus := range documented {
		r := f.http1.send(t, http.MethodHead, f.url+thingPath(httpStatus), nil)
		if difference := wrong(r, httpStatus, http.MethodHead); difference != "" {
			failures = append(failures, fmt.Sprintf("%d: %s", httpStatus, difference))
		}
	}
	return outcome(failures)
}

func (f *front) escaped(t *testing.T) string {
	f.target.Store("")
	r := f.http1.get(t, f.url+"/v1/things/a%2Fb")
	if target := f.target.Load(); target != "/v1/things/a%2Fb" {
		return fmt.Sprintf("%d, %v", r.status, target)
	}
	return asSent
}

func outcome(failures []string) string {
	if len(failures) == 0 {
		return asSent
	}
	return strings.Join(failures, "; ")
}

// unread sends a hundred requests whose bodies the gateway refuses before it has read them.
func unread(size int) func(*front, *testing.T) string {
	type request struct {
		method, path, start string
		httpStatus          int
	}
	requests := []request{
		{http.MethodPost, "/v1/nowhere", `{"a":"`, http.StatusNotFound},
		{http.MethodPost, "/v1/things/200", `{"a":"`, http.StatusMethodNotAllowed},
		{http.MethodPost, "/v1/things", `{broken `, http.StatusBadRequest},
	}
	return func(f *front, t *testing.T) string {
		var failed atomic.Int64
		var group sync.WaitGroup
		var first atomic.Pointer[string]
		const total, workers = 100, 5
		for worker := range workers {
			group.Go(func() {
				for i := worker; i < total; i += workers {
					request := requests[i%len(requests)]
					body := strings.NewReader(request.start + strings.Repeat("x", size))
					r := f.http1.send(t, request.method, f.url+request.path, body, "Content-Type", "application/json")
					if difference := wrong(r, request.httpStatus, request.method); difference != "" {
						failed.Add(1)
						text := fmt.Sprintf("%s: %v", difference, r)
						first.CompareAndSwap(nil, &text)
					}
				}
			})
		}
		group.Wait()
		if failed.Load() == 0 {
			return asSent
		}
		t.Logf("%d bytes: %d of %d lost, one of them: %s", size, failed.Load(), total, *first.Load())
		if failed.Load() == total {
			return lost
		}
		return someLost
	}
}

func (f *front) streams(t *testing.T) string { return f.stream(t, "identity") }

func (f *front) streamsGzip(t *testing.T) string { return f.stream(t, "gzip") }

// stream reads three messages of a stream that then waits. A proxy that buffers does not show them.
func (f *front) stream(t *testing.T, encoding string) string {
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, f.url+watchPath(3000+slow), http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Accept-Encoding", encoding)
	response, err := f.http1.client.Do(request)
	if err != nil {
		return heldBack
	}
	defer response.Body.Close()
	var body io.Reader = response.Body
	if response.Header.Get("Content-Encoding") == "gzip" {
		if body, err = gzip.NewReader(response.Body); err != nil {
			return heldBack
		}
	}
	lines := bufio.NewScanner(body)
	for range 3 {
		if !lines.Scan() {
			return heldBack
		}
	}
	return atOnce
}

func (f *front) lateError(t *testing.T) string {
	r := f.http1.get(t, f.url+watchPath(3409))
	lines := bytes.Split(bytes.TrimSpace(r.body), []byte("\n"))
	if r.err != nil || r.status != http.StatusOK || len(lines) != 4 ||
		!bytes.HasPrefix(lines[3], []byte(`{"error":{"code":409,`)) {
		return r.String()
	}
	return "ends in an error"
}

func (f *front) download(t *testing.T) string {
	if r := f.http1.get(t, f.url+exportPath(16200)); r.err != nil || !bytes.Equal(r.body, export(16)) {
		return r.String()
	}
	return asSent
}

// aborted downloads a file that fails after some messages. Only a break tells the client that the file is not whole.
func aborted(messages int, http2 bool) func(*front, *testing.T) string {
	return func(f *front, t *testing.T) string {
		c, url := f.http1, f.url
		if http2 {
			c, url = f.http2, f.url2()
		}
		r := c.get(t, url+exportPath(messages*1000+409))
		switch {
		case r.status != http.StatusOK && r.status != 0:
			return fmt.Sprintf("a %d", r.status)
		case bytes.Contains(r.body, []byte("<html")) || bytes.Contains(r.body, []byte("<!DOCTYPE")):
			return htmlAdded
		case r.err != nil:
			return broken
		}
		return complete
	}
}

// keepAlive sends forty requests, half of which fail.
func (f *front) keepAlive(t *testing.T) string {
	before := f.connections.Load()
	for i := range 40 {
		f.http1.get(t, f.url+thingPath([]int{200, 409}[i%2]))
	}
	if f.connections.Load()-before > 20 {
		return oneEach
	}
	return kept
}

func (f *front) caching(t *testing.T) string {
	before := f.requests.Load()
	for range 2 {
		if r := f.http1.get(t, f.url+"/v1/things/404/name-of-none"); r.status != http.StatusNotFound {
			return r.String()
		}
	}
	if f.requests.Load()-before < 2 {
		return cached
	}
	return asked
}

// TestFront runs each situation through each proxy.
func TestFront(t *testing.T) {
	results := newTable("interop front", "situation")
	for _, c := range fronts {
		t.Run(c.config, func(t *testing.T) {
			if !installed(t, c.program) {
				t.SkipNow()
			}
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
var complaints = []string{"invalid header", "upstream sent", "PROXY_ERROR", "protocol error", "garbage", "AH01102", "AH01097"}

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
