package contracttest

import (
	"fmt"
	"strings"
)

// Violation is one way in which one response breaks the contract.
type Violation struct {
	// Rule is the name of the rule, as WithoutRule takes it.
	Rule string
	// Document names the document that the rule follows.
	Document string
	// Text describes the violation.
	Text string
	// Request is the request: method, target, protocol, and the start of its body.
	Request string
	// Backend says how the fake backend of Run replied. It is empty if no fake backend was involved.
	Backend string
	// Response is the response as text: status line, header, body and trailer, with long bodies shortened.
	Response string
}

// String returns the violation in several lines, for a log or a test.
func (v Violation) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s\n  follows %s\n", v.Rule, v.Text, v.Document)
	v.writeExchange(&b)
	return strings.TrimSuffix(b.String(), "\n")
}

// writeExchange writes the request, the backend's reply and the response, indented.
func (v Violation) writeExchange(b *strings.Builder) {
	fmt.Fprintf(b, "  > %s\n", v.Request)
	if v.Backend != "" {
		fmt.Fprintf(b, "  backend: %s\n", v.Backend)
	}
	for line := range strings.Lines(v.Response) {
		b.WriteString(strings.TrimRight("  < "+strings.TrimRight(line, "\r\n"), " ") + "\n")
	}
}
