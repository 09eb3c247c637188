package gateway_test

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"fmt"
	"io"
	"log"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"

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

// view is what a client must see of an answer.
type view struct {
	status  int
	header  map[string]string // those that the steps set
	body    string
	hints   []int
	failure bool // the response is an error that the library wrote
	aborted bool // the response breaks off
	flushed bool // its header was sent before it broke off
}

// expectedView is the model. The last status before the first byte counts, else 200, and later steps do not change
// the header. An error before the first byte is the response, and a second error is ignored. An error after the first
// byte breaks the connection, as an abort does. A panic is a 500 before the first byte, breaks the connection after it,
// and does not change an error that is complete. Middleware that holds the response until the handler returns has sent
// nothing before a panic. A HEAD is a GET without a body.
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
		case !committed, !flushing:
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
			if !committed || !flushing && !v.failure { // the held header has not been sent
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

// writerMiddlewares are where a user's own middleware may start.
var writerMiddlewares = []struct {
	name     string
	flushing bool
	options  []runtime.ServeMuxOption
}{
	{"alone", true, nil},
	{"logging", true, []runtime.ServeMuxOption{runtime.WithMiddlewares(logging)}},
	{"holding", false, []runtime.ServeMuxOption{runtime.WithMiddlewares(hold)}},
}

func logging(next runtime.HandlerFunc) runtime.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request, params map[string]string) {
		next(&testkit.LogWriter{ResponseWriter: w}, r, params)
	}
}

func hold(next runtime.HandlerFunc) runtime.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request, params map[string]string) {
		h := &testkit.HoldWriter{ResponseWriter: w}
		next(h, r, params)
		h.Release()
	}
}

// player serves programs.
type player struct {
	steps  atomic.Pointer[[]step]
	defect atomic.Pointer[error]
	log    syncBuffer
	sites  map[string]testkit.Site
}

func newPlayer(f *testing.F) *player {
	p := &player{sites: map[string]testkit.Site{}}
	for _, middleware := range writerMiddlewares {
		for _, protocol := range testkit.Protocols {
			mux := standard.NewServeMux(middleware.options...)
			for _, method := range []string{http.MethodGet, http.MethodPost} {
				if err := mux.HandlePath(method, "/own",
					func(w http.ResponseWriter, r *http.Request, _ map[string]string) {
						defect := play(w, r, *p.steps.Load())
						p.defect.Store(&defect)
					}); err != nil {
					f.Fatal(err)
				}
			}
			server := httptest.NewUnstartedServer(mux)
			server.Config.ErrorLog = log.New(&p.log, "", 0)
			if server.EnableHTTP2 = protocol == "HTTP/2"; server.EnableHTTP2 {
				server.StartTLS()
			} else {
				server.Start()
			}
			f.Cleanup(server.Close)
			p.sites[middleware.name+protocol] = testkit.Site{Client: server.Client(),
				URL: server.Listener.Addr().String()}
		}
	}
	return p
}

// over1 reads the raw bytes of an answer over HTTP/1.1.
func (p *player) over1(s testkit.Site, method string) (view, error) {
	message, err := testkit.SendRaw(s.URL, method+" /own")
	if err != nil {
		return view{}, err
	}
	reader := bufio.NewReader(bytes.NewReader(message))
	var v view
	for {
		response, err := http.ReadResponse(reader, &http.Request{Method: method})
		if err != nil {
			return v, fmt.Errorf("%w in %q", err, message)
		}
		if response.StatusCode < 200 {
			v.hints = append(v.hints, response.StatusCode)
			continue
		}
		defer response.Body.Close()
		if err := v.read(response); err != nil {
			return v, err
		}
		if rest, _ := io.ReadAll(reader); len(rest) > 0 {
			return v, fmt.Errorf("%q is left after the response", rest)
		}
		return v, nil
	}
}

// over2 asks over HTTP/2.
func (p *player) over2(ctx context.Context, s testkit.Site, method string) (view, error) {
	request, err := http.NewRequestWithContext(ctx, method, "https://"+s.URL+"/own", http.NoBody)
	if err != nil {
		return view{}, err
	}
	response, err := s.Client.Do(request)
	if err != nil {
		return view{}, err
	}
	defer response.Body.Close()
	var v view
	return v, v.read(response)
}

