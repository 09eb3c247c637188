package gateway_test

import (
	"compress/gzip"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/statusbridge/statusbridge/internal/testkit"
)

// layers are the middleware that can wrap a program. Each bit of a number stands for one, and the first is innermost.
var layers = [8]func(http.Handler) http.Handler{
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

// The layers in which the first status counts, and the one that takes 103 for that status.
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

// mayBreakOff reports whether a step can end a response that has begun.
func (s step) mayBreakOff() bool {
	return s.kind == aborts || s.kind == panics || s.kind == writesError ||
		s.kind == writesHeader && (s.n < 100 || s.n > 999)
}

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

// middlewareCheck has a real server for each protocol that plays a program inside Handler and any of the layers.
type middlewareCheck struct {
	program atomic.Pointer[[]step]
	layered atomic.Uint32
	sites   map[string]testkit.Site
}

func newMiddlewareCheck(t testing.TB) *middlewareCheck {
	m := &middlewareCheck{sites: map[string]testkit.Site{}}
	var handlers [1 << len(layers)]http.Handler
	for layered := range handlers {
		var handler http.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			_ = play(w, r, *m.program.Load())
		})
		for i, layer := range layers {
			if layered>>i&1 == 1 {
				handler = layer(handler)
			}
		}
		handlers[layered] = standard.Handler(handler)
	}
	for _, protocol := range testkit.Protocols {
		s := testkit.ServeLogging(t, protocol, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			handlers[m.layered.Load()].ServeHTTP(w, r)
		}), io.Discard)
		s.Client.Transport.(*http.Transport).DisableCompression = true
		m.sites[protocol] = testkit.NoRedirects(s)
	}
	return m
}

func (m *middlewareCheck) check(t *testing.T, moves []byte, layered, verb byte) {
	steps := stepsOf(moves)
	keepsFirst := layered&firstStatusLayers != 0
	if layered&timesOutLayer != 0 && slices.ContainsFunc(steps, step.isHint) {
		return // http.TimeoutHandler takes 103 for the status
	}
	m.program.Store(&steps)
	m.layered.Store(uint32(layered))
	s := m.sites[testkit.Protocols[int(verb>>4)%len(testkit.Protocols)]]
	method := []string{http.MethodGet, http.MethodPost, http.MethodHead}[verb%3]
	r, err := call{Method: method, Path: "/own"}.Send(s.Client, s.URL)
	if err != nil {
		if !slices.ContainsFunc(steps, step.mayBreakOff) {
			t.Errorf("layers %08b, %s: %v after %v", layered, method, err, steps)
		}
		return
	}
	first := firstOutcome(steps, keepsFirst)
	if keepsFirst && r.Status != http.StatusUnauthorized {
		// If a layer has dropped the first error, WriteError writes the second one. This layer ignores the status of
		// the second one and keeps its challenge.
		r.Header.Del("Www-Authenticate")
	}
	wantSound(t, r, first)
	if t.Failed() {
		t.Logf("layers %08b, %s: %v", layered, method, steps)
	}
	if strings.Contains(r.Body, "tenant 7") {
		t.Errorf("the text of a panic was sent: %s", r.Body)
	}
}

func TestWalkMiddleware(t *testing.T) { testkit.Walk(t, newMiddlewareCheck(t).check) }

// FuzzMiddleware plays sequences of writer calls inside any combination of middleware inside Handler.
func FuzzMiddleware(f *testing.F) {
	status := func(httpStatus int) byte { return byte(slices.Index(writtenStatuses, httpStatus)) }
	for mask := range 1 << len(layers) {
		f.Add([]byte{byte(writesHeader), status(418), byte(writesBody), 3}, byte(mask), byte(0))
		f.Add([]byte{byte(setsETag), 0, byte(writesError), 2, byte(writesBody), 4}, byte(mask), byte(mask))
		f.Add([]byte{byte(writesBody), 3, byte(flushes), 0, byte(panics), 0}, byte(mask), byte(1))
	}
	f.Fuzz(newMiddlewareCheck(f).check)
}
