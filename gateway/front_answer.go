package gateway

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"mime"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/statusbridge/statusbridge/internal/contract"
)

// Bounds of what is passed on of a plain text: to the client, and to the observer.
const (
	maxFrontMessage = 1 << 10
	maxFrontText    = 4 << 10
)

// answer answers for the error that is held.
func (f *front) answer() {
	f.decode()
	if a, ok := f.documented(); ok {
		f.send(a)
		return
	}
	f.replace(f.translated(), f.held())
}

// replace sends an answer in place of what the handler wrote, and tells the observer why.
func (f *front) replace(a answer, err error) {
	h := f.writer.Header()
	removeSuccessHeaders(h, f.kept())
	f.send(a)
	f.bridge.observe(f.context, f.outer, &a, err)
}

func (f *front) send(a answer) {
	f.stage, f.body = answered, nil
	h := f.writer.Header()
	removeUnannounced(h)
	delete(h, "Content-Encoding") // of bytes that do not leave
	if encoded, ok := f.before["Content-Encoding"]; ok {
		h["Content-Encoding"] = encoded
	}
	f.bridge.write(f.writer, f.outer, &a, marksOf(f.context), nil)
	frontFrom(f.context).note(&a, true) // a HEAD need not be tried as GET again
}

// removeUnannounced removes trailers that need no announcement, which HTTP/2 sends behind any answer.
func removeUnannounced(h http.Header) {
	for name := range h {
		if strings.HasPrefix(name, http.TrailerPrefix) {
			delete(h, name)
		}
	}
}

// kept are the headers of a representation that are no less true of an error: those that were there before the handler,
// and those that forbid to store what is answered. Others that speak of storing are taken for a success's.
func (f *front) kept() http.Header {
	h, names := f.writer.Header(), []string(nil)
	if control := strings.ToLower(strings.Join(h["Cache-Control"], ",")); strings.Contains(control, "no-store") || strings.Contains(control, "no-cache") {
		names = []string{"Cache-Control", "Expires"}
	}
	kept := headersBefore(f.before, successHeaders[:])
	if kept == nil {
		return headersBefore(h, names)
	}
	maps.Copy(kept, headersBefore(h, names))
	return kept
}

// note keeps what a bridge inside answers with.
func (f *front) note(a *answer, asGet bool) {
	if f == nil {
		return
	}
	said := &saying{*a, asGet}
	said.retryAfter = -1 // it is a header already
	f.said.Store(said)
}

// documented reads the error that is held, if it is the documented body under a status that may leave.
func (f *front) documented() (answer, bool) {
	if !f.bridge.honours(f.status) || !contract.IsError(f.status) || f.mediaType() != "application/json" {
		return answer{}, false
	}
	said := f.said.Load()
	if said != nil && said.httpStatus == f.status && (isBodyOf(&said.answer, f.body) || !f.readable() || !json.Valid(f.body)) {
		return said.answer, true // what is no JSON under JSON's name was encoded, or is the body that a HEAD does not have
	}
	if !f.readable() {
		return answer{}, false
	}
	return readBody(f.status, f.body)
}

// readable reports whether what is held is all that was written, and not encoded.
func (f *front) readable() bool {
	return !f.cut && !f.encoded()
}

// encoded reports whether middleware inside has encoded what is held.
func (f *front) encoded() bool {
	return !slices.Equal(f.writer.Header()["Content-Encoding"], f.before["Content-Encoding"])
}

// unfinished reports whether what is held has not come as far as to be read. A proxy flushes before it has copied
// anything.
func (f *front) unfinished() bool {
	if !f.readable() {
		return false
	}
	switch f.mediaType() {
	case "application/json":
		return !json.Valid(f.body)
	case "text/plain":
		return len(f.body) == 0
	}
	return false
}

func (f *front) mediaType() string {
	contentType := f.writer.Header().Get("Content-Type")
	if contentType == "" {
		contentType = http.DetectContentType(f.body) // as net/http does
	}
	mediaType, _, _ := mime.ParseMediaType(contentType)
	return mediaType
}

// translated is the documented answer for an error that is none.
func (f *front) translated() answer {
	a := refusal(f.bridge.documentedError(f.status))
	a.origin = OriginGateway
	if contract.IsError(f.status) {
		a.code = contract.GRPCCode(f.status)
	}
	server := a.httpStatus >= http.StatusInternalServerError
	switch {
	case server && !f.bridge.serverMessages, f.status == http.StatusPartialContent:
	case f.mediaType() == "application/json" && f.readable():
		if read, ok := readBody(f.status, f.body); ok {
			a.message, a.details = read.message, read.details
		}
	default:
		if text := f.text(maxFrontMessage); text != "" {
			a.message = text
		}
	}
	return a
}

// documentedError is the status that an error leaves as: the table's where that is of the same class, else the class's
// own. A 429 leaves as ResourceExhausted does, since Retry-After says the same there.
func (c *config) documentedError(httpStatus int) int {
	switch {
	case !contract.IsError(httpStatus):
		return http.StatusInternalServerError
	case c.honours(httpStatus):
		return httpStatus
	}
	if translated := c.httpStatus(contract.GRPCCode(httpStatus)); translated/100 == httpStatus/100 || httpStatus == http.StatusTooManyRequests {
		return translated
	}
	return httpStatus / 100 * 100
}

// text is what a person wrote of the error that is held, in plain text. What net/http says of a status by itself is
// nobody's, and the page says it better.
func (f *front) text(limit int) string {
	if f.encoded() || f.mediaType() != "text/plain" {
		return ""
	}
	text := strings.TrimSpace(contract.ValidUTF8(string(f.body)))
	phrase := strings.TrimPrefix(text, strconv.Itoa(f.status)+" ")
	if strings.EqualFold(phrase, http.StatusText(f.status)) || phrase == "page not found" {
		return ""
	}
	if strings.HasPrefix(text, "{") && json.Valid([]byte(text)) {
		return "" // of no declared type, and so taken for text
	}
	return contract.Cut(text, limit)
}

// held is what an observer learns of an error that was replaced.
func (f *front) held() error {
	e := &replacedError{httpStatus: f.status}
	if f.status != http.StatusPartialContent && !f.encoded() {
		e.text = contract.Cut(strings.TrimSpace(contract.ValidUTF8(string(f.body))), maxFrontText)
	}
	return e
}

type replacedError struct {
	httpStatus int
	text       string
}

func (e *replacedError) Error() string {
	if e.text == "" {
		return fmt.Sprintf("a handler answered %d", e.httpStatus)
	}
	return fmt.Sprintf("a handler answered %d: %s", e.httpStatus, e.text)
}

func isBodyOf(a *answer, body []byte) bool {
	whole := newBody(a)
	defer whole.free()
	return bytes.Equal(whole.bytes, body)
}

// readBody reads the documented body of an error, in whatever order and spacing.
func readBody(httpStatus int, body []byte) (answer, bool) {
	var members map[string]json.RawMessage
	if json.Unmarshal(body, &members) != nil {
		return answer{}, false
	}
	a := answer{httpStatus: httpStatus, code: contract.GRPCCode(httpStatus), retryAfter: -1}
	code := 0
	into := map[string]any{"code": &code, "message": &a.message, "details": &a.details}
	for name, value := range members {
		if into[name] == nil || string(value) == "null" || json.Unmarshal(value, into[name]) != nil {
			return answer{}, false
		}
	}
	return a, code == httpStatus && members["message"] != nil
}
