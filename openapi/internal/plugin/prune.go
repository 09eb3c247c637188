package plugin

import (
	"encoding/json"
	"strings"

	v3 "github.com/pb33f/libopenapi/datamodel/high/v3"
)

// prune removes the schemas that nothing refers to any more: the message of a 204, and HttpBody.
func prune(model *v3.Document) error {
	rendered, err := model.RenderJSON("")
	if err != nil {
		return err
	}
	var document struct {
		Paths      any
		Components struct {
			Schemas   map[string]any
			Responses any
		}
	}
	if err := json.Unmarshal(rendered, &document); err != nil {
		return err
	}
	used := map[string]bool{}
	var use func(value any)
	use = func(value any) {
		switch value := value.(type) {
		case []any:
			for _, element := range value {
				use(element)
			}
		case map[string]any:
			for _, member := range value {
				use(member)
			}
			reference, _ := value["$ref"].(string)
			name, ok := strings.CutPrefix(reference, "#/components/schemas/")
			if ok && !used[name] {
				used[name] = true
				use(document.Components.Schemas[name])
			}
		}
	}
	use(document.Paths)
	use(document.Components.Responses)
	for name := range document.Components.Schemas {
		if !used[name] {
			model.Components.Schemas.Delete(name)
		}
	}
	return nil
}
