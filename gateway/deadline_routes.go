package gateway

import (
	"context"
	"regexp"
	"strings"

	"google.golang.org/grpc/grpclog"
)

// checkDeadlineRoutes logs the routes of [WithDeadline] that the mux does not have, once, at the mux's first request:
// routes are registered after the mux was made. The message names the methods that were tried, because a mux does not
// tell which methods it has.
func (h *hooks) checkDeadlineRoutes() {
	if len(h.bridge.deadlines) == 0 {
		return
	}
	h.routesOnce.Do(func() {
		for route := range h.bridge.deadlines {
			if route == (binding{}) {
				continue
			}
			tried := methods()
			if route.method != "" {
				tried = []string{route.method}
			}
			if !h.has(route.template, tried) {
				grpclog.Errorf("gateway: WithDeadline names %q, and the mux has no such route for %s", route,
					strings.Join(tried, ", "))
			}
		}
	})
}

// has reports whether the mux has a route with a template and one of the methods.
func (h *hooks) has(template string, methods []string) bool {
	p := h.probe(context.Background(), samplePath(template), "")
	for _, method := range methods {
		if pattern, ok := p.route(method); ok && plainTemplate(pattern) == template {
			return true
		}
	}
	return false
}

var variable = regexp.MustCompile(`\{[^{}=]+(?:=([^{}]*))?\}`)

// samplePath returns a path that matches a template. Its wildcards become a text that no other route has.
func samplePath(template string) string {
	path := variable.ReplaceAllStringFunc(template, func(match string) string {
		if pattern := variable.FindStringSubmatch(match)[1]; pattern != "" {
			return pattern
		}
		return "*"
	})
	return strings.NewReplacer("**", "statusbridge", "*", "statusbridge").Replace(path)
}

// String returns the route as it is written in the option.
func (b binding) String() string {
	return strings.TrimSpace(b.method + " " + b.template)
}
