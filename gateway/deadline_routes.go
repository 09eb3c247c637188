package gateway

import (
	"context"
	"regexp"
	"strings"

	"google.golang.org/grpc/grpclog"
)

// checkDeadlineRoutes logs the routes of [WithDeadline] that the mux does not have, once, at the mux's first request:
// routes are registered after the mux was made.
func (h *hooks) checkDeadlineRoutes() {
	if len(h.bridge.deadlines) == 0 {
		return
	}
	h.routesOnce.Do(func() {
		for route := range h.bridge.deadlines {
			if route != (binding{}) && !h.has(route) {
				grpclog.Errorf("gateway: WithDeadline names %q, and the mux has no such route", route)
			}
		}
	})
}

// has reports whether the mux has a route.
func (h *hooks) has(route binding) bool {
	candidates := methods()
	if route.method != "" {
		candidates = []string{route.method}
	}
	p := h.probe(context.Background(), samplePath(route.template), "")
	for _, method := range candidates {
		if pattern, ok := p.route(method); ok && plainTemplate(pattern) == route.template {
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
