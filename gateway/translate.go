package gateway

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/statusbridge/statusbridge/internal/contract"
	"github.com/statusbridge/statusbridge/internal/exchange"
)

// Bounds of the text of an error that a handler wrote.
const (
	maxClientText   = 1 << 10
	maxObserverText = 4 << 10
	maxDecoded      = 64 << 10
)

// translation reads an error response that a handler wrote.
type translation struct {
	bridge  *Bridge
	written exchange.Written
	header  http.Header
	before  http.Header
}

// decode decodes a gzip body. Middleware and proxied servers compress when the client asks for it.
func (t *translation) decode() {
	if t.written.Truncated || !t.encoded() || !slices.Equal(t.header["Content-Encoding"], []string{"gzip"}) {
		return
	}
	reader, err := gzip.NewReader(bytes.NewReader(t.written.Body))
	if err != nil {
		return
	}
	body, err := io.ReadAll(io.LimitReader(reader, maxDecoded+1))
	if err != nil || len(body) > maxDecoded {
		return
	}
	t.written.Body = body
	delete(t.header, "Content-Encoding")
	if before, ok := t.before["Content-Encoding"]; ok {
		t.header["Content-Encoding"] = before
	}
}

// encoded reports whether a handler or middleware has encoded the body.
func (t *translation) encoded() bool {
	return !slices.Equal(t.header["Content-Encoding"], t.before["Content-Encoding"])
}

// readable reports whether the body is complete and not encoded.
func (t *translation) readable() bool { return !t.written.Truncated && !t.encoded() }

func (t *translation) mediaType() string {
	contentType := t.header.Get("Content-Type")
	if contentType == "" {
		contentType = http.DetectContentType(t.written.Body) // as net/http does
	}
	mediaType, _, _ := mime.ParseMediaType(contentType)
	return mediaType
}

// noted returns the failure that a mux or WriteError has written, if the handler's response is that failure. If a
// handler forgets to return, its response only begins with the failure. An unreadable body was encoded by middleware,
// or is the empty body of a HEAD.
func (t *translation) noted() (exchange.Failure, bool) {
	noted := t.written.Failure
	if noted == nil || noted.Status != t.written.Status {
		return exchange.Failure{}, false
	}
	if bytes.HasPrefix(t.written.Body, noted.Body) {
		return *noted, true
	}
	if t.mediaType() == "application/json" && (!t.readable() || !json.Valid(t.written.Body)) {
		return *noted, true
	}
	return exchange.Failure{}, false
}

// documented reads a handler's own documented error.
func (t *translation) documented() (failure, bool) {
	status := t.written.Status
	if !contract.IsError(status) || !t.bridge.honours(status) || t.mediaType() != "application/json" || !t.readable() {
		return failure{}, false
	}
	f := refusal(status)
	f.origin = OriginGateway
	if !readDocumented(t.written.Body, &f) {
		return failure{}, false
	}
	return f, true
}

// translate returns the documented error in place of one that is not.
func (t *translation) translate() failure {
	status := t.written.Status
	f := refusal(t.bridge.documentedStatus(status))
	f.origin = OriginGateway
	if contract.IsError(status) {
		f.code = contract.GRPCCode(status)
	}
	hidden := f.httpStatus >= http.StatusInternalServerError && !t.bridge.serverMessages
	switch {
	case hidden, status == http.StatusPartialContent:
	case t.readable() && isJSON(t.mediaType()):
		if body, ok := contract.ReadBody(status, t.header, t.written.Body); ok && body.Message != "" {
			f.details = body.Details
			if !t.isPhrase(body.Message) {
				f.message = body.Message
			}
		}
	default:
		if text := t.text(maxClientText); text != "" {
			f.message = text
		}
	}
	return f
}

func isJSON(mediaType string) bool {
	return mediaType == "application/json" || mediaType == "text/json" || strings.HasSuffix(mediaType, "+json")
}

// text returns what a person wrote as plain text. The phrases that net/http writes are not such a text.
func (t *translation) text(limit int) string {
	if t.encoded() || t.mediaType() != "text/plain" {
		return ""
	}
	text := strings.TrimSpace(contract.ValidUTF8(string(t.written.Body)))
	if t.isPhrase(text) {
		return ""
	}
	if strings.HasPrefix(text, "{") && json.Valid([]byte(text)) {
		return "" // JSON without a Content-Type
	}
	return contract.Cut(text, limit)
}

// isPhrase reports whether a text only repeats the status, as net/http and grpc-gateway write it.
func (t *translation) isPhrase(text string) bool {
	phrase := strings.TrimPrefix(text, strconv.Itoa(t.written.Status)+" ")
	return strings.EqualFold(phrase, http.StatusText(t.written.Status)) || phrase == "page not found"
}

// asError returns what an observer learns about an error that was translated.
func (t *translation) asError() error {
	e := &translatedError{status: t.written.Status}
	if e.status != http.StatusPartialContent && !t.encoded() {
		e.text = contract.Cut(strings.TrimSpace(contract.ValidUTF8(string(t.written.Body))), maxObserverText)
	}
	return e
}

type translatedError struct {
	status int
	text   string
}

// Error names the status and the text that the handler wrote.
func (e *translatedError) Error() string {
	if e.text == "" {
		return fmt.Sprintf("a handler wrote %d", e.status)
	}
	return fmt.Sprintf("a handler wrote %d: %s", e.status, e.text)
}

// readDocumented reads the first JSON value of a body into f, if it is the documented one of f's status, in any order
// and spacing. Further members are dropped.
func readDocumented(body []byte, f *failure) bool {
	var read struct {
		Code    *int    `json:"code"`
		Message *string `json:"message"`
		Details *string `json:"details"`
	}
	if json.NewDecoder(bytes.NewReader(body)).Decode(&read) != nil || read.Code == nil || *read.Code != f.httpStatus ||
		read.Message == nil {
		return false
	}
	f.message = *read.Message
	if read.Details != nil {
		f.details = *read.Details
	}
	return true
}
