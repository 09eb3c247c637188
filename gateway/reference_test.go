package gateway_test

import (
	"math/rand/v2"
	"slices"
	"strings"
)

// template is a path template of google/api/http.proto, as far as it decides what matches: segments that are a
// literal, `*` or, at the end, `**`, and a verb.
type template struct {
	segments []string
	verb     string
}

// String is the template as it is registered. Each wildcard is a variable, as in generated code.
func (p template) String() string {
	var b strings.Builder
	for i, segment := range p.segments {
		b.WriteString("/")
		if strings.HasPrefix(segment, "*") {
			b.WriteString("{v" + string(rune('a'+i)) + "=" + segment + "}")
		} else {
			b.WriteString(segment)
		}
	}
	if p.verb != "" {
		b.WriteString(":" + p.verb)
	}
	return b.String()
}

// matches is the independent reference: recursion over the strings, and nothing that grpc-gateway has. `*` is one
// segment, `**` any number of them, or at least one when strict and something precedes it.
func (p template) matches(path string, strict bool) bool {
	segments := strings.Split(strings.TrimPrefix(path, "/"), "/")
	if p.verb != "" {
		last := &segments[len(segments)-1]
		rest, ok := strings.CutSuffix(*last, ":"+p.verb)
		if !ok || rest == "" {
			return false
		}
		*last = rest
	}
	return matchSegments(p.segments, segments, strict, true)
}

func matchSegments(pattern, path []string, strict, first bool) bool {
	if len(pattern) == 0 {
		return len(path) == 0
	}
	if pattern[0] == "**" {
		return !strict || first || len(path) > 0
	}
	if len(path) == 0 || pattern[0] != "*" && pattern[0] != path[0] {
		return false
	}
	return matchSegments(pattern[1:], path[1:], strict, false)
}

// binding is a method bound to a template.
type binding struct {
	method   string
	template template
}

// boundMethods, from a small alphabet so that generated routes overlap.
var boundMethods = []string{"DELETE", "GET", "HEAD", "PATCH", "POST", "PURGE", "PUT", "REPORT"}

// routeTable generates bindings.
func routeTable(random *rand.Rand, size int) []binding {
	literals := []string{"v1", "v2", "things", "a", "b"}
	table := make([]binding, size)
	for i := range table {
		var p template
		for range 1 + random.IntN(4) {
			if random.IntN(3) == 0 {
				p.segments = append(p.segments, "*")
			} else {
				p.segments = append(p.segments, literals[random.IntN(len(literals))])
			}
		}
		if random.IntN(4) == 0 {
			p.segments[len(p.segments)-1] = "**"
		}
		if random.IntN(3) == 0 {
			p.verb = []string{"rename", "undo"}[random.IntN(2)]
		}
		table[i] = binding{boundMethods[random.IntN(len(boundMethods))], p}
	}
	return table
}

// pathLike is a path that has a fair chance to match the table.
func pathLike(random *rand.Rand, table []binding) string {
	p := table[random.IntN(len(table))].template
	var b strings.Builder
	for _, segment := range p.segments {
		switch segment {
		case "*":
			b.WriteString("/" + []string{"1", "things", "a", "x:rename", "é"}[random.IntN(5)])
		case "**":
			b.WriteString([]string{"", "/", "/1", "/a/b", "/a//b", "/1/2/3"}[random.IntN(6)])
		default:
			b.WriteString("/" + segment)
		}
	}
	if b.Len() == 0 {
		b.WriteString("/")
	}
	return b.String() + []string{"", "", "", ":rename", ":undo", ":", "/", "/b"}[random.IntN(8)]
}

// bound lists the methods whose bindings match a path, sorted.
func bound(table []binding, path string, strict bool) []string {
	var methods []string
	for _, b := range table {
		if b.template.matches(path, strict) && !slices.Contains(methods, b.method) {
			methods = append(methods, b.method)
		}
	}
	slices.Sort(methods)
	return methods
}
