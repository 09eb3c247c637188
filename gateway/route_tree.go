package gateway

// verdict is what is known of a method and a path: the greatest of what the method's routes say.
type verdict uint8

const (
	unbound verdict = iota
	unsure          // only the router can say
	bound
)

// segment is one of a path template (google/api/http.proto). Variables do not matter here: {a=b/*} is the segments b
// and *.
type segment struct {
	kind    segmentKind
	literal string
}

type segmentKind uint8

const (
	literal  segmentKind = iota
	wildcard             // one segment, an empty one as well
	deep                 // any number of segments; a template has at most one
)

// routeTree has the routes that begin with the same segments. Routes are named by the number of their method.
type routeTree struct {
	literals map[string]*routeTree
	wildcard *routeTree
	ends     []int // no segment follows
	deep     []deepRoute
}

// deepRoute goes on with a deep wildcard.
type deepRoute struct {
	method int
	after  []segment
	// mayBeNothing is not known of a deep wildcard behind another segment: it is an option, of the mux or of the route.
	mayBeNothing verdict
}

func (t *routeTree) add(template []segment, method int) {
	for i, s := range template {
		switch s.kind {
		case deep:
			r := deepRoute{method, template[i+1:], unsure}
			if i == 0 {
				r.mayBeNothing = bound
			}
			t.deep = append(t.deep, r)
			return
		case wildcard:
			if t.wildcard == nil {
				t.wildcard = &routeTree{}
			}
			t = t.wildcard
		default:
			next := t.literals[s.literal]
			if next == nil {
				next = &routeTree{}
				if t.literals == nil {
					t.literals = map[string]*routeTree{}
				}
				t.literals[s.literal] = next
			}
			t = next
		}
	}
	t.ends = append(t.ends, method)
}

// match raises the verdicts of the methods whose routes go on with these segments. The tree may be nil.
func (t *routeTree) match(segments []string, verdicts []verdict) {
	if t == nil {
		return
	}
	for i := range t.deep {
		r := &t.deep[i]
		verdicts[r.method] = max(verdicts[r.method], r.match(segments))
	}
	if len(segments) == 0 {
		for _, method := range t.ends {
			verdicts[method] = bound
		}
		return
	}
	t.literals[segments[0]].match(segments[1:], verdicts)
	t.wildcard.match(segments[1:], verdicts)
}

func (r *deepRoute) match(segments []string) verdict {
	covered := len(segments) - len(r.after)
	if covered < 0 {
		return unbound
	}
	for i, s := range r.after {
		if s.kind == literal && s.literal != segments[covered+i] {
			return unbound
		}
	}
	if covered == 0 {
		return r.mayBeNothing
	}
	return bound
}
