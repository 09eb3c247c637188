package gateway_test

import (
	"encoding/hex"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/statusbridge/statusbridge/internal/testkit"
)

// move is one call of a handler on its writer; a program is a move a byte.
type move byte

const (
	setText move = iota
	setHTML
	setJSON
	delType
	write
	writeString
	readFrom
	flush
	hint
	breakDown
	abort
	writeHeaders // and the rest: a status each
)

var stepStatuses = []int{200, 201, 202, 204, 205, 206, 301, 304, 400, 404, 405, 410, 418, 429, 500, 502, 507, 599, 0,
	99, 600, 1000}

// moveOf reads a byte as a move, and as a status if it writes a header.
func moveOf(b byte) (move, int) {
	n := int(b) % (int(writeHeaders) + len(stepStatuses))
	if n < int(writeHeaders) {
		return move(n), 0
	}
	return writeHeaders, stepStatuses[n-int(writeHeaders)]
}

const stepText = "some text "

// perform is the program as a handler.
func perform(w http.ResponseWriter, program []byte) {
	for _, b := range program {
		switch s, httpStatus := moveOf(b); s {
		case setText:
			w.Header().Set("Content-Type", "text/plain")
		case setHTML:
			w.Header().Set("Content-Type", "text/html")
		case setJSON:
			w.Header().Set("Content-Type", "application/json")
		case delType:
			w.Header().Del("Content-Type")
		case write:
			_, _ = w.Write([]byte(stepText))
		case writeString:
			_, _ = io.WriteString(w, stepText)
		case readFrom:
			_, _ = io.Copy(w, strings.NewReader(stepText))
		case flush:
			_ = http.NewResponseController(w).Flush()
		case hint:
			w.WriteHeader(http.StatusEarlyHints)
		case breakDown:
			panic("broken")
		case abort:
			panic(http.ErrAbortHandler)
		case writeHeaders:
			w.WriteHeader(httpStatus)
		}
	}
}

// model is what the client of a program gets.
type model struct {
	contentType string
	status      int // as written; 0 before
	body        string
	looked      int // length of the body at the last flush that looked at it
	flushed     bool
	begun       bool

	brokenOff bool // the client gets no response, or a part of one
	response  testkit.Response
}

func predict(program []byte) model {
	var m model
	for _, b := range program {
		s, httpStatus := moveOf(b)
		switch s {
		case setText, setHTML, setJSON, delType:
			m.contentType = []string{"text/plain", "text/html", "application/json", ""}[s]
		case write, writeString, readFrom:
			m.begin()
			m.body += stepText
		case flush:
			m.begin()
			if !m.flushed && !m.unfinished() {
				m.settle()
				m.flushed = true
			}
		case breakDown, abort:
			return m.end(s == breakDown)
		case writeHeaders:
			if !m.begun && (httpStatus < 100 || httpStatus > 999) {
				return m.end(true)
			}
			m.decide(httpStatus)
		case hint:
		}
	}
	m.begin()
	if !m.flushed || m.status < 400 {
		m.settle()
	}
	return m
}

// decide notes a status. The last one before the first byte counts, and an error is buffered at once.
func (m *model) decide(httpStatus int) {
	if !m.begun {
		m.status = httpStatus
		m.begun = httpStatus >= 400
	}
}

// begin fixes the status with the first byte or flush.
func (m *model) begin() {
	if m.status == 0 {
		m.status = 200
	}
	m.begun = true
}

// unfinished reports whether a flush does not send an error yet. An error is sent when its body can be read, and a
// flush looks at it again only after it has doubled.
func (m *model) unfinished() bool {
	switch {
	case m.status < 400:
		return false
	case m.body == "" || len(m.body) < 2*m.looked:
		return true
	}
	m.looked = len(m.body)
	return m.contentType == "application/json"
}

// settle sets the response for the case that nothing else is written.
func (m *model) settle() {
	m.response.Status, m.response.Body = mappedCodes(min(m.status, 599)), m.body
	switch {
	case m.response.Status == 204 || m.response.Status == 304:
		m.response.Body = ""
	case m.response.Status >= 400:
		m.response.Body = testkit.Meanings[m.response.Status]
		if m.response.Status < 500 && m.body != "" && (m.contentType == "" || m.contentType == "text/plain") {
			m.response.Body = strings.TrimSpace(m.body)
		}
	}
}

func (m *model) end(responded bool) model {
	switch {
	case m.flushed:
		// A response with a length, or without a body, is complete.
		m.brokenOff = m.response.Status < 400 && m.response.Status != 204 && m.response.Status != 304
	case responded && (!m.begun || m.status >= 400):
		m.response = testkit.Response{Status: 500, Body: testkit.Meanings[500]}
	default:
		m.brokenOff = true
	}
	return *m
}

// handlerCheck has a real server that plays programs inside Handler.
type handlerCheck struct{ site testkit.Site }

func newHandlerCheck(t testing.TB) handlerCheck {
	handler := standard.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		program, _ := hex.DecodeString(r.URL.RawQuery)
		perform(w, program)
	}))
	// net/http complains about headers that are written twice.
	return handlerCheck{testkit.NoRedirects(testkit.ServeLogging(t, testkit.HTTP1, handler, io.Discard))}
}

// check compares the response to a program with a model.
func (h handlerCheck) check(t *testing.T, program []byte) {
	if len(program) > 64 {
		return
	}
	want := predict(program)
	got, err := call{Path: "/?" + hex.EncodeToString(program)}.Send(h.site.Client, h.site.URL)
	switch {
	case want.brokenOff != (err != nil):
		t.Errorf("responded with %d %q: %v, want %+v", got.Status, got.Body, err, want.response)
	case want.brokenOff:
	case want.response.Status >= 400:
		got.WantError(t, want.response.Status, want.response.Body, "")
	case got.Status != want.response.Status || got.Body != want.response.Body:
		t.Errorf("responded with %d %q, want %d %q", got.Status, got.Body, want.response.Status, want.response.Body)
	}
}

func TestWalkHandler(t *testing.T) { testkit.Walk(t, newHandlerCheck(t).check) }

// FuzzHandler plays sequences of writer calls inside Handler on a real server and compares the response with a model.
func FuzzHandler(f *testing.F) {
	for _, program := range [][]byte{
		{}, {byte(write)}, {byte(flush), byte(breakDown)}, {byte(setJSON), byte(writeHeaders) + 9, byte(write),
			byte(flush), byte(write)},
		{byte(writeHeaders) + 9, byte(write), byte(breakDown)}, {byte(writeHeaders) + 3, byte(write), byte(flush),
			byte(abort)},
		{byte(writeHeaders) + 9, byte(flush), byte(write)}, {byte(hint), byte(readFrom),
			byte(writeHeaders) + 8}, {byte(writeHeaders) + 18}, {byte(writeHeaders) + 20, byte(writeString)},
	} {
		f.Add(program)
	}
	f.Fuzz(newHandlerCheck(f).check)
}
