package exchange_test

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/statusbridge/statusbridge/internal/exchange"
)

// policy allows 200, 202 and 204, and replaces each error by one with the same status and another text.
type policy struct{}

func (policy) Success(status, chosen int, _ http.Header) int {
	switch status {
	case 200, 202, 204, chosen:
		return status
	case 206:
		return 0
	}
	return 200
}

func (policy) Timed() bool { return true }

func (policy) Complete(*exchange.Exchange, exchange.Written) bool { return false }

func (policy) Replace(x *exchange.Exchange, written exchange.Written) exchange.Failure {
	text := "translated"
	if noted := written.Failure; noted != nil && noted.Status == written.Status {
		text = string(noted.Body)
	}
	return fail(x.Header(), max(written.Status, 400), text)
}

func (policy) Panicked(x *exchange.Exchange, _ any) exchange.Failure {
	return fail(x.Header(), 500, "panic")
}

func fail(h http.Header, status int, text string) exchange.Failure {
	exchange.RemoveSuccess(h, nil)
	h.Set("Content-Type", "text/plain")
	h.Set("Content-Length", strconv.Itoa(len(text)))
	return exchange.Failure{Status: status, Body: []byte(text)}
}

// A step is a call of a handler. Each one is a letter, and a program is a string of them.
var steps = map[byte]http.HandlerFunc{
	'2': func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusAccepted) },
	'0': func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) },
	'1': func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusCreated) },
	'p': func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusPartialContent) },
	'4': func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNotFound) },
	'w': writes("a"),
	'e': func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(nil) },
	'r': copies(func() io.Reader { return reader("a") }),
	'b': copies(endingEarly(0)),
	'f': func(w http.ResponseWriter, _ *http.Request) { flush(w) },
	'F': failsWith(409),
	'!': func(http.ResponseWriter, *http.Request) { panic("secret") },
	'a': func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
}

// runProgram is a handler that makes the calls of the program in the path.
func runProgram(w http.ResponseWriter, r *http.Request) {
	for _, step := range []byte(strings.TrimPrefix(r.URL.Path, "/")) {
		steps[step](w, r)
	}
}

// reader returns a reader that cannot write itself to a writer, so that io.Copy calls ReadFrom.
func reader(text string) io.Reader { return struct{ io.Reader }{strings.NewReader(text)} }

// failsWith returns a handler that writes an error as package gateway does.
func failsWith(status int) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		x := exchange.From(r.Context())
		if x.Failed() {
			return
		}
		if x.Started() {
			x.Abort()
		}
		failure := fail(w.Header(), status, "failed")
		x.Note(failure)
		w.WriteHeader(failure.Status)
		_, _ = w.Write(failure.Body)
	}
}

// model returns what a client must see: the status and the body, or that the response breaks off.
func model(program string) string {
	state, status, body := "open", 200, ""
	success := func() {
		switch status {
		case 201:
			status = 200
		case 206:
			state, status = "error", 400
			body = "translated"
			return
		}
		state = "sent"
	}
	for _, step := range program {
		switch step {
		case '2', '0', '1', 'p', '4':
			next := map[rune]int{'2': 202, '0': 204, '1': 201, 'p': 206, '4': 404}[step]
			if state == "open" {
				status = next
				if step == '4' {
					state, body = "error", "translated"
				}
			}
		case 'w', 'r', 'e', 'f':
			if state == "open" {
				success()
			}
			if state == "sent" && (step == 'w' || step == 'r') {
				body += "a"
			}
		case 'F':
			switch state {
			case "open":
				state, status, body = "error", 409, "failed"
			case "sent":
				return "broken"
			case "error": // the handler wrote another status before, so the noted failure has not arrived
			}
		case '!':
			if state == "sent" {
				return "broken"
			}
			return "500 panic"
		case 'a':
			return "broken"
		}
	}
	if state == "open" {
		success()
	}
	if status == 204 {
		body = ""
	}
	return fmt.Sprint(status, " ", body)
}

