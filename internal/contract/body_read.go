package contract

import (
	"bytes"
	"encoding/json"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"unicode/utf8"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// BodyLimit bounds how much of an error body is read, in bytes.
const BodyLimit = 64 << 10

// Body is a REST error body that was read.
type Body struct {
	// Message is the text for a client that receives the HTTP status, or empty. Under a 5xx, only the documented body
	// has one, and a body with a message that a service attached for clients.
	Message string
	// Details is more text for the same client.
	Details string
	// Text is the message of the body, also under a 5xx. It is for gRPC callers and observers.
	Text string
	// Partial reports whether the body also contains details that are for programs. The texts above do not have them.
	Partial bool
	// Code is the exact gRPC code. It is OK without a code, and for the code of another HTTP status.
	Code codes.Code
	// HTTPStatus is the status of a statusbridge.v1.Error detail. For a body that was read without an HTTP status, it
	// is the status of the body. Otherwise it is 0.
	HTTPStatus int
	// Status is the gRPC status of a body that contains one, with the details that this package knows.
	Status *status.Status
	// RetryAfter is the delay that the body asks for in seconds. It is negative if the body asks for none.
	RetryAfter int64
	// Documented reports whether the body is exactly the documented one, for this HTTP status.
	Documented bool
}

// ReadBody reads an error body of a REST API. It knows the documented body, google.rpc.Status, the errors of Google
// APIs and of grpc-gateway's streams, and those of Connect and Twirp. It also knows the Status of Kubernetes, problem
// details (RFC 9457), and objects with a member `message`, `error` or `detail`. It reports false for every other
// body.
//
// It reads the first JSON value of the first 64 KiB, and ignores what follows. An httpStatus of 0 means that the body
// alone says which status it is, as the last message of a stream does.
func ReadBody(httpStatus int, header http.Header, body []byte) (Body, bool) {
	mediaType, ok := jsonType(header)
	if !ok {
		return Body{}, false
	}
	body = body[:min(len(body), BodyLimit)]
	if message, details, ok := readWritten(httpStatus, body); ok {
		return Body{Message: message, Text: message, Details: details, RetryAfter: -1, Documented: true}, true
	}
	value := bytes.TrimPrefix(body, []byte("\uFEFF"))
	decoder := json.NewDecoder(bytes.NewReader(value))
	decoder.UseNumber()
	var object members
	if decoder.Decode(&object) != nil || object == nil {
		return Body{}, false
	}
	end := decoder.InputOffset()
	if !utf8.Valid(value[:end]) {
		return Body{}, false
	}
	r := bodyReader{httpStatus: httpStatus, body: Body{RetryAfter: -1}}
	if !r.read(object, mediaType) {
		return Body{}, false
	}
	r.body.Documented = r.body.Documented && len(bytes.TrimSpace(value[end:])) == 0
	return r.body, true
}

// readWritten reads a body that is exactly what AppendBody writes for the status. Most errors have such a body, and a
// JSON parser takes much longer, as BenchmarkFromResponse in bench shows.
func readWritten(httpStatus int, body []byte) (message, details string, ok bool) {
	texts, ok := strings.CutPrefix(string(body), `{"code":`+strconv.Itoa(httpStatus)+`,"message":`)
	if !ok || isGRPCCode(httpStatus) {
		return "", "", false
	}
	first, second, _ := strings.Cut(strings.TrimSuffix(texts, "}"), `,"details":`)
	message, _ = strconv.Unquote(first) // Go knows the escapes that AppendBody writes
	details, _ = strconv.Unquote(second)
	written := AppendBody(make([]byte, 0, len(body)), httpStatus, message, details)
	return message, details, bytes.Equal(written, body)
}

// jsonType returns the media type of a body, and whether it is JSON in UTF-8, the only encoding of JSON (RFC 8259
// section 8.1). A body without a type may be JSON.
func jsonType(header http.Header) (string, bool) {
	contentType := header.Get("Content-Type")
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
	isJSON := mediaType == "application/json" || mediaType == "text/json" || strings.HasSuffix(mediaType, "+json")
	return mediaType, isJSON
}

// bodyReader reads one error body.
type bodyReader struct {
	httpStatus int // 0 if only the body says it
	body       Body
}

// read recognises the form of a body by its members.
func (r *bodyReader) read(object members, mediaType string) bool {
	if inner := object.object("error"); inner != nil {
		return r.readInner(inner)
	}
	if mediaType == "application/problem+json" && r.readProblem(object) {
		return true
	}
	message, ok := object.text("message")
	if ok && object.word("kind") == "Status" {
		return r.readKubernetes(object, message)
	}
	if ok && r.readDocumented(object, message) {
		return true
	}
	if _, has := object["code"]; has && r.readStatus(object) {
		return true
	}
	return r.readOther(object)
}

// readDocumented reads the documented body. The published schemas allow another code and more members.
func (r *bodyReader) readDocumented(object members, message string) bool {
	code, isNumber := object.number("code")
	details, isText := object.text("details")
	if !isNumber || !isText && object["details"] != nil || isGRPCCode(code) {
		return false
	}
	r.body.Text, r.body.Message, r.body.Details = message, message, details
	var issues []string
	for _, item := range object.list("complianceIssues") {
		// The published schema of a refused submission says in this list which fields are wrong.
		issue := objectOf(item)
		if text := pair(issue.word("field"), issue.word("details")); text != "" {
			issues = append(issues, text)
		}
	}
	r.addDetails(strings.Join(issues, "; "))
	expected := 2
	if isText {
		expected = 3
	}
	r.body.Documented = code == r.httpStatus && len(object) == expected
	if r.httpStatus == 0 && IsError(code) {
		r.body.HTTPStatus = code
	}
	return true
}

// readInner reads the object in `error`: the documented members in a stream of this library, or a google.rpc.Status.
func (r *bodyReader) readInner(object members) bool {
	message, ok := object.text("message")
	if ok && object["status"] == nil && object["errors"] == nil && r.readDocumented(object, message) {
		r.body.Documented = false
		return true
	}
	return r.readStatus(object)
}

// readProblem reads the members of a problem that are for people (RFC 9457 section 3.1).
func (r *bodyReader) readProblem(object members) bool {
	title, detail := object.word("title"), object.word("detail")
	if title == "" {
		title, detail = detail, ""
	}
	if title == "" {
		return false
	}
	r.setTexts(title, detail)
	return true
}

// readKubernetes reads a Status of Kubernetes. Its details are for programs.
func (r *bodyReader) readKubernetes(object members, message string) bool {
	r.setTexts(message, "")
	if object.word("reason") == "AlreadyExists" && r.httpStatus == http.StatusConflict {
		r.body.Code = codes.AlreadyExists
	}
	r.body.Partial = object["details"] != nil
	if seconds, ok := object.object("details").number("retryAfterSeconds"); ok && seconds > 0 {
		r.body.RetryAfter = int64(seconds)
	}
	if code, ok := object.number("code"); ok && r.httpStatus == 0 && IsError(code) {
		r.body.HTTPStatus = code
	}
	return true
}

// readOther reads an object with a message under one of the usual names.
func (r *bodyReader) readOther(object members) bool {
	for _, name := range []string{"message", "Message", "msg", "error_description", "error", "detail", "title"} {
		message := object.word(name)
		if message == "" || strings.EqualFold(message, http.StatusText(r.httpStatus)) {
			continue // the status already says this
		}
		r.setTexts(message, object.word("details"))
		r.readList(object["details"])
		return true
	}
	return false
}

// setTexts sets the texts of an undocumented body. Under a 5xx they are not for the client.
func (r *bodyReader) setTexts(message, details string) {
	r.body.Text = message
	if r.httpStatus < http.StatusInternalServerError {
		r.body.Message, r.body.Details = message, details
	}
}

// addDetails appends to the details for the client.
func (r *bodyReader) addDetails(text string) {
	if r.body.Details != "" && text != "" {
		r.body.Details += "; "
	}
	r.body.Details += text
}

// pair joins a name and a text.
func pair(name, text string) string {
	if name == "" || text == "" {
		return name + text
	}
	return name + ": " + text
}
