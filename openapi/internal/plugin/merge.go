package plugin

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// members are those of a document, in the order of the specification.
var members = []string{"openapi", "info", "servers", "paths", "components", "security", "tags", "externalDocs"}

// document is the JSON text of each member of a document.
type document map[string]json.RawMessage

// tag is a Tag Object.
type tag struct {
	Name         string          `json:"name"`
	Description  string          `json:"description,omitempty"`
	ExternalDocs json.RawMessage `json:"externalDocs,omitempty"`
}

// merge returns one document for all parts, whose paths are unique. If a member can have one value only, the first
// proto that sets it counts. Security must be the same wherever it is declared, because a difference could open an API.
func (g *group) merge() ([]byte, error) {
	services := g.ambiguousServices()
	merged, components := document{}, map[string]map[string]json.RawMessage{}
	paths := map[string]json.RawMessage{}
	var tags []tag
	for _, part := range g.parts {
		var read document
		if err := json.Unmarshal([]byte(part.content), &read); err != nil {
			return nil, fmt.Errorf("%s: %w", part.file.GetName(), err)
		}
		for name, value := range read {
			var err error
			switch name {
			case "paths":
				err = json.Unmarshal(value, &paths)
			case "components":
				err = mergeComponents(components, value)
			case "tags":
				tags, err = mergeTags(tags, value, services[part.file.GetPackage()], part.file.GetPackage())
			case "security":
				if other, taken := merged[name]; taken && !bytes.Equal(other, value) {
					err = fmt.Errorf("the security of the document differs from that of another proto")
				}
				merged[name] = value
			case "info":
				if part == g.described() {
					merged[name] = value
				}
			default:
				if _, taken := merged[name]; !taken {
					merged[name] = value
				}
			}
			if err != nil {
				return nil, fmt.Errorf("%s: %w", part.file.GetName(), err)
			}
		}
	}
	return render(merged, map[string]any{"paths": paths, "components": components, "tags": tags})
}

// mergeComponents adds the components of a document. A schema has the name of its message, so equal names are equal
// schemas. A security scheme has a name that the proto chose.
func mergeComponents(to map[string]map[string]json.RawMessage, text json.RawMessage) error {
	var from map[string]map[string]json.RawMessage
	if err := json.Unmarshal(text, &from); err != nil {
		return err
	}
	for section, components := range from {
		if to[section] == nil {
			to[section] = map[string]json.RawMessage{}
		}
		for name, component := range components {
			if other, taken := to[section][name]; taken && !bytes.Equal(other, component) {
				return fmt.Errorf("%s in components/%s differs from that of another proto", name, section)
			}
			to[section][name] = component
		}
	}
	return nil
}

// mergeTags adds the tags of a document with the qualified names of ambiguous services. A tag with a description
// replaces one without.
func mergeTags(to []tag, text json.RawMessage, ambiguous []string, pkg string) ([]tag, error) {
	var from []tag
	if err := json.Unmarshal(text, &from); err != nil {
		return nil, err
	}
	for _, t := range from {
		if slices.Contains(ambiguous, t.Name) {
			t.Name = qualified(pkg, t.Name)
		}
		i := slices.IndexFunc(to, func(other tag) bool { return other.Name == t.Name })
		switch {
		case i < 0:
			to = append(to, t)
		case to[i].Description == "":
			to[i] = t
		}
	}
	return to, nil
}

// render writes a document with its members in order and its extensions last.
func render(d document, merged map[string]any) ([]byte, error) {
	for name, value := range merged {
		text, err := json.Marshal(value)
		if err != nil {
			return nil, err
		}
		d[name] = text
	}
	names := slices.Clone(members)
	var extensions []string
	for name := range d {
		if strings.HasPrefix(name, "x-") {
			extensions = append(extensions, name)
		}
	}
	slices.Sort(extensions)
	var out bytes.Buffer
	for _, name := range append(names, extensions...) {
		value, ok := d[name]
		if !ok || bytes.Equal(value, []byte("null")) {
			continue
		}
		if out.Len() > 0 {
			out.WriteByte(',')
		}
		fmt.Fprintf(&out, "%q:%s", name, value)
	}
	return slices.Concat([]byte("{"), out.Bytes(), []byte("}")), nil
}
