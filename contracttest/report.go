package contracttest

import (
	"fmt"
	"slices"
	"strings"
)

// A report groups violations by their rule and their text.
type report struct {
	config    *config
	routes    []*route
	problem   string // why nothing could be tested
	responses int
	broken    int // responses with a violation
	groups    map[string]map[string]*group
}

// A group holds equal violations of different requests.
type group struct {
	first Violation
	count int
}

func newReport(c *config) report { return report{config: c, groups: map[string]map[string]*group{}} }

func (r *report) add(x *exchange) {
	r.responses++
	if len(x.violations) > 0 {
		r.broken++
	}
	for _, v := range x.violations {
		if r.groups[v.Rule] == nil {
			r.groups[v.Rule] = map[string]*group{}
		}
		g := r.groups[v.Rule][v.Text]
		if g == nil {
			g = &group{first: v}
			r.groups[v.Rule][v.Text] = g
		}
		g.count++
	}
}

func (r *report) failed() bool { return r.problem != "" || r.broken > 0 }

// shown is the number of texts that the report shows for each rule.
const shown = 3

// String returns the report: a summary, then for each rule the most frequent violations, each with its first exchange.
func (r *report) String() string {
	var b strings.Builder
	switch {
	case r.problem != "":
		fmt.Fprintf(&b, "contracttest: nothing was tested. %s\n", r.problem)
	case r.broken == 0:
		fmt.Fprintf(&b, "contracttest: %d responses of %d routes keep the contract.\n", r.responses, len(r.routes))
	default:
		fmt.Fprintf(&b, "contracttest: %d of %d responses of %d routes break the contract, in %d rules.\n",
			r.broken, r.responses, len(r.routes), len(r.groups))
	}
	for _, rule := range rules {
		if groups := r.groups[rule.name]; groups != nil {
			writeRule(&b, rule, groups)
		}
	}
	for _, rule := range rules {
		if reason, off := r.config.without[rule.name]; off {
			fmt.Fprintf(&b, "\nNot checked: %s (%s)\n", rule.name, reason)
		}
	}
	return strings.TrimSuffix(b.String(), "\n")
}

func writeRule(b *strings.Builder, rule rule, groups map[string]*group) {
	fmt.Fprintf(b, "\n%s: %s\n  follows %s\n", rule.name, rule.sentence, rule.document)
	sorted := make([]*group, 0, len(groups))
	for _, g := range groups {
		sorted = append(sorted, g)
	}
	slices.SortFunc(sorted, func(a, b *group) int {
		if a.count != b.count {
			return b.count - a.count
		}
		return strings.Compare(a.first.Text, b.first.Text)
	})
	for i, g := range sorted {
		if i == shown {
			fmt.Fprintf(b, "\n  and %d more ways\n", len(sorted)-shown)
			break
		}
		fmt.Fprintf(b, "\n  %d times: %s. The first time:\n", g.count, g.first.Text)
		var e strings.Builder
		g.first.writeExchange(&e)
		for line := range strings.Lines(e.String()) {
			b.WriteString("  " + line)
		}
	}
}
