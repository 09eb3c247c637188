package contracttest

import (
	"net/http"
	"regexp"
	"slices"
	"testing"
	"time"

	"google.golang.org/grpc"
)

// repeats matches the names of replies that repeat others with a small difference.
var repeats = regexp.MustCompile("TE: trailers|header metadata, then|exactly 4.. with|exactly 5.. with|code -?[0-9]")

// Judge makes a shorter run over HTTP/1.1. It returns the number of violations by "rule: text".
func Judge(
	t testing.TB, newHandler func(conn *grpc.ClientConn, reply func() string) http.Handler, options ...Option,
) map[string]int {
	t.Helper()
	return runWith(t, func(r *run) {
		r.clients = r.clients[:1]
		r.replies = slices.DeleteFunc(r.replies, func(p reply) bool { return repeats.MatchString(p.name) })
	}, newHandler, options).violations()
}

// RunPart makes a run over both versions of HTTP. Before the backend dies, it sends only the replies whose names match.
// RunPart ends the test if replies is not None and matches no name.
func RunPart(
	t testing.TB, replies string, newHandler func(conn *grpc.ClientConn, reply func() string) http.Handler,
	options ...Option,
) Part {
	t.Helper()
	name := regexp.MustCompile(replies)
	r := runWith(t, func(r *run) {
		other := func(p reply) bool { return !name.MatchString(p.name) }
		r.replies, r.plain = slices.DeleteFunc(r.replies, other), slices.DeleteFunc(r.plain, other)
		if replies != None && len(r.replies)+len(r.plain) == 0 {
			t.Fatalf("no reply has a name like %q", replies)
		}
	}, newHandler, options)
	part := Part{Violations: r.violations()}
	for _, route := range r.routes {
		part.Routes = append(part.Routes, route.String())
	}
	return part
}

// None matches the name of no reply.
const None = "^$"

// A Part is the result of a run with some of the replies.
type Part struct {
	Violations map[string]int // their number by "rule: text"
	Routes     []string       // the routes that were found
}

// runWith makes a run that change makes shorter. The handler can ask for the name of the backend's current reply, so
// that a test can break one response of many.
func runWith(
	t testing.TB, change func(*run), newHandler func(conn *grpc.ClientConn, reply func() string) http.Handler,
	options []Option,
) *run {
	t.Helper()
	c := newConfig(options)
	b, err := newBackend(c.dial)
	if err != nil {
		t.Fatal(err)
	}
	defer b.close()
	r := newRun(c, b, newHandler(b.conn, func() string { return b.current.Load().name }))
	defer r.close()
	change(r)
	r.everything()
	return r
}

// violations returns the number of violations by "rule: text".
func (r *run) violations() map[string]int {
	counts := map[string]int{}
	for rule, groups := range r.report.groups {
		for text, g := range groups {
			counts[rule+": "+text] = g.count
		}
	}
	return counts
}

// WithPatience replaces the time that Run waits for a response.
func WithPatience(d time.Duration) Option { return optionFunc(func(c *config) { c.patience = d }) }

// Timeout reads a grpc-timeout header.
var Timeout = timeout

// RuleNames returns the names of all rules.
func RuleNames() []string {
	names := make([]string, 0, len(rules))
	for _, r := range rules {
		names = append(names, r.name)
	}
	return names
}

// RuleTable returns the rules as rows of Markdown: name, sentence, document.
func RuleTable() string {
	text := ""
	for _, r := range rules {
		text += "| `" + r.name + "` | " + r.sentence + " | " + link(r.document) + " |\n"
	}
	return text
}

func link(document string) string {
	if document == statusPage {
		return "[documented statuses](" + statusPage + ")"
	}
	return document
}

// IsChallenge judges a WWW-Authenticate value.
var IsChallenge = isChallenge

// RulesOfRun returns the names of the rules that need the fake backend.
func RulesOfRun() []string {
	names := RuleNames()
	for i, name := range names {
		if name == ruleReached {
			return names[i:]
		}
	}
	return nil
}