// TestEveryProgram runs every sequence of up to three calls over a real server, and compares the response with the
// model. It does so with several kinds of middleware. It runs some sequences of four calls too, other ones each time.
func TestEveryProgram(t *testing.T) {
	t.Parallel()
	programs := []string{""}
	for begin, length := 0, 0; length < 4; length++ {
		end := len(programs)
		for _, program := range programs[begin:end] {
			for step := range steps {
				if last := strings.TrimRight(program, "!a"); last == program {
					programs = append(programs, program+string(step))
				}
			}
		}
		begin = end
	}
	for name, middleware := range middlewares {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := serveOver(t, http11, inHandler(policy{})(middleware(http.HandlerFunc(runProgram)).ServeHTTP))
			for i, program := range programs {
				if len(program) > 3 && (name != "none" || i%11 > 0) {
					continue
				}
				want := model(program)
				if name == "recovering" {
					want = recovered(program, want)
				}
				if got := s.run(http.MethodGet, program); got != want && !accepted(name, program, got) {
					t.Errorf("%q: got %q, want %q", program, got, want)
				}
			}
		})
	}
}

// recovered returns what a client sees if middleware recovers from a panic and writes a 500.
func recovered(program, want string) string {
	if want == "500 panic" {
		return "500 translated"
	}
	if want == "broken" && strings.HasSuffix(program, "!") && model(strings.TrimSuffix(program, "!")) != "broken" {
		return "" // the middleware's choice, see accepted
	}
	return want
}

// accepted reports whether a response may differ from the model. A header that was flushed is complete if no body
// follows. Middleware that recovers from a handler's own panic may end the response, and a compressor writes an end
// when it closes.
func accepted(name, program, got string) bool {
	if got == "204 " && strings.Contains(program, "f") {
		return true
	}
	switch name {
	case "recovering":
		return strings.ContainsAny(program, "!a") || strings.Contains(got, "translated") && strings.Contains(program,
			"F")
	case "compressing":
		return strings.ContainsAny(program, "!aF0")
	}
	return false
}

var middlewares = map[string]func(http.Handler) http.Handler{
	"none": func(next http.Handler) http.Handler { return next },
	"wrapping": func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { next.ServeHTTP(wrapper{w}, r) })
	},
	"recovering": func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			defer func() {
				if recover() != nil {
					w.WriteHeader(http.StatusInternalServerError)
				}
			}()
			next.ServeHTTP(wrapper{w}, r)
		})
	},
	"compressing": func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Encoding", "gzip")
			zip := compressors.Get().(*gzip.Writer)
			zip.Reset(w)
			next.ServeHTTP(compressor{w, zip}, r)
			_ = zip.Close()
			compressors.Put(zip)
		})
	},
}

// compressors reuses the writers of gzip, because each one allocates much memory.
var compressors = sync.Pool{New: func() any { return gzip.NewWriter(nil) }}

type wrapper struct{ http.ResponseWriter }

func (w wrapper) Unwrap() http.ResponseWriter { return w.ResponseWriter }

type compressor struct {
	http.ResponseWriter
	zip *gzip.Writer
}

func (c compressor) Write(p []byte) (int, error) {
	c.Header().Del("Content-Length")
	return c.zip.Write(p)
}

func (c compressor) FlushError() error {
	if err := c.zip.Flush(); err != nil {
		return err
	}
	return http.NewResponseController(c.ResponseWriter).Flush()
}

// complaints fails a test if net/http logs that a handler breaks its rules.
type complaints struct{ t *testing.T }

func (c complaints) Write(p []byte) (int, error) {
	if bytes.Contains(p, []byte("superfluous")) || bytes.Contains(p, []byte("Content-Length")) {
		c.t.Errorf("net/http logs: %s", p)
	}
	return len(p), nil
}
