package upstream

import (
	"regexp"
	"strings"
	"sync"
)

// PlainRefusal says in plain words why grpc-gateway refused a request. The generated handlers make one text of Go's
// errors, so the text is all there is. PlainRefusal removes the names of Go's functions and types, and shortens values
// of the request, since a body may contain a password. It returns any other text unchanged: it is a service's.
func PlainRefusal(text string) string {
	plain, _ := plainRefusal(text)
	return plain
}

// plainRefusal also reports whether the text has a shape that grpc-gateway's texts have.
func plainRefusal(text string) (string, bool) {
	for _, s := range shapes {
		if !hasAnyPrefix(text, s.starts) {
			continue
		}
		if match := s.pattern().FindStringSubmatch(text); match != nil {
			return s.say(match), true
		}
	}
	return text, false
}

// shape is a shape of text.
type shape struct {
	starts  []string // one of which a text of this shape begins with
	pattern func() *regexp.Regexp
	say     func(match []string) string
}

// lazily returns a function that compiles a pattern when it is called for the first time. Compiling all patterns would
// delay the start of a program.
func lazily(pattern string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(pattern) })
}

// anyOf is lazily for alternative patterns. One of them must match the whole text.
func anyOf(alternatives ...string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`(?s)^(?:` + strings.Join(alternatives, "|") + `)$`)
	})
}

const invalidBody = "invalid request body"

// The texts come from grpc-gateway's generated handlers and its query.go and fieldmask.go, from protojson, and from
// the packages encoding/json, io, mime, net and net/http. TestBadRequest of package gateway provokes them.
var shapes = []shape{
	{
		[]string{"type mismatch, parameter: "},
		anyOf(`type mismatch, parameter: (\S+), error: (.*)`),
		func(m []string) string { return `invalid parameter "` + m[1] + `"` + plainCause(m[2]) },
	},
	{
		[]string{"parsing "},
		anyOf(`parsing (?:field|list|map key|map value) ("(?:[^"\\]|\\.)*"): (.*)`),
		func(m []string) string { return "invalid parameter " + m[1] + plainCause(m[2]) },
	},
	{
		[]string{
			"too many values for field ", "invalid path: ", "field ", "duplicate field ",
			"more than one value provided ", "invalid URL escape ", "invalid semicolon separator in query",
		},
		anyOf(
			`too many values for field ".*": .*`,
			`invalid path: ".*" is not a message`,
			`field ".*" is not a map`,
			`field already set for oneof ".*"`,
			`duplicate field ".*"`,
			`more than one value provided for key ".*" in map ".*"`,
			`invalid URL escape ".*"`,
			`invalid semicolon separator in query`,
		),
		func(m []string) string { return cutLong(m[0]) },
	},
	{
		[]string{"proto:"},
		protoErrors,
		func(m []string) string { return invalidBody + plainProto(m) },
	},
	{
		[]string{"json: invalid character ", "invalid character "},
		anyOf(
			`(?:json: )?invalid character '.+' looking for beginning of.*`,
			`(?:json: )?invalid character '.+' after (?:top-level value|object key|array element|decimal point).*`,
			`(?:json: )?invalid character '.+' in (?:string|literal|numeric|exponent|\\u).*`,
		),
		func(m []string) string { return invalidBody + ": " + cutLong(strings.TrimPrefix(m[0], "json: ")) },
	},
	{
		[]string{"json: cannot unmarshal "},
		anyOf(`json: cannot unmarshal (.+) into Go (?:value|struct field \S+) of type \S+`),
		func(m []string) string { return invalidBody + ": unexpected JSON " + cutLong(m[1]) },
	},
	{
		[]string{"unexpected E", "unexpected end ", "JSON structure "},
		anyOf(`unexpected EOF`, `unexpected end of JSON input`, `JSON structure did not match request type`),
		func(m []string) string { return invalidBody + ": " + m[0] },
	},
	{
		[]string{"http: request body too large"},
		anyOf(`http: request (body too large)`),
		func(m []string) string { return invalidBody + ": " + m[1] },
	},
	{
		[]string{"could not find field "},
		anyOf(`could not find field ("(?:[^"\\]|\\.)*") in "[\w.]+"`),
		func(m []string) string { return invalidBody + ": unknown field " + cutQuoted(m[1], nameLimit) },
	},
	{
		[]string{"mime: "},
		anyOf(
			"mime: no media type", "mime: invalid media parameter", "mime: duplicate parameter name",
			"mime: expected slash after first token", "mime: expected token after slash",
			"mime: unexpected content after media subtype",
		),
		func(m []string) string { return strings.TrimPrefix(m[0], "mime: ") },
	},
	{
		// The text of a failed read contains addresses, and the client cannot correct anything.
		[]string{"read ", "i/o timeout", "http: invalid Read "},
		anyOf(`read (?:tcp|unix) \S+: .*`, "i/o timeout", "http: invalid Read on closed Body"),
		func([]string) string { return "the request body could not be read" },
	},
}

// protoErrors is the shape of protojson's errors. The package protobuf makes its texts unstable on purpose: the white
// space is sometimes a no-break space. The groups are the position, the cause there, and the cause without a position.
var protoErrors = anyOf(
	`proto:[ \x{00A0}](?:syntax error )?\((line \d+:\d+)\): (.*)`,
	`proto:[ \x{00A0}](?:syntax error: )?`+
		`(unexpected token .*|invalid UTF-8.*|google\.protobuf\.\w.*|unexpected EOF|exceeded max recursion depth)`,
)

var (
	protoNames = lazily(`proto:[ \x{00A0}]`)
	goNames    = lazily(`^(?:parsing (?:field|list) "[^"]*": )?(?:strconv\.\w+: parsing |json: |time: )?`)
	timeErrors = anyOf(`parsing time ("(?:[^"\\]|\\.)*")(?: as ".*": cannot parse .*|(: .*))`)
)

// plainProto says what protojson found: the position, if there is one, and the cause.
func plainProto(match []string) string {
	cause := match[2] + match[3]
	cause = ": " + cutValues(protoNames().ReplaceAllString(cause, ""))
	if match[1] != "" {
		return " at " + match[1] + cause
	}
	return cause
}

// plainCause returns the cause for which a parameter was refused.
func plainCause(cause string) string {
	cause = goNames().ReplaceAllString(cause, "")
	if match := protoErrors().FindStringSubmatch(cause); match != nil {
		return plainProto(match)
	}
	if match := timeErrors().FindStringSubmatch(cause); match != nil {
		if match[2] == "" {
			return ": " + cutQuoted(match[1], nameLimit) + " is not a timestamp (RFC 3339)"
		}
		cause = match[1] + match[2]
	}
	return ": " + cutLong(cause)
}

func hasAnyPrefix(text string, prefixes []string) bool {
	for _, prefix := range prefixes {
		if strings.HasPrefix(text, prefix) {
			return true
		}
	}
	return false
}
