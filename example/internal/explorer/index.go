package explorer

import (
	"bytes"
	"html/template"
	"net/http"
	"strconv"
	"strings"

	"github.com/statusbridge/statusbridge/example/internal/walkthrough"
	"github.com/statusbridge/statusbridge/mapping"
)

// row is a status as the table shows it.
type row struct {
	Status          int
	Reason, Meaning string
	Method          string
	// Segments are the path, each with the slash before it: a line may end between two.
	Segments []string
}

// class is the statuses of one class.
type class struct {
	Name string
	Rows []row
}

// placeholders stand in the table where a request names what it does not know beforehand.
var placeholders = strings.NewReplacer("$PROJECT", "{project}", "$WORKSPACE", "{workspace}")

// renderIndex makes the page. Statuses and sentences are those of the contract.
func renderIndex(steps map[string]walkthrough.Step, stock string) ([]byte, error) {
	page, err := template.ParseFS(files, "page/index.html")
	if err != nil {
		return nil, err
	}
	classes := []class{{Name: "Success"}, {Name: "Client error"}, {Name: "Server error"}}
	for _, documented := range mapping.Rows() {
		request := steps[strconv.Itoa(documented.HTTPStatus)].Request
		c := &classes[map[int]int{2: 0, 4: 1, 5: 2}[documented.HTTPStatus/100]]
		c.Rows = append(c.Rows, row{
			Status:   documented.HTTPStatus,
			Reason:   http.StatusText(documented.HTTPStatus),
			Meaning:  documented.Meaning,
			Method:   request.Method,
			Segments: segments(placeholders.Replace(request.Path)),
		})
	}
	var b bytes.Buffer
	err = page.Execute(&b, struct {
		Prefix, Stock string
		Classes       []class
	}{Prefix, stock, classes})
	return b.Bytes(), err
}

func segments(path string) []string {
	segments := strings.Split(path, "/")[1:]
	for i := range segments {
		segments[i] = "/" + segments[i]
	}
	return segments
}