func (v *view) read(response *http.Response) error {
	v.status, v.header = response.StatusCode, map[string]string{}
	for name, values := range response.Header {
		if name == "Etag" || strings.HasPrefix(name, "X-") {
			v.header[name] = strings.Join(values, ",")
		}
	}
	body, err := io.ReadAll(response.Body)
	v.body = string(body)
	if got := response.Header.Get("Content-Type"); strings.HasPrefix(v.body, "{") && got != "application/json" {
		err = cmp.Or(err, fmt.Errorf("the type of an error is %q", got))
	}
	return err
}

// syncBuffer collects what a server complains about.
type syncBuffer struct{ text atomic.Pointer[string] }

func (b *syncBuffer) Write(p []byte) (int, error) {
	if !bytes.Contains(p, []byte("panic serving")) && !bytes.Contains(p, []byte("TLS handshake")) {
		text := string(p)
		b.text.Store(&text)
	}
	return len(p), nil
}

// FuzzWriter plays sequences of writer calls in a route, with a user's middleware, and compares the response with a
// model.
func FuzzWriter(f *testing.F) {
	seed := func(steps ...byte) {
		for where := range writerMiddlewares {
			for method := range uint8(3) {
				f.Add(steps, uint8(where), method, false)
			}
			f.Add(steps, uint8(where), uint8(0), true)
		}
	}
	status := func(httpStatus int) byte { return byte(slices.Index(writtenStatuses, httpStatus)) }
	seed()
	seed(byte(writesHeader), status(202), byte(writesBody), 3)
	seed(byte(writesHeader), status(204), byte(writesBody), 3, byte(flushes), 0)
	seed(byte(writesHeader), status(304), byte(writesBody), 3)
	seed(byte(writesHeader), status(202), byte(writesHeader), status(404), byte(writesBody), 0, byte(writesHeader),
		status(500))
	seed(byte(writesHeader), status(103), byte(setsHeader), 1, byte(writesHeader), status(202), byte(copiesBody), 200)
	seed(byte(setsETag), 0, byte(writesHeader), status(202), byte(writesError), 2, byte(writesBody), 4)
	seed(byte(setsETag), 0, byte(writesHeader), status(202), byte(panics), 0)
	seed(byte(writesBody), 255, byte(panics), 0)
	seed(byte(writesBody), 1, byte(flushes), 0, byte(aborts), 0)
	seed(byte(flushes), 0, byte(setsHeader), 2, byte(writesError), 1)
	seed(byte(asksFlusher), 0, byte(writesHeader), status(0))
	seed(byte(writesHeader), status(1000))
	seed(byte(writesError), 1, byte(writesError), 2)
	seed(byte(aborts), 0)
	seed(byte(setsETag), 0, byte(writesBody), 3, byte(setsHeader), 1, byte(setsETag), 1)
	seed(byte(writesBody), 3, byte(writesError), 2)
	seed(byte(writesBody), 3, byte(panics), 0)
	seed(byte(writesHeader), status(204), byte(writesBody), 3, byte(panics), 0)
	seed(byte(writesError), 2, byte(panics), 0)

	p := newPlayer(f)
	f.Fuzz(func(t *testing.T, program []byte, where, verb uint8, second bool) {
		steps := stepsOf(program)
		middleware := writerMiddlewares[int(where)%len(writerMiddlewares)]
		method := []string{http.MethodGet, http.MethodPost, http.MethodHead}[verb%3]
		want := expectedView(method, steps, middleware.flushing)
		p.steps.Store(&steps)
		p.defect.Store(new(error))
		var got view
		var err error
		if second {
			want.hints = nil // which this client does not show
			got, err = p.over2(t.Context(), p.sites[middleware.name+"HTTP/2"], method)
		} else {
			got, err = p.over1(p.sites[middleware.name+"HTTP/1.1"], method)
		}
		told := fmt.Sprintf("%s, %s, %v", middleware.name, method, steps)
		if defect := *p.defect.Load(); defect != nil {
			t.Errorf("%s: %v", told, defect)
		}
		if complaint := p.log.text.Swap(nil); complaint != nil {
			t.Errorf("%s: net/http logs: %s", told, *complaint)
		}
		if want.aborted {
			if err == nil && !want.flushed {
				t.Errorf("%s: responded with %.300s as if it were whole", told, fmt.Sprintf("%+v", got))
			}
			if err != nil || !want.flushed {
				return
			}
		}
		if err != nil {
			t.Errorf("%s: %v", told, err)
			return
		}
		if got.status != want.status || got.body != want.body || !maps.Equal(got.header, want.header) ||
			!slices.Equal(got.hints, want.hints) {
			t.Errorf("%s:\ngot  %.300s\nwant %.300s", told, fmt.Sprintf("%+v", got), fmt.Sprintf("%+v", want))
		}
	})
}
