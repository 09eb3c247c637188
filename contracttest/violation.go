package contracttest

import (
	"fmt"
	"strings"
)

// Violation describes how a response breaks a rule of the contract.
type Violation struct {
	// Rule is the name of the rule, as WithoutRule takes it.
	Rule string
	// Document names the document that the rule follows.
	Document string
	// Text describes the violation.
	Text string
	// Request is the request line. Run adds a note about an unusual body.
	Request string
	// Backend describes the reply of the fake backend of Run. It is empty without Run.
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
