package plugin

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	v3 "github.com/pb33f/libopenapi/datamodel/high/v3"
	"github.com/pb33f/libopenapi/orderedmap"
)

var pathParameter = regexp.MustCompile(`\{([^{}]*)\}`)

// setPaths puts the operations under their paths. Paths that differ in the names of their parameters only are one path
// to OpenAPI, as those of `GET /v1/{name}` and `PATCH /v1/{book.name}`. The first one's names count. It returns an
// error that names both bindings if two of them have the same path and method.
func setPaths(paths *v3.Paths, operations []*operation) error {
	paths.PathItems = orderedmap.New[string, *v3.PathItem]()
	first := map[string][]*operation{}
	for _, o := range operations {
		shape := pathParameter.ReplaceAllString(o.templated, "{}")
		for _, other := range first[shape] {
			if other.verb == o.verb {
				return fmt.Errorf("OpenAPI cannot tell %s from %s: hide one of them with google.api.method_visibility",
					o.binding, other.binding)
			}
		}
		first[shape] = append(first[shape], o)
		path, names := parameterNames(first[shape][0].templated)
		item := paths.PathItems.GetOrZero(path)
		if item == nil {
			item = &v3.PathItem{}
			paths.PathItems.Set(path, item)
		}
		i := 0
		for _, parameter := range o.generated.Parameters {
			if parameter.In == "path" {
				parameter.Name = names[i]
				i++
			}
		}
		setOperation(item, o.verb, o.generated)
	}
	return nil
}

// parameterNames returns a path whose parameters are named without dots, and the names. Generators of clients drop
// operations with other names.
func parameterNames(path string) (string, []string) {
	var names []string
	path = pathParameter.ReplaceAllStringFunc(path, func(parameter string) string {
		name := strings.ReplaceAll(strings.Trim(parameter, "{}"), ".", "_")
		for slices.Contains(names, name) {
			name += "_"
		}
		names = append(names, name)
		return "{" + name + "}"
	})
	return path, names
}

func setOperation(item *v3.PathItem, verb string, operation *v3.Operation) {
	switch verb {
	case "GET":
		item.Get = operation
	case "PUT":
		item.Put = operation
	case "POST":
		item.Post = operation
	case "DELETE":
		item.Delete = operation
	case "OPTIONS":
		item.Options = operation
	case "HEAD":
		item.Head = operation
	case "PATCH":
		item.Patch = operation
	case "TRACE":
		item.Trace = operation
	}
}
