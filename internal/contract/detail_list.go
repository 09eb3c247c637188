package contract

import (
	"strconv"
	"unicode/utf8"

	"google.golang.org/protobuf/encoding/protowire"
)

// listText collects `name: text; name: text`. It stops after the first item that exceeds DetailsLimit.
type listText struct {
	text []byte
}

// String returns the text, cut to DetailsLimit.
func (l *listText) String() string {
	return Cut(string(l.text), DetailsLimit)
}

// full reports whether more text would be cut anyway.
func (l *listText) full() bool {
	return len(l.text) > DetailsLimit
}

// add appends one item. An item without a name and a text does not count.
func (l *listText) add(name, text []byte) {
	if l.full() || len(name) == 0 && len(text) == 0 {
		return
	}
	if len(l.text) > 0 {
		l.text = append(l.text, "; "...)
	}
	l.text = append(l.text, name...)
	if len(name) > 0 && len(text) > 0 {
		l.text = append(l.text, ": "...)
	}
	l.text = append(l.text, text...)
}

// addDetail appends the items of one detail. A detail that does not parse adds nothing.
func (l *listText) addDetail(list listing, value []byte) {
	if l.full() {
		return
	}
	before := len(l.text)
	ok := false
	if list.items == 0 {
		ok = l.addItem(&list, value)
	} else {
		ok = fields(value, func(f field) bool {
			return !f.is(list.items, protowire.BytesType) || l.addItem(&list, f.bytes)
		})
	}
	if !ok {
		l.text = l.text[:before]
	}
}

// addItem appends one item. It reports whether the item is well-formed.
func (l *listText) addItem(list *listing, item []byte) bool {
	var values [4][]byte // one for each column
	ok := fields(item, func(f field) bool {
		for i, column := range list.columns {
			if f.is(column.number, protowire.BytesType) {
				return column.read(f.bytes, &values[i])
			}
		}
		return true
	})
	if !ok {
		return false
	}
	for _, text := range values[1:] {
		if len(text) > 0 {
			l.add(values[0], text)
			return true
		}
	}
	l.add(values[0], nil)
	return true
}

// read reads the value of a column. It reports whether the value is well-formed.
func (c *column) read(bytes []byte, value *[]byte) bool {
	if c.path {
		return fieldPath(bytes, value)
	}
	if c.inner == 0 {
		*value = bytes
		return utf8.Valid(bytes)
	}
	return fields(bytes, func(f field) bool {
		if !f.is(c.inner, protowire.BytesType) {
			return true
		}
		*value = f.bytes
		return utf8.Valid(f.bytes)
	})
}

// fieldPath appends a buf.validate.FieldPath as protovalidate writes it: `spec.tags[0].labels["a"]`. It reports
// whether the path is well-formed. A nil path has no element yet. A message that is sent in two parts is one path.
func fieldPath(bytes []byte, path *[]byte) bool {
	return fields(bytes, func(f field) bool {
		if !f.is(1, protowire.BytesType) {
			return true
		}
		element, ok := pathElement(f.bytes)
		if *path == nil {
			*path = []byte(element)
		} else {
			*path = append(*path, "."+element...)
		}
		return ok
	})
}

// pathElement returns the text of a buf.validate.FieldPathElement. It reports whether the element is well-formed.
func pathElement(bytes []byte) (string, bool) {
	name, subscript := "", ""
	ok := fields(bytes, func(f field) bool {
		switch {
		case f.is(2, protowire.BytesType):
			name = string(f.bytes)
			return utf8.Valid(f.bytes)
		case f.is(6, protowire.VarintType), f.is(9, protowire.VarintType): // index, uint_key
			subscript = "[" + strconv.FormatUint(f.varint, 10) + "]"
		case f.is(7, protowire.VarintType): // bool_key
			subscript = "[" + strconv.FormatBool(f.varint != 0) + "]"
		case f.is(8, protowire.VarintType): // int_key
			subscript = "[" + strconv.FormatInt(int64(f.varint), 10) + "]"
		case f.is(10, protowire.BytesType): // string_key
			subscript = "[" + strconv.Quote(string(f.bytes)) + "]"
		}
		return true
	})
	return name + subscript, ok
}
