package contracttest

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
)

// A run drives the routes of one handler.
type run struct {
	config  *config
	backend *backend
	handler http.Handler
	server  *httptest.Server
	clients []*http.Transport // one for each version of HTTP
	routes  []*route          // the routes that exist
	slow    map[*route]int    // how often a route did not answer in time
	replies []reply           // the replies of the backend while it is a gRPC server
	report  report

	done chan served
}

// served is what the handler wrote in one call.
type served struct {
	*recorder
	aborted bool
	unread  bool // the request body was not read to its end
}

func newRun(c *config, b *backend, handler http.Handler) *run {
	r := &run{
		config: c, backend: b, handler: handler, slow: map[*route]int{}, report: newReport(c), replies: c.replies(),
		done: make(chan served, 1),
	}
	r.server = httptest.NewUnstartedServer(http.HandlerFunc(r.serve))
	both := new(http.Protocols)
	both.SetHTTP1(true)
	both.SetUnencryptedHTTP2(true)
	r.server.Config.Protocols = both
	r.server.Start()
	for _, set := range []func(*http.Protocols){
		func(p *http.Protocols) { p.SetHTTP1(true) }, func(p *http.Protocols) { p.SetUnencryptedHTTP2(true) },
	} {
		protocols := new(http.Protocols)
		set(protocols)
		r.clients = append(r.clients, &http.Transport{Protocols: protocols, DisableCompression: true})
	}
	return r
}

func (r *run) close() {
	for _, client := range r.clients {
		client.CloseIdleConnections()
	}
	r.server.Close()
}

// serve calls the handler and records its response.
func (r *run) serve(w http.ResponseWriter, request *http.Request) {
	rec := &recorder{ResponseWriter: w}
	body := &watchedBody{ReadCloser: request.Body}
	request.Body = body
	aborted := true
	defer func() {
		rec.begin(http.StatusOK)
		select {
		case r.done <- served{recorder: rec, aborted: aborted, unread: !body.end.Load()}:
		default: // nobody waits any more
		}
	}()
	r.handler.ServeHTTP(rec, request)
	aborted = false
}

// everything drives all cases. The backend cannot return to an earlier state, so the order matters.
func (r *run) everything() {
	r.discover()
	for _, reply := range r.replies {
		r.replyToAll(&reply)
	}
	r.routing()
	r.backend.speakPlain()
	for _, reply := range plainReplies() {
		r.replyToAll(&reply)
	}
	r.backend.die()
	last := dead()
	r.replyToAll(&last)
	r.report.routes = r.routes
}

// replyToAll sends a request to each route while the backend has one reply. If a response does not arrive in time, the
// reply is not tried on other routes over the same version of HTTP.
func (r *run) replyToAll(reply *reply) {
	r.backend.current.Store(reply)
	late := map[*http.Transport]bool{}
	for _, route := range r.routes {
		if route.rpc == nil || reply.only != nil && !reply.only(route) {
			continue
		}
		for _, client := range r.clients {
			if late[client] {
				continue
			}
			x := r.send(client, call{route: route, method: route.method, path: route.path, body: route.body,
				header: reply.header, backend: reply.name})
			late[client] = x.late
			calls := r.backend.take()
			if reply.header.Get("Grpc-Timeout") != "" && len(calls) > 0 && isSuccess(x.status) {
				continue // see slow
			}
			x.checkReply(route, reply)
			r.report.add(&x.exchange)
		}
	}
}

// A call is one request.
type call struct {
	route   *route
	method  string
	path    string
	body    string
	header  http.Header
	backend string
	note    string
	close   bool
}

// A result is the response to a call as the client and as the handler see it.
type result struct {
	exchange
	served  served
	sent    bool  // a response arrived
	bodyErr error // how its body ended, nil if it is complete
	late    bool  // it did not arrive in time
}

