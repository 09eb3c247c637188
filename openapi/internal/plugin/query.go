package plugin

import (
	"fmt"
	"strings"

	"google.golang.org/genproto/googleapis/api/visibility"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
)

const (
	// maxQueryParameters is far above the largest public API, and protoc-gen-openapiv3 still writes it in seconds.
	maxQueryParameters = 5000
	// maxDepth is how often protoc-gen-openapiv3 enters the same message on one path.
	maxDepth = 1000
)

// checkQuery returns an error if the query parameters of a binding are too many to write down. protoc-gen-openapiv3
// flattens nested messages into parameters. Two fields that contain their own message double the number at each of a
// thousand levels, so it does not end.
func (b *binding) checkQuery(visible func(protoreflect.FieldDescriptor) bool) error {
	if b.body == "*" {
		return nil
	}
	q := &query{visible: visible, depth: map[protoreflect.FullName]int{}}
	field, _, _ := strings.Cut(b.body, ".")
	q.addFields(b.method.Input(), protoreflect.Name(field))
	if q.parameters <= maxQueryParameters {
		return nil
	}
	return fmt.Errorf("%s: the request %s has more than %d query parameters, because %s contains itself: "+
		"put it into the body, or hide a field with google.api.field_visibility",
		b, b.method.Input().FullName(), maxQueryParameters, q.deepest())
}

// query counts the parameters of one binding.
type query struct {
	visible    func(protoreflect.FieldDescriptor) bool
	parameters int
	// depth counts how often each message was entered on the current path.
	depth map[protoreflect.FullName]int
	path  []protoreflect.FullName
}

// addFields counts the parameters of a message's fields but one, and stops above the limit. A message without
// parameters counts as well, because it takes time.
func (q *query) addFields(message protoreflect.MessageDescriptor, except protoreflect.Name) {
	for i := range message.Fields().Len() {
		field := message.Fields().Get(i)
		if field.Name() == except || !q.visible(field) {
			continue
		}
		nested := field.Message()
		if q.parameters++; q.parameters > maxQueryParameters {
			return
		}
		if nested == nil || field.IsList() || field.IsMap() || isWellKnown(nested) ||
			q.depth[nested.FullName()] >= maxDepth {
			continue
		}
		q.depth[nested.FullName()]++
		q.path = append(q.path, nested.FullName())
		q.addFields(nested, "")
		if q.parameters > maxQueryParameters {
			return // with the path that shows why
		}
		q.path = q.path[:len(q.path)-1]
		q.depth[nested.FullName()]--
	}
}

// deepest returns the message that is most often on the path.
func (q *query) deepest() protoreflect.FullName {
	var name protoreflect.FullName
	for _, candidate := range q.path {
		if name == "" || q.depth[candidate] > q.depth[name] {
			name = candidate
		}
	}
	return name
}

// isWellKnown reports whether a message is a single value in a query.
func isWellKnown(message protoreflect.MessageDescriptor) bool {
	if message.FullName().Parent() != "google.protobuf" {
		return false
	}
	switch name := message.Name(); name {
	case "Timestamp", "Duration", "FieldMask", "Empty", "Struct", "Any":
		return true
	default:
		return strings.HasSuffix(string(name), "Value")
	}
}

// visible reports whether protoc-gen-openapiv3 writes a field: a field without a visibility rule, or one with a label
// that a parameter visibility_restriction_selectors names.
func (o *options) visible(field protoreflect.FieldDescriptor) bool {
	rule, _ := proto.GetExtension(field.Options(), visibility.E_FieldVisibility).(*visibility.VisibilityRule)
	if rule == nil {
		return true
	}
	for label := range strings.SplitSeq(rule.GetRestriction(), ",") {
		if o.selectors[strings.TrimSpace(label)] {
			return true
		}
	}
	return false
}
