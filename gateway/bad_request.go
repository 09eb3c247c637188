package gateway

import (
	"regexp"
	"strings"
)

// grpc-gateway refuses a request that it cannot read with a text made of Go's own error texts: the generated
// handlers flatten the errors with %v, so the text is all there is. plainBadRequest says the same without the names
// of Go's functions and types; a text of another shape is a service's, and stays as it is. TestBadRequest shows each
// shape as grpc-gateway makes it, and fails when that changes.
func plainBadRequest(text string) string {
	if rest, ok := strings.CutPrefix(text, "type mismatch, parameter: "); ok {
		if name, cause, ok := strings.Cut(rest, ", error: "); ok {
			return "invalid parameter \"" + name + "\": " + plainCause(cause)
		}
	}
	if match := queryField.FindStringSubmatch(text); match != nil {
		return "invalid parameter " + match[1] + ": " + plainCause(match[2])
	}
	if match := protojsonText.FindStringSubmatch(text); match != nil {
		at := ""
		if match[1] != "" {
			at = " at " + match[1]
		}
		return "invalid request body" + at + ": " + match[2]
	}
	for _, shape := range bodyTexts {
		if strings.HasPrefix(text, shape) {
			return "invalid request body: " + plainCause(text)
		}
	}
	for _, shape := range transportTexts {
		if strings.HasPrefix(text, shape) {
			return "the request body could not be read"
		}
	}
	return text
}

var (
	queryField = regexp.MustCompile(`^parsing (?:field|list|map key|map value) ("(?:[^"\\]|\\.)*"): (.*)$`)
	// protobuf makes its texts unstable on purpose: the white space is sometimes a no-break space.
	protojsonText = regexp.MustCompile(`^proto:[ \x{00A0}](?:syntax error )?(?:\((line \d+:\d+)\): )?(.*)$`)

	parsing   = regexp.MustCompile(`\bstrconv\.\w+: parsing `)
	unmarshal = regexp.MustCompile(`^json: cannot unmarshal (.+) into Go (?:value|struct field \S+) of type \S*$`)
)

// bodyTexts begin the texts of encoding/json and of grpc-gateway's decoders.
var bodyTexts = []string{
	"invalid character ", "json: ", "unexpected EOF", "unexpected end of JSON input", "http: request body too large",
}

// transportTexts begin the texts of package net, which name addresses.
var transportTexts = []string{"read tcp ", "read unix ", "i/o timeout", "body closed", "http: invalid Read"}

// plainCause takes Go's names out of an error text.
func plainCause(cause string) string {
	cause = parsing.ReplaceAllString(cause, "")
	if match := unmarshal.FindStringSubmatch(cause); match != nil {
		return "unexpected JSON " + match[1]
	}
	return strings.TrimPrefix(strings.TrimPrefix(cause, "json: "), "http: request ")
}
