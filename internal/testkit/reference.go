package testkit

import (
	"math/rand/v2"
	"slices"
	"strings"
)

// Template is a path template of google/api/http.proto without the names of its variables. A segment is a literal, `*`,
// or `**` at the end. A verb may follow.
type Template struct {
	Segments []string
	Verb     string
}

// String returns the template in the syntax of HandlePath. Each wildcard is a variable, as in generated code.
func (p Template) String() string {
	var b strings.Builder
	for i, segment := range p.Segments {
		b.WriteString("/")
		if strings.HasPrefix(segment, "*") {
			b.WriteString("{v" + string(rune('a'+i)) + "=" + segment + "}")
		} else {
			b.WriteString(segment)
		}
	}
	if p.Verb != "" {
		b.WriteString(":" + p.Verb)
	}
	return b.String()
}

// matches reports whether a template matches a path. It shares no code with grpc-gateway, so it is an independent
// reference. `*` matches one segment. `**` matches any number of segments. If strict, a `**` after other segments
// matches at least one.
func (p Template) matches(path string, strict bool) bool {
	segments := strings.Split(strings.TrimPrefix(path, "/"), "/")
	if p.Verb != "" {
		last := &segments[len(segments)-1]
		rest, ok := strings.CutSuffix(*last, ":"+p.Verb)
		if !ok || rest == "" {
			return false
		}
		*last = rest
	}
	return matchSegments(p.Segments, segments, strict, true)
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

// Binding is a method bound to a template.
type Binding struct {
	Method   string
	Template Template
}

// BoundMethods are the methods of random bindings. There are few, so that the bindings overlap. PURGE is a custom
// method that the test service declares.
var BoundMethods = []string{"DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PURGE", "PUT"}

// RandomBindings returns a number of bindings.
func RandomBindings(random *rand.Rand, size int) []Binding {
	literals := []string{"v1", "v2", "things", "a", "b"}
	bindings := make([]Binding, size)
	for i := range bindings {
		var p Template
		for range 1 + random.IntN(4) {
			if random.IntN(3) == 0 {
				p.Segments = append(p.Segments, "*")
			} else {
				p.Segments = append(p.Segments, literals[random.IntN(len(literals))])
			}
		}
		if random.IntN(4) == 0 {
			p.Segments[len(p.Segments)-1] = "**"
		}
		if random.IntN(3) == 0 {
			p.Verb = []string{"rename", "undo"}[random.IntN(2)]
		}
		bindings[i] = Binding{BoundMethods[random.IntN(len(BoundMethods))], p}
	}
	return bindings
}

// RandomPath returns a path that has a fair chance to match one of the bindings.
func RandomPath(random *rand.Rand, bindings []Binding) string {
	p := bindings[random.IntN(len(bindings))].Template
	var b strings.Builder
	for _, segment := range p.Segments {
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

// MethodsOf lists the methods of the bindings that match a path, sorted.
func MethodsOf(bindings []Binding, path string, strict bool) []string {
	var methods []string
	for _, b := range bindings {
		if b.Template.matches(path, strict) && !slices.Contains(methods, b.Method) {
			methods = append(methods, b.Method)
		}
	}
	slices.Sort(methods)
	return methods
}
