package gateway_test

import (
	"bytes"
	"compress/gzip"
	"encoding/hex"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
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

	gone bool // nothing, or a part
	left testkit.Response
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
	m.left.Status, m.left.Body = mappedCodes(min(m.status, 599)), m.body
	switch {
	case m.left.Status == 204 || m.left.Status == 304:
		m.left.Body = ""
	case m.left.Status >= 400:
		m.left.Body = testkit.Meanings[m.left.Status]
		if m.left.Status < 500 && m.body != "" && (m.contentType == "" || m.contentType == "text/plain") {
			m.left.Body = strings.TrimSpace(m.body)
		}
	}
}

func (m *model) end(responded bool) model {
	switch {
	case m.flushed:
		// A response with a length, or without a body, is complete.
		m.gone = m.left.Status < 400 && m.left.Status != 204 && m.left.Status != 304
	case responded && (!m.begun || m.status >= 400):
		m.left = testkit.Response{Status: 500, Body: testkit.Meanings[500]}
	default:
		m.gone = true
	}
	return *m
}

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
	server := httptest.NewUnstartedServer(standard.Handler(http.HandlerFunc(func(w http.ResponseWriter,
		r *http.Request) {
		program, _ := hex.DecodeString(r.URL.RawQuery)
		perform(w, program)
	})))
	server.Config.ErrorLog = log.New(io.Discard, "", 0) // net/http complains about headers that are written twice
	server.Start()
	f.Cleanup(server.Close)
	site := testkit.NoRedirects(testkit.Site{Client: server.Client(), URL: server.URL})
	f.Fuzz(func(t *testing.T, program []byte) {
		if len(program) > 64 {
			return
		}
		want := predict(program)
		got, err := call{Path: "/?" + hex.EncodeToString(program)}.Send(site.Client, site.URL)
		switch {
		case want.gone != (err != nil):
			t.Errorf("responded with %d %q: %v, want %+v", got.Status, got.Body, err, want.left)
		case want.gone:
		case want.left.Status >= 400:
			got.WantError(t, want.left.Status, want.left.Body, "")
		case got.Status != want.left.Status || got.Body != want.left.Body:
			t.Errorf("responded with %d %q, want %d %q", got.Status, got.Body, want.left.Status, want.left.Body)
		}
	})
}

// layers are the middleware that a program is wrapped in, one for each bit of a number, the first one innermost.
var layers = []func(http.Handler) http.Handler{
	func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			next.ServeHTTP(&testkit.LogWriter{ResponseWriter: w}, r)
		})
	},
	testkit.Recover,
	testkit.Compress,
	func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			zipped := &testkit.GzipWriter{ResponseWriter: w}
			next.ServeHTTP(zipped, r)
			zipped.Close()
		})
	},
	func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			buffer := testkit.NewBufferWriter(w)
			next.ServeHTTP(buffer, r)
			buffer.Close()
		})
	},
	func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			held := &testkit.HoldWriter{ResponseWriter: w}
			next.ServeHTTP(&firstStatus{ResponseWriter: held}, r)
			held.Release()
		})
	},
	func(next http.Handler) http.Handler { return http.TimeoutHandler(next, testkit.Patience, "") },
	func(next http.Handler) http.Handler { return standard.Handler(next) },
}

// The layers in which the first status counts, and the one that takes 103 for it.
const (
	firstStatusLayers = 1<<5 | 1<<6
	timesOutLayer     = 1 << 6
)

// firstStatus ignores a second status, as net/http does.
type firstStatus struct {
	http.ResponseWriter
	written bool
}

func (w *firstStatus) WriteHeader(httpStatus int) {
	if !w.written {
		w.ResponseWriter.WriteHeader(httpStatus)
		w.written = httpStatus >= 200
	}
}

func (s step) isHint() bool { return s.kind == writesHeader && s.n >= 100 && s.n < 200 }

// firstOutcome returns the status that a program decides first: by its first error, byte, flush or end. It is 0 for an
// abort. In some layers the first status counts.
func firstOutcome(steps []step, keepsFirst bool) int {
	httpStatus := 200
	for _, s := range steps {
		switch s.kind {
		case writesHeader:
			switch {
			case s.n < 100 || s.n > 999:
				return 500
			case s.n >= 400, keepsFirst:
				return s.n
			case s.n >= 200:
				httpStatus = s.n
			}
		case writesError:
			return s.n
		case panics:
			return 500
		case aborts:
			return 0
		case copiesBody:
			if s.n > 0 {
				return httpStatus
			}
		case writesBody, flushes, asksFlusher:
			return httpStatus
		default:
		}
	}
	return httpStatus
}

