package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"
)

// A document holds the part of an OpenAPI document that contractcheck reads: the operations of each path.
type document struct {
	Paths map[string]map[string]json.RawMessage `json:"paths"`
}

func readDocument(file string) (*document, error) {
	content, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	d := &document{}
	if err := json.Unmarshal(content, d); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	if len(d.Paths) == 0 {
		return nil, fmt.Errorf("%s: the document has no paths", file)
	}
	return d, nil
}

// A request is one request, with what the document says about its response.
type request struct {
	method, path string
	statuses     []string // the documented ones; nil if none is documented
	want         int      // the status that routing gives; 0 for any
	allow        []string // the methods of the path, for a 405
}

// methods are the members of a path item that are operations.
var methods = []string{"get", "put", "post", "delete", "options", "head", "patch", "trace"}

// parameter matches a parameter in a path.
var parameter = regexp.MustCompile(`\{[^}]*\}`)

// requests returns requests that change nothing.
func (d *document) requests() []request {
	all := []request{{method: http.MethodGet, path: "/contractcheck-nothing/is/here", want: http.StatusNotFound}}
	for _, template := range slices.Sorted(maps.Keys(d.Paths)) {
		path := parameter.ReplaceAllString(template, "1")
		var bound []string
		for _, method := range methods {
			if _, ok := d.Paths[template][method]; ok {
				bound = append(bound, strings.ToUpper(method))
			}
		}
		if slices.Contains(bound, http.MethodGet) {
			statuses := responses(d.Paths[template]["get"])
			all = append(all,
				request{method: http.MethodGet, path: path, statuses: statuses},
				request{method: http.MethodHead, path: path, statuses: statuses},
				request{method: http.MethodGet, path: path + "?%zz=1", statuses: statuses},
			)
		}
		if len(bound) > 0 {
			all = append(all, request{method: "PROPFIND", path: path, want: http.StatusMethodNotAllowed, allow: bound})
		}
	}
	return all
}

// responses returns the statuses that an operation documents.
func responses(operation json.RawMessage) []string {
	var o struct {
		Responses map[string]json.RawMessage `json:"responses"`
	}
	if json.Unmarshal(operation, &o) != nil {
		return nil
	}
	return slices.Collect(maps.Keys(o.Responses))
}

// documents reports whether OpenAPI response keys cover a status: the status, its class, or the default.
func documents(keys []string, status int) bool {
	text := fmt.Sprint(status)
	return slices.ContainsFunc(keys, func(key string) bool {
		return key == "default" || key == text || strings.EqualFold(key, text[:1]+"XX")
	})
}
