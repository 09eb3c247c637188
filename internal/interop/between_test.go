package interop

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/grpc"

	"github.com/statusbridge/statusbridge/gateway"
)

// incident is one thing that can happen to a call through a proxy. The header x-proxy asks the proxy for a
// response that the service does not make.
type incident struct {
	name    string
	id      int    // the status that the service is asked for
	proxy   string // the value of x-proxy
	timeout string // the value of Grpc-Timeout
	size    int    // of the request's body, which makes it a Create
	stopped bool   // nothing listens after the proxy
	right   string // status and origin
	only    string // the proxies that can do it, if not all can
}

var incidents = []incident{
	{name: "the service succeeds", id: 200, right: "200"},
	{name: "it returns 409", id: 409, right: "409 backend"},
	{name: "it returns 401", id: 401, right: "401 backend"},
	{name: "it returns 403", id: 403, right: "403 backend"},
	{name: "it returns 501", id: 501, right: "501 backend"},
	{name: "it returns 503", id: 503, right: "503 backend"},
	{name: "it is stopped", id: 200, stopped: true, right: "503 upstream|502 upstream"},
	{name: "it is slow, and the proxy gives up", id: slow, right: "504 upstream"},
	{name: "it is slow, and the gateway gives up", id: slow, timeout: "300m", right: "504 upstream"},
	{name: "the request is over the proxy's limit", size: 200 << 10, right: "502 upstream", only: "nginx Envoy"},
	{name: "the proxy allows no more calls", id: 200, proxy: "limit", right: "503 upstream", only: "Envoy"},
	{name: "the proxy refuses with 401", id: 200, proxy: "401", right: "502 upstream"},
	{name: "the proxy refuses with 403", id: 200, proxy: "403", right: "502 upstream"},
	{name: "the proxy refuses with 404", id: 200, proxy: "404", right: "502 upstream"},
	{name: "the proxy refuses with 429", id: 200, proxy: "429", right: "503 upstream"},
	{name: "the proxy refuses with 500", id: 200, proxy: "500", right: "502 upstream"},
	{name: "the proxy sends a page with 200", id: 200, proxy: "page", right: "502 upstream"},
}

// betweens are the proxies that run between gateway and backend.
var betweens = []struct{ program, config string }{
	{"nginx", "nginx-grpc.conf"},
	{"HAProxy", "haproxy-grpc.cfg"},
	{"Envoy", "envoy-grpc.yaml"},
}

// gatewayColumn is a gateway of the table.
type gatewayColumn struct {
	name    string
	dial    func(t testing.TB, address string, options ...grpc.DialOption) *grpc.ClientConn
	options []gateway.Option
	only    string // the one proxy that it is for
	strict  func(program string) bool
}

var gatewayColumns = append([]gatewayColumn{
	// Envoy responds in gRPC. Only WithLocalReplies separates it from the service.
	{name: "with `DialOptions`", dial: dial, strict: func(program string) bool { return program != "Envoy" }},
	{name: "without", dial: dialBare, strict: func(program string) bool { return program != "Envoy" }},
}, localReplies...)

// deployment is one gateway with the same proxy twice: before a backend, and before an address where nothing listens.
type deployment struct {
	running, stopped string
	seen             *observations
	client           caller
}

func deploy(t *testing.T, column gatewayColumn, proxy, stoppedProxy string) deployment {
	t.Helper()
	d := deployment{seen: &observations{}, client: newCaller(t)}
	url := func(address string) string {
		bridge := gateway.New(append(column.options, d.seen.option())...)
		mux := bridge.NewServeMux(runtime.WithIncomingHeaderMatcher(func(key string) (string, bool) {
			return key, key == "X-Proxy"
		}))
		return serve(t, bridge.Handler(register(t, mux, column.dial(t, address))))
	}
	d.running, d.stopped = url(proxy), url(stoppedProxy)
	return d
}

// meet lets an incident happen and returns the status and the origin, or how the response differs from the contract.
func (d deployment) meet(t *testing.T, i incident, stream bool) string {
	t.Helper()
	d.seen.take()
	base := d.running
	if i.stopped {
		base = d.stopped
	}
	var header []string
	if i.proxy != "" {
		header = append(header, "X-Proxy", i.proxy)
	}
	if i.timeout != "" {
		header = append(header, "Grpc-Timeout", i.timeout)
	}
	var r reply
	switch {
	case i.size > 0:
		body := strings.NewReader(`{"thing":{"name":"` + strings.Repeat("x", i.size) + `"}}`)
		r = d.client.send(t, http.MethodPost, base+"/v1/things", body, header...)
	case stream && i.id < 300:
		r = d.client.get(t, base+watchPath(1000+i.id), header...)
	case stream:
		r = d.client.get(t, base+watchPath(i.id), header...)
	default:
		r = d.client.get(t, base+thingPath(i.id), header...)
	}
	if r.status < 400 {
		return fmt.Sprint(r.status)
	}
	if difference := wrong(r, r.status, http.MethodGet); difference != "" {
		return difference
	}
	observed := d.seen.take()
	if len(observed) != 1 || observed[0].HTTPStatus != r.status {
		return fmt.Sprintf("%d, but observed %+v", r.status, observed)
	}
	if observed[0].Origin != gateway.OriginBackend {
		for _, foreign := range foreigners {
			if strings.Contains(strings.ToLower(string(r.body)+fmt.Sprint(r.header)), foreign) {
				t.Errorf("%s: the response has the proxy's %q: %v %v", i.name, foreign, r, r.header)
			}
		}
	}
	return fmt.Sprintf("%d %s", r.status, observed[0].Origin)
}

// foreigners are texts that only a proxy, or the way to it, can have put into a response.
var foreigners = []string{"html", "nginx", "haproxy", "envoy", "upstream connect", "127.0.0.1", "internal.example"}

// TestBetween lets each incident happen with each proxy and each gateway, to a unary call and to a stream.
func TestBetween(t *testing.T) {
	for _, c := range betweens {
		t.Run(c.program, func(t *testing.T) {
			need(t, c.program)
			results := newTable("between "+c.program, "what happens")
			results.uses(t, c.program)
			proxy := start(t, c.program, c.config, backend(t))
			stopped := start(t, c.program, c.config, free(t))
			for _, column := range gatewayColumns {
				if column.only != "" && column.only != c.program {
					continue
				}
				d := deploy(t, column, proxy.Listen, stopped.Listen)
				for _, i := range incidents {
					if i.only != "" && !strings.Contains(i.only, c.program) {
						continue
					}
					for _, stream := range []bool{false, true} {
						got, title := "", column.name
						if stream {
							title = "a stream, " + title
						}
						if stream && i.size > 0 {
							got = "—" // the stream is a GET
						} else {
							got = d.meet(t, i, stream)
							if ok := strings.Contains("|"+i.right+"|", "|"+got+"|"); !ok && column.strict(c.program) {
								t.Errorf("%s, %s: %s, want %s", title, i.name, got, i.right)
							}
						}
						results.set(i.name, title, got)
					}
				}
			}
			complains(t, proxy)
			results.compare(t)
		})
	}
}