// wantSound wants a response that keeps the contract inside any middleware: a documented status, and an error with its
// body. A program whose first outcome is an error never gets a success.
func wantSound(t *testing.T, r testkit.Response, first int) {
	t.Helper()
	switch {
	case r.Status >= 400:
		if r.Body != "" { // HEAD
			wantDocumentedError(t, r)
		}
		if !testkit.Documented(r.Status) || r.Header.Get("Content-Encoding") != "" {
			t.Errorf("responded with %d %v", r.Status, r.Header)
		}
	case first >= 400 || first == 0:
		t.Errorf("a %d became a %d with %.300q", first, r.Status, r.Body)
	case !slices.Contains([]int{200, 202, 204, 304}, r.Status):
		t.Errorf("responded with %d", r.Status)
	case r.Header.Get("Content-Encoding") == "gzip" && r.Body != "":
		reader, err := gzip.NewReader(strings.NewReader(r.Body))
		if err == nil {
			_, err = io.Copy(io.Discard, reader)
		}
		if err != nil {
			t.Errorf("the body %.100q is no gzip: %v", r.Body, err)
		}
	}
}

// FuzzMiddleware plays sequences of writer calls inside any combination of middleware inside Handler.
func FuzzMiddleware(f *testing.F) {
	status := func(httpStatus int) byte { return byte(slices.Index(writtenStatuses, httpStatus)) }
	for mask := range 1 << len(layers) {
		f.Add([]byte{byte(writesHeader), status(418), byte(writesBody), 3}, byte(mask), byte(0))
		f.Add([]byte{byte(setsETag), 0, byte(writesError), 2, byte(writesBody), 4}, byte(mask), byte(mask))
		f.Add([]byte{byte(writesBody), 3, byte(flushes), 0, byte(panics), 0}, byte(mask), byte(1))
	}
	var program atomic.Pointer[[]step]
	var played http.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_ = play(w, r, *program.Load())
	})
	handlers := map[byte]http.Handler{}
	for mask := range 1 << len(layers) {
		handler := played
		for i, layer := range layers {
			if mask>>i&1 == 1 {
				handler = layer(handler)
			}
		}
		handlers[byte(mask)] = standard.Handler(handler)
	}
	var mask atomic.Uint32
	sites := map[string]testkit.Site{}
	for _, protocol := range testkit.Protocols {
		server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			handlers[byte(mask.Load())].ServeHTTP(w, r)
		}))
		server.Config.ErrorLog = log.New(io.Discard, "", 0)
		if server.EnableHTTP2 = protocol == "HTTP/2"; server.EnableHTTP2 {
			server.StartTLS()
		} else {
			server.Start()
		}
		f.Cleanup(server.Close)
		client := server.Client()
		client.Transport.(*http.Transport).DisableCompression = true
		sites[protocol] = testkit.NoRedirects(testkit.Site{Client: client, URL: server.URL})
	}
	f.Fuzz(func(t *testing.T, moves []byte, layered, verb byte) {
		steps := stepsOf(moves)
		keepsFirst := layered&firstStatusLayers != 0
		if layered&timesOutLayer != 0 && slices.ContainsFunc(steps, step.isHint) {
			return // http.TimeoutHandler takes 103 for the status
		}
		program.Store(&steps)
		mask.Store(uint32(layered))
		s := sites[testkit.Protocols[int(verb>>4)%len(testkit.Protocols)]]
		method := []string{http.MethodGet, http.MethodPost, http.MethodHead}[verb%3]
		r, err := call{Method: method, Path: "/own"}.Send(s.Client, s.URL)
		if err != nil {
			return // an abort, or a panic after part of a success
		}
		first := firstOutcome(steps, keepsFirst)
		if keepsFirst && r.Status != http.StatusUnauthorized {
			r.Header.Del("Www-Authenticate") // of a second error: nothing tells that the first one is held back
		}
		wantSound(t, r, first)
		if t.Failed() {
			t.Logf("layers %08b, %s: %v", layered, method, steps)
		}
		if bytes.Contains([]byte(r.Body), []byte("tenant 7")) {
			t.Errorf("the text of a panic was sent: %s", r.Body)
		}
	})
}
