package soak

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/grpc"
	"google.golang.org/grpc/backoff"
	"google.golang.org/grpc/credentials/insecure"

	"github.com/statusbridge/statusbridge/example/internal/outage"
	"github.com/statusbridge/statusbridge/gateway"
	"github.com/statusbridge/statusbridge/internal/testkit/testkitv1"
	"github.com/statusbridge/statusbridge/mapping"
)

// chain is a proxy, a gateway, a second proxy, and a service. Each of them is restarted from time to time. The second
// proxy also sends pages for some time.
type chain struct {
	front, gateway, proxy, service *part

	connection *grpc.ClientConn // of the gateway, to the second proxy
	transports []*http.Transport
	condition  atomic.Pointer[condition]
	failures   map[string]failures // by mode
	tally      *tally

	lastFailure  atomic.Pointer[gateway.Observation] // for the report of a wrong response
	foreignFront bool                                // the first proxy is a program, which sends its own pages
}

// condition is a state of the chain. Each change makes a new one.
type condition struct {
	mode     string // running, the name of a part that is stopped, or "page" and a status
	page     int    // the status of that page, or 0
	changing bool
}

// failures contains the status of calls in a mode, by the server that the client asks. If it is 0, nothing listens
// there. If it is 200, calls succeed as usual.
type failures struct{ front, gateway int }

func openChain(config Config, t *tally) (*chain, error) {
	c := &chain{tally: t, failures: map[string]failures{
		"front":   {0, 200},
		"gateway": {503, 0},
		"proxy":   {503, 503},
		"service": {502, 502},
	}}
	for written, sent := range pages {
		c.failures[pageMode(written)] = failures{sent, sent}
	}
	c.condition.Store(&condition{mode: running})
	if err := c.open(config); err != nil {
		return nil, errors.Join(err, c.close())
	}
	return c, nil
}

func (c *chain) open(config Config) (err error) {
	service := outage.GRPC(registered(&things{}), mapping.ServerOptions()...)
	if c.service, err = newPart(serviceRestarted, listening(service)); err != nil {
		return err
	}
	front, proxy := c.frontInProcess, c.proxyInProcess
	if config.Proxy != "" {
		program, err := findProgram(config.Proxy)
		if err != nil {
			return err
		}
		c.adapt(program)
		front = func() start { return program.start(program.before, c.gateway.address) }
		proxy = func() start { return program.start(program.between, c.service.address) }
	}
	if c.proxy, err = newPart(proxyRestarted, proxy()); err != nil {
		return err
	}
	mux, err := c.dial()
	if err != nil {
		return err
	}
	if c.gateway, err = newPart(gatewayRestarted, listening(c.tally.serveHTTP(mux, nil))); err != nil {
		return err
	}
	if c.front, err = newPart(frontRestarted, front()); err != nil {
		return err
	}
	for _, p := range []*part{c.service, c.proxy, c.gateway, c.front} {
		if err := p.begin(); err != nil {
			return err
		}
	}
	return c.waitUntilReady()
}

// adapt changes the expected failures to those with a program as both proxies. It sends pages only if a request asks
// for one.
func (c *chain) adapt(p program) {
	c.foreignFront = true
	c.failures["gateway"] = failures{p.gatewayAway, 0}
	c.failures["service"] = failures{p.serviceAway, p.serviceAway}
	for written := range pages {
		c.failures[pageMode(written)] = failures{200, 200}
	}
}

// dial returns the handler of the gateway.
func (c *chain) dial() (http.Handler, error) {
	var err error
	c.connection, err = grpc.NewClient("passthrough:///"+c.proxy.address, gateway.DialOptions(
		grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithConnectParams(grpc.ConnectParams{Backoff: backoff.Config{
			BaseDelay: 50 * time.Millisecond, Multiplier: 1.6, MaxDelay: 500 * time.Millisecond,
		}}),
	)...)
	if err != nil {
		return nil, err
	}
	bridge := gateway.New(gateway.WithObserver(c.observe))
	mux := bridge.NewServeMux(runtime.WithIncomingHeaderMatcher(func(name string) (key string, ok bool) {
		return name, name == pageHeader
	}))
	err = testkitv1.RegisterThingServiceHandler(context.Background(), mux, c.connection)
	return bridge.Handler(mux), err
}

