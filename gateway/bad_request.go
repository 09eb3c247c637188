package gateway

import (
	"regexp"
	"strings"
	"sync"
)

// grpc-gateway refuses a request that it cannot read with a text made of Go's own error texts: the generated
// handlers flatten the errors with %v, so the text is all there is. plainBadRequest says the same without the names
// of Go's functions and types. What is not exactly of such a shape is a service's text, and stays as it is.
// TestBadRequest provokes each shape from grpc-gateway, and fails when it is no longer recognised.
func plainBadRequest(text string) string {
	for _, shape := range badRequests {
		if !hasPrefix(text, shape.starts) {
			continue
		}
		if match := shape.pattern().FindStringSubmatch(text); match != nil {
			return shape.say(match)
		}
	}
	return text
}

// badRequest is a shape. Its pattern is compiled for the first text that may be of it, since compiling all of them takes
// longer than anything else that a program's start has to do for this package.
type badRequest struct {
	starts  []string // one of which a text of this shape begins with
	pattern func() *regexp.Regexp
	say     func(match []string) string
}

func lazily(pattern string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(pattern) })
}

const invalidBody = "invalid request body"

// The texts come from grpc-gateway's generated handlers and its query.go and fieldmask.go, from protojson, and from
// the packages encoding/json, io, mime, net and net/http.
var badRequests = []badRequest{
	{
		[]string{"type mismatch, parameter: "},
		lazily(`(?s)^type mismatch, parameter: (\S+), error: (.*)$`),
		func(m []string) string { return `invalid parameter "` + m[1] + `": ` + plainCause(m[2]) },
	},
	{
		[]string{"parsing "},
		lazily(`(?s)^parsing (?:field|list|map key|map value) ("(?:[^"\\]|\\.)*"): (.*)$`),
		func(m []string) string { return "invalid parameter " + m[1] + ": " + plainCause(m[2]) },
	},
	{
		// protobuf makes its texts unstable on purpose: the white space is sometimes a no-break space.
		[]string{"proto:"},
		lazily(`(?s)^proto:[ \x{00A0}](?:syntax error )?\((line \d+:\d+)\): (.*)$`),
		func(m []string) string { return invalidBody + " at " + m[1] + ": " + m[2] },
	},
	{
		[]string{"proto:"},
		lazily(`(?s)^proto:[ \x{00A0}](?:syntax error: )?(unexpected token .*|unexpected EOF|invalid UTF-8.*)$`),
		func(m []string) string { return invalidBody + ": " + m[1] },
	},
	{
		[]string{"json: invalid character ", "invalid character "},
		lazily(`^(?:json: )?(invalid character '.+' (?:looking for beginning of|after (?:top-level value|object key|array element|decimal point)|in (?:string|literal|numeric|exponent|\\u)).*)$`),
		func(m []string) string { return invalidBody + ": " + m[1] },
	},
	{
		[]string{"json: cannot unmarshal "},
		lazily(`^json: cannot unmarshal (.+) into Go (?:value|struct field \S+) of type \S+$`),
		func(m []string) string { return invalidBody + ": unexpected JSON " + m[1] },
	},
	{
		[]string{"unexpected E", "unexpected end ", "JSON structure "},
		lazily(`^(unexpected EOF|unexpected end of JSON input|JSON structure did not match request type)$`),
		func(m []string) string { return invalidBody + ": " + m[1] },
	},
	{
		[]string{"http: request body too large"},
		lazily(`^http: request (body too large)$`),
		func(m []string) string { return invalidBody + ": " + m[1] },
	},
	{
		[]string{"could not find field "},
		lazily(`^could not find field ("(?:[^"\\]|\\.)*") in "[\w.]+"$`),
		func(m []string) string { return invalidBody + ": unknown field " + m[1] },
	},
	{
		[]string{"mime: "},
		lazily(`^mime: ((?:no media type|invalid media parameter|duplicate parameter name|expected slash after first token|expected token after slash|unexpected content after media subtype))$`),
		func(m []string) string { return m[1] },
	},
	{
		// A failure to read names addresses, and is about nothing that the client can mend.
		[]string{"read ", "i/o timeout", "http: invalid Read "},
		lazily(`^(?:read (?:tcp|unix) \S+: .*|i/o timeout|http: invalid Read on closed Body)$`),
		func([]string) string { return "the request body could not be read" },
	},
}

var goNames = lazily(`^(?:parsing (?:field|list) "[^"]*": )?strconv\.\w+: parsing `)

// plainCause takes Go's names out of what is wrong with a parameter.
func plainCause(cause string) string {
	return strings.TrimPrefix(goNames().ReplaceAllString(cause, ""), "json: ")
}
