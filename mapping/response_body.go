package mapping

import (
	"bytes"
	"encoding/json"
	"mime"
	"net/http"
	"slices"
	"strings"
	"unicode/utf8"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protojson"
)

// bodyAnswer is what an error body says.
type bodyAnswer struct {
	message string
	details string
	code    codes.Code // OK where the body names no gRPC code
	retry   *errdetails.RetryInfo
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
	if contentType == "" || contentType == "application/json" {
		return contentType, true
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
		readRPCDetails(details, &answer)
		return answer, answer.code != codes.OK
	default:
		if json.Unmarshal(details, &answer.details) != nil {
			return bodyAnswer{}, false
		}
	}
	// The published schema of a refused submission says in a list of its own what is wrong with which field.
	texts := []string{answer.details}
	for _, i := range parsed.Issues {
		texts = append(texts, issueText(i.Field, i.Details))
	}
	answer.details = joinTexts(texts)
	return answer, true
}

// issue is what is wrong with one field, in the published schema of a refused submission.
type issue struct {
	Field   string `json:"field"`
	Details string `json:"details"`
}

func issueText(field, what string) string {
	if field == "" || what == "" {
		return field + what
	}
	return field + ": " + what
}

func joinTexts(texts []string) string {
	return strings.Join(slices.DeleteFunc(texts, func(text string) bool { return text == "" }), "; ")
}

// readRPCDetails reads the details of a google.rpc.Status in JSON. Those of the two types that mean something here
// count; one of another type, or one that does not parse, is as if it were not there.
func readRPCDetails(details []byte, answer *bodyAnswer) {
	var list []json.RawMessage
	_ = json.Unmarshal(details, &list) // it is a list: the body around it has been parsed
	parser := protojson.UnmarshalOptions{DiscardUnknown: true}
	var texts []string
	for _, detail := range list {
		var typed struct {
			URL string `json:"@type"`
		}
		_ = json.Unmarshal(detail, &typed) // what is no object has no type
		switch typed.URL[strings.LastIndexByte(typed.URL, '/')+1:] {
		case "google.rpc.BadRequest":
			refused := &errdetails.BadRequest{}
			if parser.Unmarshal(detail, refused) != nil {
				continue
			}
			for _, violation := range refused.GetFieldViolations() {
				texts = append(texts, issueText(violation.GetField(), violation.GetDescription()))
			}
		case "google.rpc.RetryInfo":
			retry := &errdetails.RetryInfo{}
			if parser.Unmarshal(detail, retry) == nil && retry.GetRetryDelay().IsValid() {
				answer.retry = retry
			}
		}
	}
	answer.details = joinTexts(texts)
}

// status is the gRPC status that a grpc-gateway wrote.
func (a *bodyAnswer) status() error {
	st := status.New(a.code, a.message)
	if a.retry != nil {
		if with, err := st.WithDetails(a.retry); err == nil {
			st = with
		}
	}
	return st.Err()
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
