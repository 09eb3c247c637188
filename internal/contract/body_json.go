package contract

import (
	"encoding/json"
	"strconv"
)

// members are the members of a JSON object, as encoding/json decodes it with UseNumber. It may be nil.
type members map[string]any

// text returns a string. It reports whether the member is a string.
func (m members) text(name string) (string, bool) {
	text, ok := m[name].(string)
	return text, ok
}

// word returns the first of the named members that is a string and not empty.
func (m members) word(names ...string) string {
	for _, name := range names {
		if text, _ := m.text(name); text != "" {
			return text
		}
	}
	return ""
}

// number returns an integer. It reports whether the member is an integer.
func (m members) number(name string) (int, bool) {
	number, _ := m[name].(json.Number)
	value, err := strconv.Atoi(number.String())
	return value, err == nil
}

// object returns the members of an object. The result is nil if the member is something else.
func (m members) object(name string) members {
	return objectOf(m[name])
}

// list returns the elements of a list. The result is nil if the member is something else.
func (m members) list(name string) []any {
	list, _ := m[name].([]any)
	return list
}

// objectOf returns the members of a value that is an object, and otherwise nil.
func objectOf(value any) members {
	object, _ := value.(map[string]any)
	return object
}
