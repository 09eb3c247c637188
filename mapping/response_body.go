package mapping

import (
	"bytes"
	"encoding/json"
	"mime"
	"net/http"
	"strings"
	"unicode/utf8"

	"google.golang.org/grpc/codes"
)

// bodyAnswer is what an error body says.
type bodyAnswer struct {
	message string
	details string
	code    codes.Code // OK where the body names no gRPC code
}

// parseBody reads the bodies that are known, and reports whether this is one.
func parseBody(header http.Header, body []byte) (bodyAnswer, bool) {
	mediaType, ok := jsonType(header.Get("Content-Type"))
	if !ok || !utf8.Valid(body) {
		return bodyAnswer{}, false
	}
	if mediaType == "application/problem+json" {
		return parseProblem(body)
	}
	return parseError(body)
}

// jsonType is the media type of a JSON body in UTF-8, the only charset that JSON has (RFC 8259 section 8.1). A body
// without a type is given the chance.
func jsonType(contentType string) (string, bool) {
	if contentType == "" {
		return "", true
	}
	mediaType, parameters, err := mime.ParseMediaType(contentType)
	if err != nil {
		return "", false
	}
	switch strings.ToLower(parameters["charset"]) {
	case "", "utf-8", "utf8", "us-ascii":
	default:
		return "", false
	}
	return mediaType, mediaType == "application/json" || mediaType == "text/json" || strings.HasSuffix(mediaType, "+json")
}

// parseError reads the documented body, and the google.rpc.Status that grpc-gateway writes by itself, whose `details` are
// a list. Members that neither has are passed over.
func parseError(body []byte) (bodyAnswer, bool) {
	var parsed struct {
		Code    *int            `json:"code"`
		Message *string         `json:"message"`
		Details json.RawMessage `json:"details"`
		Issues  []issue         `json:"complianceIssues"`
	}
	if json.Unmarshal(body, &parsed) != nil || parsed.Code == nil || parsed.Message == nil {
		return bodyAnswer{}, false
	}
	answer := bodyAnswer{message: *parsed.Message}
	if code := *parsed.Code; code > int(codes.OK) && code <= int(codes.Unauthenticated) {
		answer.code = codes.Code(code)
	}
	switch details := bytes.TrimSpace(parsed.Details); {
	case len(details) == 0 || bytes.Equal(details, []byte("null")):
	case details[0] == '[':
		return answer, answer.code != codes.OK && parseRPCDetails(details, &answer)
	default:
		if json.Unmarshal(details, &answer.details) != nil {
			return bodyAnswer{}, false
		}
	}
	// The published schema of a refused submission says in a list of its own what is wrong with which field.
	answer.details = joinIssues(answer.details, parsed.Issues)
	return answer, true
}

// issue is what is wrong with one field, in the published schema and in google.rpc.BadRequest.
type issue struct {
	Field       string `json:"field"`
	Details     string `json:"details"`
	Description string `json:"description"`
}

// joinIssues reads issues as `field: what; field: what`, after a text that may be there.
func joinIssues(text string, issues []issue) string {
	var texts []string
	if text != "" {
		texts = append(texts, text)
	}
	for _, i := range issues {
		if said := strings.Trim(i.Field+": "+i.Details+i.Description, ": "); said != "" {
			texts = append(texts, said)
		}
	}
	return strings.Join(texts, "; ")
}

// parseRPCDetails reads the details of a google.rpc.Status in JSON, of which the field violations are for people.
func parseRPCDetails(details []byte, answer *bodyAnswer) bool {
	var parsed []struct {
		Type       string  `json:"@type"`
		Violations []issue `json:"fieldViolations"`
	}
	if json.Unmarshal(details, &parsed) != nil {
		return false
	}
	for _, detail := range parsed {
		if strings.HasSuffix(detail.Type, "/google.rpc.BadRequest") {
			answer.details = joinIssues(answer.details, detail.Violations)
		}
	}
	return true
}

// parseProblem reads the members of a problem that are for people (RFC 9457 section 3.1).
func parseProblem(body []byte) (bodyAnswer, bool) {
	var parsed struct {
		Title  string `json:"title"`
		Detail string `json:"detail"`
	}
	if json.Unmarshal(body, &parsed) != nil || parsed.Title+parsed.Detail == "" {
		return bodyAnswer{}, false
	}
	if parsed.Title == "" {
		return bodyAnswer{message: parsed.Detail}, true
	}
	return bodyAnswer{message: parsed.Title, details: parsed.Detail}, true
}
