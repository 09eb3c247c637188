package contracttest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"unicode/utf8"
)

// A member is one member of a JSON object, in the order of the text.
type member struct {
	name  string
	value json.RawMessage
}

// members returns the members of a JSON object, and false if the text is not one JSON object.
func members(text []byte) (all []member, ok bool) {
	decoder := json.NewDecoder(bytes.NewReader(text))
	if begin, _ := decoder.Token(); begin != json.Delim('{') || !json.Valid(text) {
		return nil, false
	}
	for decoder.More() {
		name, _ := decoder.Token() // a valid object has a name here
		var value json.RawMessage
		_ = decoder.Decode(&value)
		all = append(all, member{fmt.Sprint(name), value})
	}
	return all, true
}

// errorBody is the documented body.
type errorBody struct {
	Code    int    `json:"code"`
	Message string `json:"message"`
	Details string `json:"details"`
}

// checkBody judges the body of an error.
func (x *exchange) checkBody() {
	if !x.whole || x.isHead() || x.header.Get("Content-Encoding") != "" {
		return
	}
	switch all, ok := members(x.body); {
	case !ok:
		x.breaks(ruleJSON, "the body is not a JSON object")
	case !utf8.Valid(x.body):
		x.breaks(ruleJSON, "the body is not valid UTF-8")
	default:
		x.checkMembers(all)
		x.checkInternals()
	}
}

func (x *exchange) checkMembers(all []member) {
	names := make([]string, 0, len(all))
	for _, m := range all {
		names = append(names, m.name)
	}
	known := []string{"code", "message", "details"}
	sorted := slices.Sorted(slices.Values(names))
	switch {
	case !slices.Contains(names, "code"), !slices.Contains(names, "message"),
		len(slices.Compact(sorted)) != len(names),
		slices.ContainsFunc(names, func(name string) bool { return !slices.Contains(known, name) }):
		x.breaks(ruleMembers, "the body has the members %v", names)
	case !slices.Equal(names, known[:len(names)]):
		x.breaks(ruleBytes, "the members have the order %v", names)
	default:
		var compact bytes.Buffer
		_ = json.Compact(&compact, x.body) // the body is valid: members has read it
		if !bytes.Equal(compact.Bytes(), x.body) {
			x.breaks(ruleBytes, "the body has white space between its members")
		}
	}
	for _, m := range all {
		var text string
		isText := json.Unmarshal(m.value, &text) == nil && m.value[0] == '"'
		switch m.name {
		case "code":
			var code int
			if err := json.Unmarshal(m.value, &code); err != nil || code != x.status {
				x.breaks(ruleCode, "code is %s under a %d", m.value, x.status)
			}
		case "message":
			if !isText {
				x.breaks(ruleMessage, "message is %s", m.value)
			}
		case "details":
			if !isText || text == "" {
				x.breaks(ruleDetailsText, "details is %s", printable(m.value))
			}
		}
	}
}

// read returns the documented body of an error, and false if it has another shape.
func (x *exchange) read() (body errorBody, ok bool) {
	if x.isHead() || json.Unmarshal(x.body, &body) != nil {
		return errorBody{}, false
	}
	return body, true
}

// internals matches texts of Go, gRPC and protobuf that say nothing to a client. The white space after "proto:" varies
// between builds.
var internals = regexp.MustCompile(
	`rpc error: code = |strconv\.Parse|proto:[ \x{00a0}]|dial (tcp|unix) |runtime error: |goroutine \d+ |grpc: `)

func (x *exchange) checkInternals() {
	if found := internals.FindString(string(x.body)); found != "" {
		x.breaks(ruleInternals, "the body contains %q", found)
	}
}