// send makes a request and applies the rules that hold for each response.
func (r *run) send(client *http.Transport, c call) *result {
	x := &result{exchange: exchange{config: r.config, note: c.note, backend: c.backend}}
	if x.backend == "" {
		x.backend = r.backend.current.Load().name
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	var body io.Reader = http.NoBody
	if c.body != "" {
		body = strings.NewReader(c.body)
	}
	request, err := http.NewRequestWithContext(ctx, c.method, r.server.URL+c.path, body)
	if err != nil {
		x.breaks(ruleComplete, "the request cannot be made: %v", err)
		return x
	}
	if c.body != "" {
		request.Header.Set("Content-Type", "application/json")
	}
	for name, values := range c.header {
		request.Header[name] = slices.Clone(values)
	}
	request.Close = c.close
	for _, prepare := range r.config.prepare {
		prepare(request)
	}
	x.request = request
	if r.slow[c.route] >= tolerated {
		return x
	}
	select {
	case <-r.done: // of a request that was given up
	default:
	}
	response, err := client.RoundTrip(request)
	if err != nil {
		x.lost(ctx, r, c, err)
		return x
	}
	defer response.Body.Close()
	x.sent = true
	x.body, x.bodyErr = io.ReadAll(io.LimitReader(response.Body, bodyLimit))
	x.status, x.header, x.trailer, x.proto = response.StatusCode, response.Header, response.Trailer, response.Proto
	x.whole = x.bodyErr == nil
	select {
	case x.served = <-r.done:
		raw := x.served.exchange(r.config, request, x.served.aborted)
		raw.backend, raw.note = x.backend, x.note
		raw.checkRaw()
		x.violations = append(x.violations, raw.violations...)
	case <-ctx.Done():
		x.giveUp(r, c, "the response does not end within %v")
		return x
	}
	if ctx.Err() != nil {
		x.giveUp(r, c, "the response does not end within %v")
	}
	x.checkResponse()
	return x
}

// lost notes a request that got no response.
func (x *result) lost(ctx context.Context, r *run, c call, err error) {
	if ctx.Err() != nil {
		x.giveUp(r, c, "no response after %v")
		return
	}
	select {
	case x.served = <-r.done:
		raw := x.served.exchange(r.config, x.request, x.served.aborted)
		raw.backend, raw.note = x.backend, x.note
		raw.checkRaw()
		x.violations = append(x.violations, raw.violations...)
	case <-ctx.Done():
	}
	switch {
	case x.broken(ruleHeaderSyntax): // the client refuses the response for that
	case c.close:
		x.breaks(ruleEarlyError, "the response cannot be read: %v", plainError(err))
	default:
		x.breaks(ruleComplete, "the response cannot be read: %v", plainError(err))
	}
}

// plainError returns the text of an error without addresses, so that equal errors have equal texts.
func plainError(err error) string {
	text := err.Error()
	if i := strings.LastIndex(text, ": "); i >= 0 && strings.Contains(text, "127.0.0.1") {
		text = text[i+2:]
	}
	return text
}

// tolerated is the number of late responses after which a route is not asked any more.
const tolerated = 3

// giveUp notes a response that did not arrive in time.
func (x *result) giveUp(r *run, c call, format string) {
	x.late = true
	r.slow[c.route]++
	x.breaks(ruleComplete, format, patience)
}

// discover finds the routes that exist, by asking for each of them.
func (r *run) discover() {
	candidates := linkedRoutes()
	for i := range candidates {
		route := &candidates[i]
		x := r.send(r.clients[0], call{route: route, method: route.method, path: route.path, body: route.body})
		switch calls := r.backend.take(); {
		case slices.Contains(calls, route.grpcMethod()):
			r.routes = append(r.routes, route)
		case !x.sent:
			r.report.add(&x.exchange)
		case len(calls) > 0, x.status == http.StatusNotFound, x.status == http.StatusMethodNotAllowed,
			x.status == http.StatusNotImplemented:
		default:
			x.breaks(ruleReached, "the handler answers %v with %d and does not call the backend", route, x.status)
			r.report.add(&x.exchange)
		}
	}
	for i := range r.config.routes {
		route := r.config.routes[i]
		x := r.send(r.clients[0], call{route: &route, method: route.method, path: route.path, body: "{}"})
		if calls := r.backend.take(); len(calls) > 0 {
			route.rpc = methodOf(calls[0])
			route.body = "{}"
		}
		r.report.add(&x.exchange)
		r.routes = append(r.routes, &route)
	}
	if len(r.routes) == 0 {
		r.report.problem = fmt.Sprintf("None of the %d linked google.api.http rules leads to the fake backend. "+
			"Does the handler use the connection? Does it need credentials (WithRequest)?", len(candidates))
	}
}
