package adoption

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/statusbridge/statusbridge/internal/testkit"
)

// Table sends the requests of a group and returns the responses as a table in Markdown.
func (g Group) Table(t testing.TB) string {
	t.Helper()
	var b strings.Builder
	b.WriteString("| what happens | with the recipes | with a bridge |\n|---|---|---|\n")
	for _, c := range g.Cases {
		d := c.Send(t)
		request := ""
		if c.Request.String() != (Request{}).String() {
			request = "<br>`" + c.Request.String() + "`"
		}
		fmt.Fprintf(&b, "| %s%s | %s | %s |\n", c.Name, request, cell(d.Recipes), cell(d.Bridge))
	}
	return b.String()
}

// cell returns a response for a table, or two if the transports differ.
func cell(responses map[testkit.Transport]Response) string {
	var cells []string
	for _, transport := range testkit.Transports {
		if a, ok := responses[transport]; ok {
			cells = append(cells, a.cell())
		}
	}
	if len(slices.Compact(slices.Clone(cells))) == 1 {
		return cells[0]
	}
	return "over the network:<br>" + cells[0] + "<br>in process:<br>" + cells[1]
}

func (a Response) cell() string {
	if a.Status < 300 && strings.HasPrefix(a.Body, `{"thing":`) {
		a.Body = "{…}" // the requested thing
	}
	lines := a.Lines()
	for i, line := range lines {
		if !strings.HasPrefix(line, "(") {
			lines[i] = "`" + line + "`"
		}
	}
	return strings.Join(lines, "<br>")
}
