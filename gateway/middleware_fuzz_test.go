package gateway_test

import (
	"bytes"
	"compress/gzip"
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
			next.ServeHTTP(held, r)
			held.Release()
		})
	},
	func(next http.Handler) http.Handler { return http.TimeoutHandler(next, testkit.Patience, "") },
	func(next http.Handler) http.Handler { return standard.Handler(next) },
}

const timesOutLayer = 1 << 6

func (s step) isHint() bool { return s.kind == writesHeader && s.n >= 100 && s.n < 200 }

// firstOutcome returns the status that a program decides first: by its first error, byte, flush or end. It is 0 for an
// abort.
func firstOutcome(steps []step) int {
	httpStatus := 200
	for _, s := range steps {
		switch s.kind {
		case writesHeader:
			switch {
			case s.n < 100 || s.n > 999:
				return 500
			case s.n >= 400:
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

// wantSound wants a response that keeps the contract, whatever middleware did: a documented status, an error with its
// body, and no success for a program whose first outcome is an error.
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
		first := firstOutcome(steps)
		wantSound(t, r, first)
		if t.Failed() {
			t.Logf("layers %08b, %s: %v", layered, method, steps)
		}
		if bytes.Contains([]byte(r.Body), []byte("tenant 7")) {
			t.Errorf("the text of a panic was sent: %s", r.Body)
		}
	})
}
