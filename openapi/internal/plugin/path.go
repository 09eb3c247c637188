package plugin

import (
	"fmt"
	"regexp"
	"strings"

	v3 "github.com/pb33f/libopenapi/datamodel/high/v3"
)

var pathParameter = regexp.MustCompile(`\{([^{}]*)\}`)

// unifyPaths puts the operations of paths together that differ in the names of their parameters only, as those of
// `GET /v1/{name}` and `PATCH /v1/{book.name}` do: they are one path to OpenAPI, which forbids to write it twice. The
// names are those of the first.
func unifyPaths(paths *v3.Paths) error {
	first := map[string]string{}
	var repeated []string
	for path, item := range paths.PathItems.FromOldest() {
		shape := pathParameter.ReplaceAllString(path, "{}")
		to, ok := first[shape]
		if !ok {
			first[shape] = path
			continue
		}
		repeated = append(repeated, path)
		names := map[string]string{}
		newNames := pathParameter.FindAllStringSubmatch(to, -1)
		for i, name := range pathParameter.FindAllStringSubmatch(path, -1) {
			names[name[1]] = newNames[i][1]
		}
		target := paths.PathItems.GetOrZero(to)
		for method, operation := range item.GetOperations().FromOldest() {
			slot := operationSlot(target, method)
			if slot == nil || *slot != nil {
				return fmt.Errorf("%s %s: OpenAPI cannot tell it from %s; google.api.method_visibility hides one of them",
					strings.ToUpper(method), path, to)
			}
			for _, parameter := range operation.Parameters {
				if parameter.In == "path" {
					parameter.Name = names[parameter.Name]
				}
			}
			*slot = operation
		}
	}
	for _, path := range repeated {
		paths.PathItems.Delete(path)
	}
	return nil
}

func operationSlot(item *v3.PathItem, method string) **v3.Operation {
	switch method {
	case "get":
		return &item.Get
	case "put":
		return &item.Put
	case "post":
		return &item.Post
	case "delete":
		return &item.Delete
	case "options":
		return &item.Options
	case "head":
		return &item.Head
	case "patch":
		return &item.Patch
	case "trace":
		return &item.Trace
	}
	return nil
}
