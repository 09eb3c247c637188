package contracttest

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"unicode/utf8"
)

// An exchange is a request and its response. Fields that are not known are empty.
type exchange struct {
	request *http.Request // nil if it is not known
	note    string        // more about the request, for reports
	backend string
	status  int
	header  http.Header // with the usual case of names
	trailer http.Header // with the usual case of names
	body    []byte
	// whole reports whether body is the whole body.
	whole bool
	// decoded reports whether the transport decompressed the body.
	decoded bool
	proto   string

	config     *config
	violations []Violation
}

// breaks notes a violation, unless its rule is switched off.
func (x *exchange) breaks(name, format string, args ...any) {
	if _, off := x.config.without[name]; off {
		return
	}
	r, _ := ruleOf(name)
	x.violations = append(x.violations, Violation{
		Rule: name, Document: r.document, Text: fmt.Sprintf(format, args...),
		Request: x.requestText(), Backend: x.backend, Response: x.responseText(),
	})
}

// broken reports whether one of the rules was broken by this exchange, or is switched off.
func (x *exchange) broken(names ...string) bool {
	for _, name := range names {
		if _, off := x.config.without[name]; off {
			return true
		}
	}
	return slices.ContainsFunc(x.violations, func(v Violation) bool { return slices.Contains(names, v.Rule) })
}

func (x *exchange) isHead() bool {
	return x.request != nil && x.request.Method == http.MethodHead
}

func (x *exchange) requestText() string {
	if x.request == nil {
		return "(unknown request)"
	}
	text := x.request.Method + " " + x.request.URL.RequestURI()
	if x.proto != "" {
		text += " " + x.proto
	}
	if x.note != "" {
		text += " " + x.note
	}
	return text
}

// shownBody is the number of bytes of a body that a Violation shows.
const shownBody = 2 << 10

func (x *exchange) responseText() string {
	if x.status == 0 {
		return "(no response)"
	}
	var b strings.Builder
	proto := x.proto
	if proto == "" {
		proto = "HTTP/1.1"
	}
	fmt.Fprintf(&b, "%s %d %s\n", proto, x.status, http.StatusText(x.status))
	writeHeader(&b, x.header)
	if len(x.body) > 0 {
		b.WriteString("\n")
		b.WriteString(printable(x.body))
		b.WriteString("\n")
	}
	if len(x.trailer) > 0 {
		b.WriteString("(trailer)\n")
		writeHeader(&b, x.trailer)
	}
	return b.String()
}

func writeHeader(b *strings.Builder, header http.Header) {
	for _, name := range slices.Sorted(maps.Keys(header)) {
		if name == "Date" {
			continue // it differs from run to run
		}
		for _, value := range header[name] {
			fmt.Fprintf(b, "%s: %s\n", printable([]byte(name)), oneLine(value))
		}
	}
}

// oneLine is printable for a header value.
func oneLine(value string) string {
	return strings.ReplaceAll(printable([]byte(value)), "\n", `\x0a`)
}

// printable shortens a text and escapes bytes that a terminal should not receive.
func printable(text []byte) string {
	rest := ""
	if len(text) > shownBody {
		rest = fmt.Sprintf("… (%d more bytes)", len(text)-shownBody)
		text = text[:shownBody]
	}
	var b strings.Builder
	for len(text) > 0 {
		r, size := utf8.DecodeRune(text)
		switch {
		case r == utf8.RuneError && size == 1:
			fmt.Fprintf(&b, `\x%02x`, text[0])
		case r == '\n' || r >= ' ' && r != 0x7f:
			b.WriteRune(r)
		default:
			fmt.Fprintf(&b, `\x%02x`, r)
		}
		text = text[size:]
	}
	return b.String() + rest
}
