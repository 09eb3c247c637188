package contract

import (
	"encoding/json"
	"slices"
)

// members are the members of a JSON object. A nil value has none.
type members map[string]json.RawMessage

// element is an element of a JSON list.
type element json.RawMessage

// text returns a string. It reports whether the member is one.
func (m members) text(name string) (string, bool) {
	return element(m[name]).text()
}

// word returns the first of the named members that is a string which is not empty.
func (m members) word(names ...string) string {
	for _, name := range names {
		if text, ok := m.text(name); ok && text != "" {
			return text
		}
	}
	return ""
}

// number returns an integer. It reports whether the member is one.
func (m members) number(name string) (number int, ok bool) {
	value := m[name]
	if len(value) == 0 || value[0] == 'n' {
		return 0, false
	}
	ok = json.Unmarshal(value, &number) == nil
	return number, ok
}

// null reports whether a member is absent or null.
func (m members) null(name string) bool {
	value := m[name]
	return len(value) == 0 || value[0] == 'n'
}

// object returns the members of an object, or nil.
func (m members) object(name string) members {
	return element(m[name]).object()
}

// list returns the elements of a list, or nil.
func (m members) list(names ...string) []element {
	i := slices.IndexFunc(names, func(name string) bool { return len(m[name]) > 0 })
	if i < 0 || m[names[i]][0] != '[' {
		return nil
	}
	var list []json.RawMessage
	_ = json.Unmarshal(m[names[i]], &list) // it is a list in an object that has been parsed
	elements := make([]element, len(list))
	for i, value := range list {
		elements[i] = element(value)
	}
	return elements
}

func (e element) text() (text string, ok bool) {
	if len(e) == 0 || e[0] != '"' {
		return "", false
	}
	ok = json.Unmarshal(e, &text) == nil
	return text, ok
}

func (e element) object() (object members) {
	if len(e) > 0 && e[0] == '{' {
		_ = json.Unmarshal(e, &object) // it is an object in an object that has been parsed
	}
	return object
}
