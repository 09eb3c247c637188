package contracttest

import (
	"net/http"
	"net/http/httptest"
)

// A run sends requests to the routes of one handler.
type run struct {
	config  *config
	backend *backend
	handler http.Handler
	server  *httptest.Server
	clients []*http.Transport // one for each version of HTTP
	routes  []*route          // the routes that exist
	slow    map[*route]int    // the number of late responses
	replies []reply           // the replies that the backend sends as a gRPC server
	plain   []reply           // the replies that the backend sends as an HTTP/2 server
	report  report

	done chan served
}

// served contains the handler's response to one request.
type served struct {
	*recorder
	aborted bool
	unread  bool // the request body was not read to its end
}

func newRun(c *config, b *backend, handler http.Handler) *run {
	r := &run{
		config: c, backend: b, handler: handler, slow: map[*route]int{}, report: newReport(c), replies: c.replies(),
		plain: c.plainReplies(), done: make(chan served, 1),
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
		default: // an earlier response was not taken, because its request was given up
		}
	}()
	r.handler.ServeHTTP(rec, request)
	aborted = false
}

// everything tries all cases. The order matters, because the backend cannot return to an earlier state.
func (r *run) everything() {
	r.discover()
	for _, reply := range r.replies {
		r.replyToAll(&reply)
	}
	r.routing()
	r.backend.speakPlain(r.config.patience)
	for _, reply := range r.plain {
		r.replyToAll(&reply)
	}
	r.backend.die()
	last := dead()
	r.replyToAll(&last)
	r.report.routes = r.routes
}

// replyToAll sends a request to each route, and the backend replies to all of them in the same way. If a response is
// late, the remaining routes are skipped for that version of HTTP.
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
				header: reply.header})
			late[client] = x.late
			calls := r.backend.take()
			if reply.header.Get("Grpc-Timeout") != "" && len(calls) > 0 && isSuccess(x.status) {
				continue // the handler replaced the deadline: see slow
			}
			x.checkReply(route, reply)
			r.report.add(&x.exchange)
		}
	}
}