// upstreamFailed reports whether a status says that a server after the gateway is away, or does not keep its protocol.
// The service of the chain never sends it.
func upstreamFailed(httpStatus int) bool { return httpStatus >= 502 }

// observe checks that the gateway does not blame the service for a failure of the chain.
func (c *chain) observe(_ context.Context, o gateway.Observation) {
	if !upstreamFailed(o.HTTPStatus) {
		return
	}
	c.lastFailure.Store(&o)
	if o.Origin != gateway.OriginUpstream {
		c.tally.fail("the origin of a failure in the chain is %v: %+v", o.Origin, o)
	}
}

// frontInProcess returns the proxy before the gateway, as docs/server.md recommends it.
func (c *chain) frontInProcess() start {
	bridge := gateway.New()
	proxy := newProxy(c.gateway.address, c.transport(nil))
	proxy.ErrorHandler = bridge.WriteError
	return listening(c.tally.serveHTTP(bridge.Handler(readFirst(proxy)), nil))
}

func (c *chain) proxyInProcess() start {
	return listening(c.tally.serveHTTP(c.servicesProxy(c.transport(h2c())), h2c()))
}

func (c *chain) transport(protocols *http.Protocols) *http.Transport {
	transport := &http.Transport{Protocols: protocols, MaxIdleConnsPerHost: 100}
	if protocols == nil { // HTTP/1.1
		transport.IdleConnTimeout = idleTimeout
	}
	c.transports = append(c.transports, transport)
	return transport
}

func pageMode(httpStatus int) string { return fmt.Sprintf("page %d", httpStatus) }

// set begins a failure, or ends the current one and waits until the chain works again.
func (c *chain) set(mode string) error {
	parts := map[string]*part{"front": c.front, "gateway": c.gateway, "proxy": c.proxy, "service": c.service}
	before, page, err := c.condition.Load(), 0, error(nil)
	if mode != running && parts[mode] == nil {
		_, err = fmt.Sscanf(mode, "page %d", &page)
	}
	c.condition.Store(&condition{mode, page, true})
	if p := parts[mode]; p != nil {
		err = c.stop(p, mode)
	}
	if p := parts[before.mode]; p != nil {
		err = errors.Join(err, p.begin())
		c.tally.count(p.restarted)
	}
	if mode == running && err == nil {
		err = c.waitUntilReady()
	}
	c.condition.Store(&condition{mode, page, false})
	return err
}

// stop stops a part during a stream.
func (c *chain) stop(p *part, name string) error {
	stream, err := c.openLasting()
	if err != nil {
		return err
	}
	err = p.end()
	c.closeIdle() // no call begins on a connection that is closing
	c.tally.count(streamCut)
	return errors.Join(err, stream.end(name))
}

func (c *chain) closeIdle() {
	for _, transport := range c.transports {
		transport.CloseIdleConnections()
	}
}

// waitUntilReady returns when a call through the chain succeeds.
func (c *chain) waitUntilReady() error {
	transport := &http.Transport{DisableKeepAlives: true}
	client := &http.Client{Transport: transport, Timeout: patient}
	method, path, body := rename(order{kind: "succeed", mark: "ready"}, 1)
	url := "http://" + c.front.address + path
	return retry(func() error {
		httpStatus, err := askOnce(client, method, url, body)
		if err == nil && httpStatus != http.StatusOK {
			err = fmt.Errorf("the status is %d", httpStatus)
		}
		if err != nil {
			err = fmt.Errorf("soak: the chain is not ready: %w", err)
		}
		return err
	})
}

func (c *chain) close() error {
	if c == nil {
		return nil
	}
	err := errors.Join(c.front.end(), c.gateway.end())
	if c.connection != nil {
		err = errors.Join(err, c.connection.Close())
	}
	err = errors.Join(err, c.proxy.end(), c.service.end())
	c.closeIdle()
	return err
}
