package gateway

import (
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strings"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"github.com/grpc-ecosystem/grpc-gateway/v2/utilities"
)

// routeTable is what the mux would route, read from the mux. It says of most paths which methods they have, for much less
// than it costs to have the mux try each method, and says so where it cannot. It does not change.
type routeTable struct {
	methods []string // sorted
	known   bool     // whether more than the methods could be read
	mode    runtime.UnescapingMode
	verbs   map[string]*routeTree // by the verb with its colon; "" are the routes without one
}

// path is what the mux routes by, beside the method.
type path struct {
	decoded string
	raw     string // as url.URL.RawPath; empty where it says no more
}

func pathOf(r *http.Request) path {
	return path{decoded: r.URL.Path, raw: r.URL.RawPath}
}

// find says of each method in t.methods whether it is bound to a path.
func (t *routeTable) find(p path) []verdict {
	segments, ok := t.segments(p)
	if !ok {
		return slices.Repeat([]verdict{unsure}, len(t.methods))
	}
	verdicts := make([]verdict, len(t.methods))
	last := &segments[len(segments)-1]
	whole := *last
	for verb, routes := range t.verbs {
		stem, ok := strings.CutSuffix(whole, verb)
		if ok && (stem != "" || verb == "") { // to the router, a verb alone is none
			*last = stem
			routes.match(segments, verdicts)
		}
	}
	return verdicts
}

// segments cuts a path as the router does. It is not ok where the router may refuse the path, or another version of it
// may cut it elsewhere.
func (t *routeTable) segments(p path) (segments []string, ok bool) {
	if !t.known || !strings.HasPrefix(p.decoded, "/") {
		return nil, false
	}
	routed := p.decoded
	if t.mode != runtime.UnescapingModeLegacy && p.raw != "" {
		if _, err := url.PathUnescape(p.raw); err != nil {
			return nil, false
		}
		routed = p.raw
		switch t.mode {
		case runtime.UnescapingModeAllExceptReserved, runtime.UnescapingModeAllExceptSlash:
		case runtime.UnescapingModeAllCharacters:
			routed = escapedSlashes.Replace(routed)
		default:
			return nil, false
		}
	}
	return strings.Split(routed[1:], "/"), true
}

var escapedSlashes = strings.NewReplacer("%2F", "/", "%2f", "/")

// readRoutes reads the table of a mux by reflection, since the mux does not export it. Of a version of grpc-gateway that
// keeps it otherwise no more is known than the methods, and TestReadable says so.
func readRoutes(mux *runtime.ServeMux) (t *routeTable) {
	t = &routeTable{methods: methods(mux), verbs: map[string]*routeTree{}}
	defer func() { _ = recover() }() // reflect panics at a type of another kind, and t is not known then
	value := reflect.ValueOf(mux).Elem()
	if !readable(value.Type()) {
		return t
	}
	t.mode = runtime.UnescapingMode(value.FieldByName("unescapingMode").Int())
	handlers := value.FieldByName("handlers")
	for method, name := range t.methods {
		list := handlers.MapIndex(reflect.ValueOf(name))
		for i := range list.Len() {
			pattern := list.Index(i).FieldByName("pat")
			template, ok := readTemplate(pattern)
			if !ok {
				return t
			}
			verb := pattern.FieldByName("verb").String()
			if verb != "" {
				verb = ":" + verb
			}
			if t.verbs[verb] == nil {
				t.verbs[verb] = &routeTree{}
			}
			t.verbs[verb].add(template, method)
		}
	}
	t.known = true
	return t
}

// readTemplate reads the segments of a [runtime.Pattern]. It is not ok when the pattern does what is not known here.
func readTemplate(pattern reflect.Value) (template []segment, ok bool) {
	ops, pool := pattern.FieldByName("ops"), pattern.FieldByName("pool")
	for i := range ops.Len() {
		switch op := ops.Index(i); utilities.OpCode(op.FieldByName("code").Int()) {
		case utilities.OpLitPush:
			text := pool.Index(int(op.FieldByName("operand").Int())).String()
			template = append(template, segment{literal, text})
		case utilities.OpPush:
			template = append(template, segment{kind: wildcard})
		case utilities.OpPushM:
			template = append(template, segment{kind: deep})
		case utilities.OpNop, utilities.OpConcatN, utilities.OpCapture: // the latter two make variables
		default:
			return nil, false
		}
	}
	return template, true
}

// The fields of a pattern. One that has others may match by them, and is not read.
const (
	patternFields = "ops []runtime.op, pool []string, vars []string, stacksize int, tailLen int, verb string, " +
		"strictDeepWildcard bool"
	opFields = "code utilities.OpCode, operand int"
)

// readable reports whether a type of mux has all that readRoutes reads.
func readable(mux reflect.Type) bool {
	handlers, _ := mux.FieldByName("handlers")
	mode, _ := mux.FieldByName("unescapingMode")
	if handlers.Type == nil || handlers.Type.String() != "map[string][]runtime.handler" ||
		mode.Type != reflect.TypeFor[runtime.UnescapingMode]() {
		return false
	}
	pattern, ok := handlers.Type.Elem().Elem().FieldByName("pat")
	if !ok || pattern.Type != reflect.TypeFor[runtime.Pattern]() || fields(pattern.Type) != patternFields {
		return false
	}
	ops, _ := pattern.Type.FieldByName("ops")
	return fields(ops.Type.Elem()) == opFields
}

// fields lists the fields of a struct with their types.
func fields(t reflect.Type) string {
	var list []string
	for i := range t.NumField() {
		list = append(list, t.Field(i).Name+" "+t.Field(i).Type.String())
	}
	return strings.Join(list, ", ")
}

// standardMethods are those of RFC 9110 section 9 and PATCH (RFC 5789).
var standardMethods = []string{
	http.MethodConnect, http.MethodDelete, http.MethodGet, http.MethodHead, http.MethodOptions,
	http.MethodPatch, http.MethodPost, http.MethodPut, http.MethodTrace,
}

// methods are the methods that can be bound to anything at all, sorted. A route may be bound to any name, and the names
// are read as the routes are. A version of grpc-gateway that keeps its table elsewhere gets the standard methods, and
// TestMethods says so.
func methods(mux *runtime.ServeMux) []string {
	table := reflect.ValueOf(mux).Elem().FieldByName("handlers")
	if table.Kind() != reflect.Map || table.Type().Key().Kind() != reflect.String {
		return standardMethods
	}
	names := make([]string, 0, table.Len())
	for _, key := range table.MapKeys() {
		if name := key.String(); name != unreachable {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}
