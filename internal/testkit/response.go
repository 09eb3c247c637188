package testkit

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"
)

// ErrorBody is the published schema `Error`.
type ErrorBody struct {
	Code    int
	Message string
	Details string
}

// ParseErrorBody reads the documented error body. It returns an error for invalid UTF-8, for members that are unknown,
// repeated or in another order, for empty details, and for white space outside of texts.
func ParseErrorBody(body string) (ErrorBody, error) {
	var b ErrorBody
	if !utf8.ValidString(body) {
		return b, errors.New("the body is not valid UTF-8")
	}
	var compact bytes.Buffer
	if err := json.Compact(&compact, []byte(body)); err != nil {
		return b, err
	}
	if compact.String() != body {
		return b, errors.New("the body has white space between its tokens")
	}
	got, err := tokens(body)
	if err != nil {
		return b, err
	}
	if len(got) != 6 && len(got) != 8 {
		return b, fmt.Errorf("the body has %d tokens: %v", len(got), got)
	}
	number, isNumber := got[2].(json.Number)
	message, isString := got[4].(string)
	if got[0] != json.Delim('{') || got[1] != "code" || !isNumber || got[3] != "message" || !isString {
		return b, fmt.Errorf("the members are %v", got)
	}
	b.Message = message
	if b.Code, err = strconv.Atoi(number.String()); err != nil {
		return b, err
	}
	if len(got) == 8 {
		details, isString := got[6].(string)
		if got[5] != "details" || !isString || details == "" {
			return b, fmt.Errorf("the members are %v", got)
		}
		b.Details = details
	}
	return b, nil
}

func tokens(body string) ([]json.Token, error) {
	decoder := json.NewDecoder(strings.NewReader(body))
	decoder.UseNumber()
	var got []json.Token
	for {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			return got, nil
		}
		if err != nil {
			return nil, err
		}
		got = append(got, token)
	}
}

// plainForm returns the documented body byte for byte, if the texts need no escaping.
func (b ErrorBody) plainForm() (string, bool) {
	for _, c := range b.Message + b.Details {
		if c < ' ' || c > '~' || c == '"' || c == '\\' {
			return "", false
		}
	}
	form := `{"code":` + strconv.Itoa(b.Code) + `,"message":"` + b.Message + `"`
	if b.Details != "" {
		form += `,"details":"` + b.Details + `"`
	}
	return form + "}", true
}

// ErrorDefect returns an error if a response is not a documented error response: by its framing, its media type or its
// body. The status may be any.
func (r Response) ErrorDefect() error {
	b, err := ParseErrorBody(r.Body)
	if err != nil {
		return fmt.Errorf("%w: %.200q", err, r.Body)
	}
	if b.Code != r.Status {
		return fmt.Errorf("the body says %d under %d", b.Code, r.Status)
	}
	if form, ok := b.plainForm(); ok && form != r.Body {
		return fmt.Errorf("the body is %q, want %q", r.Body, form)
	}
	if got := r.Header["Content-Type"]; !slices.Equal(got, []string{"application/json"}) {
		return fmt.Errorf("the content type is %q", got)
	}
	if got, want := r.Header["Content-Length"], []string{strconv.Itoa(len(r.Body))}; !slices.Equal(got, want) {
		return fmt.Errorf("the content length is %q, want %q", got, want)
	}
	if len(r.Trailer) > 0 || len(r.TransferEncoding) > 0 {
		return fmt.Errorf("the response has trailers %v or transfer codings %v", r.Trailer, r.TransferEncoding)
	}
	if challenged := len(r.Header["Www-Authenticate"]) > 0; challenged != (r.Status == http.StatusUnauthorized) {
		return fmt.Errorf("the challenge of a %d is %q", r.Status, r.Header["Www-Authenticate"])
	}
	return Leak(r.Header)
}

// Leak returns an error if a header must not reach clients: the success status under any name, binary metadata, or one
// of gRPC's own keys.
func Leak(h http.Header) error {
	for name := range h {
		name = strings.ToLower(name)
		switch plain := strings.TrimPrefix(name, "grpc-metadata-"); {
		case strings.HasSuffix(name, StatusKey), strings.HasSuffix(name, "-bin"), strings.HasPrefix(plain, "grpc-"):
			return fmt.Errorf("%q was sent", name)
		}
	}
	return nil
}

// WantError expects the documented error response. An empty message means the documented sentence.
func (r Response) WantError(t *testing.T, httpStatus int, message, details string) {
	t.Helper()
	if err := r.ErrorDefect(); err != nil {
		t.Errorf("status %d: %v", r.Status, err)
		return
	}
	got, _ := ParseErrorBody(r.Body)
	want := ErrorBody{Code: httpStatus, Message: cmp.Or(message, Meanings[httpStatus]), Details: details}
	if got != want {
		t.Errorf("responded with %.300q, want %.300q", fmt.Sprint(got), fmt.Sprint(want))
	}
}

// Lines splits the body of a stream into its lines. The last line must end as well.
func Lines(t *testing.T, body string) []string {
	t.Helper()
	if body == "" {
		return nil
	}
	if !strings.HasSuffix(body, "\n") {
		t.Errorf("the last line does not end: %.300q", body[max(0, len(body)-300):])
	}
	return strings.Split(strings.TrimSuffix(body, "\n"), "\n")
}

// WantMessage expects the message of a watch with a sequence number.
func WantMessage(t *testing.T, line string, sequence int) {
	t.Helper()
	var message struct {
		Result struct{ Sequence int } `json:"result"`
	}
	if err := json.Unmarshal([]byte(line), &message); err != nil || message.Result.Sequence != sequence {
		t.Fatalf("message %d is %.200q: %v", sequence, line, err)
	}
}

// WantChunk expects the documented last chunk of a stream: one member `error` with an error body in it.
func WantChunk(t *testing.T, chunk string, want ErrorBody) {
	t.Helper()
	var members map[string]json.RawMessage
	if err := json.Unmarshal([]byte(chunk), &members); err != nil || len(members) != 1 {
		t.Errorf("the chunk is %.300q: %v", chunk, err)
		return
	}
	if got, err := ParseErrorBody(string(members["error"])); err != nil || got != want {
		t.Errorf("the chunk is %.300q (%v), want %.300q", chunk, err, fmt.Sprint(want))
	}
}
