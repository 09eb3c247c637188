package contracttest

import (
	"fmt"
	"net/http"
	"slices"
)

// discover finds the routes that exist. A route exists if a request to it calls its gRPC method.
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
			x.breaks(ruleReached, "the handler responds to %v with %d and does not call the backend", route, x.status)
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
