package explorer

import (
	"bytes"
	"html/template"
	"net/http"

	"github.com/statusbridge/statusbridge/mapping"
)

// class is a group of statuses in the table.
type class struct {
	Name string
	Rows []row
}

// gatewayName contains the names of a gateway in JSON and in HTML.
type gatewayName struct{ Key, Name string }

var gateways = []gatewayName{{"with", "With statusbridge"}, {"without", "grpc-gateway without it"}}

// part is a part of a response, and the number of documented statuses that it is checked for.
type part struct {
	Key, Name string
	Total     int
}

func parts() []part {
	errors := 0
	for _, documented := range mapping.Rows() {
		if documented.HTTPStatus >= http.StatusBadRequest {
			errors++
		}
	}
	return []part{
		{"status", "statuses", len(mapping.Rows())},
		{"body", "error bodies", errors},
		{"header", "headers", 2}, // Allow and WWW-Authenticate
	}
}

// styles lists the style sheets in their order.
var styles = []string{"base.css", "board.css", "table.css", "form.css", "pane.css"}

type row struct {
	Status          int
	Reason, Meaning string
}

// renderIndex returns the HTML. Its table comes from the contract.
func renderIndex(without string) ([]byte, error) {
	page, err := template.ParseFS(files, "page/index.html")
	if err != nil {
		return nil, err
	}
	classes := []class{{Name: "Success"}, {Name: "Client error"}, {Name: "Server error"}}
	for _, documented := range mapping.Rows() {
		c := &classes[map[int]int{2: 0, 4: 1, 5: 2}[documented.HTTPStatus/100]]
		c.Rows = append(c.Rows, row{
			Status: documented.HTTPStatus, Reason: http.StatusText(documented.HTTPStatus), Meaning: documented.Meaning,
		})
	}
	var b bytes.Buffer
	err = page.Execute(&b, map[string]any{
		"Prefix": Prefix, "Without": without, "Styles": styles, "Gateways": gateways, "Methods": ownMethods,
		"Parts": parts(), "Classes": classes, "Total": len(mapping.Rows()),
	})
	return b.Bytes(), err
}
