package adoption

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/statusbridge/statusbridge/internal/testkit"
)

// Table makes the requests of a group and lays the answers out in Markdown.
func (g Group) Table(t testing.TB) string {
	t.Helper()
	var b strings.Builder
	b.WriteString("| what happens | with the recipes | with a bridge |\n|---|---|---|\n")
	for _, c := range g.Cases {
		d := c.Ask(t)
		request := ""
		if c.Request.String() != (Request{}).String() {
			request = "<br>`" + c.Request.String() + "`"
		}
		fmt.Fprintf(&b, "| %s%s | %s | %s |\n", c.Name, request, cell(d.Recipes), cell(d.Bridge))
	}
	return b.String()
}

// cell is an answer in a table, or two where the transports differ.
func cell(answers map[testkit.Transport]Answer) string {
	var cells []string
	for _, transport := range testkit.Transports {
		if a, ok := answers[transport]; ok {
			cells = append(cells, a.cell())
		}
	}
	if len(slices.Compact(slices.Clone(cells))) == 1 {
		return cells[0]
	}
	return "over the network:<br>" + cells[0] + "<br>in process:<br>" + cells[1]
}

func (a Answer) cell() string {
	if a.Status < 300 && strings.HasPrefix(a.Body, `{"thing":`) {
		a.Body = "{…}" // what was asked for
	}
	lines := a.Lines()
	for i, line := range lines {
		if !strings.HasPrefix(line, "(") {
			lines[i] = "`" + line + "`"
		}
	}
	return strings.Join(lines, "<br>")
}
