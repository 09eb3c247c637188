package gateway_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"

	"github.com/statusbridge/statusbridge/internal/testkit"
	"github.com/statusbridge/statusbridge/mapping"
)

// step is one thing that a handler does with its writer, or to its call.
type step struct {
	kind stepKind
	n    int // a status, a length, a number to tell headers apart
}

type stepKind int

const (
	setsHeader stepKind = iota
	setsETag
	writesHeader
	writesBody
	copiesBody
	flushes
	asksFlusher
	writesError
	panics
	aborts
	stepKinds
)

var (
	writtenStatuses = []int{200, 202, 204, 304, 404, 418, 500, 999, 103, 102, 0, 99, 1000, -1}
	writtenErrors   = []int{400, 401, 404, 409, 500, 503}
)

// stepsOf reads a program of at most 64 steps, two bytes each.
func stepsOf(program []byte) []step {
	var steps []step
	for len(program) > 1 && len(steps) < 64 {
		s := step{kind: stepKind(program[0]) % stepKinds, n: int(program[1])}
		switch s.kind {
		case writesHeader:
			s.n = writtenStatuses[s.n%len(writtenStatuses)]
		case writesError:
			s.n = writtenErrors[s.n%len(writtenErrors)]
		case writesBody, copiesBody:
			s.n *= 37 // up to two of the server's buffers
		default:
		}
		steps, program = append(steps, s), program[2:]
	}
	return steps
}

// play does the steps, and holds the writer to the contract of io.Writer.
func play(w http.ResponseWriter, r *http.Request, steps []step) (defect error) {
	for i, s := range steps {
		switch s.kind {
		case setsHeader:
			w.Header().Set(fmt.Sprint("X-", s.n%4), fmt.Sprint(i))
		case setsETag:
			w.Header().Set("ETag", fmt.Sprint(`"`, i, `"`))
		case writesHeader:
			w.WriteHeader(s.n)
		case writesBody:
			n, err := w.Write(bodyOf(i, s.n))
			if n < 0 || n > s.n || err == nil && n < s.n {
				defect = fmt.Errorf("step %d wrote %d of %d bytes: %w", i, n, s.n, err)
			}
		case copiesBody:
			n, err := io.Copy(w, bytes.NewReader(bodyOf(i, s.n)))
			if n < 0 || n > int64(s.n) || err == nil && n < int64(s.n) {
				defect = fmt.Errorf("step %d copied %d of %d bytes: %w", i, n, s.n, err)
			}
		case flushes:
			_ = http.NewResponseController(w).Flush()
		case asksFlusher:
			if flusher, ok := w.(http.Flusher); ok {
				flusher.Flush()
			}
		case writesError:
			standard.WriteError(w, r, mapping.Errorf(s.n, "step %d", i))
		case panics:
			panic("tenant 7")
		case aborts:
			panic(http.ErrAbortHandler)
		default:
		}
	}
	return defect
}

func bodyOf(i, length int) []byte {
	return bytes.Repeat([]byte{byte('a' + i%26)}, length)
}

// view is what a client sees of a response.
type view struct {
	status  int
	header  map[string]string // those that the steps set
	body    string
	hints   []int
	failure bool // the response is an error that the library wrote
	aborted bool // the response breaks off
	flushed bool // its header was sent before it broke off
}

// expectedView is the model:
//   - The last status before the first byte counts, or else 200. Later steps do not change the header.
//   - An error before the first byte is the response, and a second error is ignored. An error after the first byte
//     breaks the connection, as an abort does.
//   - A panic before the first byte is a 500. After it, a panic breaks the connection, unless the response is an error.
//   - Without flushing, middleware holds the response until the handler returns, so that a panic is always a 500.
//   - A HEAD is a GET without a body.
func expectedView(method string, steps []step, flushing bool) view {
	v := view{status: 200, header: map[string]string{}}
	committed, flushed := false, false
	fail := func(httpStatus int, message string) {
		delete(v.header, "Etag")
		v.status, v.failure, committed = httpStatus, true, true
		v.body = fmt.Sprintf(`{"code":%d,"message":%q}`, httpStatus, message)
	}
	abort := func() view {
		v.aborted, v.flushed = true, flushed
		return v.on(method)
	}
	panicked := func() view {
		switch {
		case !committed, !flushing: // nothing has been sent
			fail(500, testkit.Meanings[500])
		case !v.failure:
			return abort()
		}
		return v.on(method)
	}
	for i, s := range steps {
		switch s.kind {
		case setsHeader, setsETag:
			name := fmt.Sprint("X-", s.n%4)
			value := fmt.Sprint(i)
			if s.kind == setsETag {
				name, value = "Etag", `"`+value+`"`
			}
			if !committed || !flushing && !v.failure { // the held header can change
				v.header[name] = value
			}
		case writesHeader:
			switch {
			case committed:
			case s.n < 100 || s.n > 999:
				return panicked()
			case s.n < 200:
				v.hints = append(v.hints, s.n)
			default:
				v.status = s.n
			}
		case writesBody, copiesBody:
			if s.kind == copiesBody && s.n == 0 {
				break // nothing is written
			}
			committed = true
			if !v.failure {
				v.body += string(bodyOf(i, s.n))
			}
		case flushes, asksFlusher:
			committed = committed || flushing
			flushed = flushed || flushing && !v.failure
		case writesError:
			if committed && v.status >= 400 {
				break // the first error counts
			}
			if committed {
				return abort()
			}
			fail(s.n, fmt.Sprint("step ", i))
		case panics:
			return panicked()
		case aborts:
			return abort()
		default:
		}
	}
	return v.on(method)
}

// on removes the body from responses that may not have one. Their flushed header is all that the client waits for.
func (v view) on(method string) view {
	if method == http.MethodHead || v.status == http.StatusNoContent || v.status == http.StatusNotModified {
		v.body = ""
	} else {
		v.flushed = false
	}
	return v
}
