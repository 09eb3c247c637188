package contracttest

import (
	"net/http"
	"slices"
	"strings"
)

// standard lists the methods that Run tries on each path. No server knows the last one.
var standard = []string{
	http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions, "BREW",
}

// routing sends requests that the gateway must answer without a call. The backend would succeed.
func (r *run) routing() {
	r.backend.current.Store(&reply{name: "OK", serve: succeed})
	paths := map[string]bool{}
	for _, route := range r.routes {
		if !paths[route.path] {
			paths[route.path] = true
			r.methods(route)
			r.unknownPath(route)
		}
		if route.method == http.MethodGet {
			r.head(route)
		}
		if route.rpc != nil {
			r.badRequests(route)
		}
	}
}

// methods tries every method on a path. The path has a method if the status is not 404, 405 or 501. Each 405 must list
// exactly these methods.
func (r *run) methods(of *route) {
	tried := slices.Clone(standard)
	for _, other := range r.routes {
		if !slices.Contains(tried, other.method) {
			tried = append(tried, other.method)
		}
	}
	var bound []string
	var refused []*result
	for _, method := range tried {
		for _, client := range r.clients {
			x := r.send(client, call{route: of, method: method, path: of.path, body: bodyFor(method)})
			known := slices.ContainsFunc(r.routes, func(other *route) bool {
				return other.method == method && other.path == of.path
			})
			reached := len(r.backend.take()) > 0
			switch {
			case known || reached || x.status != 0 && !slices.Contains([]int{404, 405, 501}, x.status):
				bound = append(bound, method)
			case x.status == http.StatusMethodNotAllowed:
				refused = append(refused, x)
				continue
			case x.status != 0:
				x.breaks(ruleWrongMethod, "the status is %d, not 405", x.status)
			}
			r.report.add(&x.exchange)
		}
	}
	for _, x := range refused {
		x.checkAllowed(bound)
		r.report.add(&x.exchange)
	}
}

// bodyFor returns a body for methods that usually have one.
func bodyFor(method string) string {
	switch method {
	case http.MethodPost, http.MethodPut, http.MethodPatch:
		return "{}"
	}
	return ""
}

// checkAllowed compares Allow with the methods that a path has. HEAD and OPTIONS are optional.
func (x *result) checkAllowed(bound []string) {
	if x.broken(ruleAllow) {
		return
	}
	optional := func(method string) bool { return method == http.MethodHead || method == http.MethodOptions }
	got := slices.DeleteFunc(listOf(x.header.Values("Allow")), optional)
	want := slices.DeleteFunc(slices.Clone(bound), optional)
	slices.Sort(got)
	slices.Sort(want)
	if want = slices.Compact(want); !slices.Equal(got, want) {
		x.breaks(ruleAllowExact, "Allow is %q, and the path has %s", x.header.Get("Allow"), strings.Join(want, ", "))
	}
}

// unknownPath asks for a path that does not exist, also with a large body on a connection that closes.
func (r *run) unknownPath(of *route) {
	path, _, _ := strings.Cut(of.path, "?")
	path = path[:strings.LastIndexByte(path, '/')+1] + "contracttest-nothing/is/here"
	for _, client := range r.clients {
		x := r.send(client, call{route: of, method: of.method, path: path, body: of.body})
		if len(r.backend.take()) > 0 {
			return // a template with ** matches every path below
		}
		if x.sent && x.status != http.StatusNotFound && !x.broken(ruleStatus) {
			x.breaks(ruleUnknownPath, "the status is %d, not 404", x.status)
		}
		r.report.add(&x.exchange)
	}
	// A client that is still sending must be able to read an early error.
	x := r.send(r.clients[0], call{
		route: of, method: http.MethodPost, path: path, close: true,
		body: `"` + strings.Repeat("x", 200_000) + `"`, note: "(200 KB of JSON, Connection: close)",
	})
	if x.sent && isError(x.status) && x.served.unread {
		x.breaks(ruleEarlyError, "the body of the request was not read before the connection closes")
	}
	r.report.add(&x.exchange)
}

// head compares HEAD with GET, on a path that exists and on one that does not. The rule empty-head is applied to the
// response as the handler wrote it.
func (r *run) head(of *route) {
	for _, client := range r.clients {
		get := r.send(client, call{route: of, method: http.MethodGet, path: of.path})
		x := r.send(client, call{route: of, method: http.MethodHead, path: of.path})
		r.backend.take()
		if x.sent && get.sent && x.status != get.status {
			x.breaks(ruleHeadStatus, "the status is %d, and GET has %d", x.status, get.status)
		}
		length, whole := x.header.Get("Content-Length"), get.header.Get("Content-Length")
		if x.sent && get.sent && x.status == get.status && length != "" && whole != "" && length != whole {
			x.breaks(ruleHeadStatus, "the Content-Length is %s, and GET has %s", length, whole)
		}
		r.report.add(&x.exchange)
		nothing := of.path + "/contracttest-nothing/is/here"
		missing := r.send(client, call{route: of, method: http.MethodHead, path: nothing})
		r.backend.take()
		r.report.add(&missing.exchange)
	}
}
