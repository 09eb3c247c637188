package gateway_test

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"

	"github.com/statusbridge/statusbridge/internal/testkit"
)

// writerMiddlewares are middleware of a user. Only some of them can flush.
var writerMiddlewares = []struct {
	name     string
	flushing bool
	options  []runtime.ServeMuxOption
}{
	{"alone", true, nil},
	{"logging", true, []runtime.ServeMuxOption{logged}},
	{"holding", false, []runtime.ServeMuxOption{held}},
}

// held sends a response when the handler has returned.
var held = within(func(w http.ResponseWriter, r *http.Request, next func(http.ResponseWriter, *http.Request)) {
	h := &testkit.HoldWriter{ResponseWriter: w}
	next(h, r)
	h.Release()
})

// player serves programs.
type player struct {
	steps  atomic.Pointer[[]step]
	defect atomic.Pointer[error]
	log    complaints
	sites  map[string]testkit.Site
}

func newPlayer(t testing.TB) *player {
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
					t.Fatal(err)
				}
			}
			served := testkit.ServeLogging(t, protocol, mux, &p.log)
			_, address, _ := strings.Cut(served.URL, "://")
			p.sites[middleware.name+protocol] = testkit.Site{Client: served.Client, URL: address}
		}
	}
	return p
}

// over1 reads the raw bytes of a response over HTTP/1.1.
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

// complaints keeps the last error that net/http has logged, except for panics and TLS handshakes.
type complaints struct{ lastError }

func (c *complaints) Write(p []byte) (int, error) {
	if bytes.Contains(p, []byte("panic serving")) || bytes.Contains(p, []byte("TLS handshake")) {
		return len(p), nil
	}
	return c.lastError.Write(p)
}

// check compares the response to a program with the model.
func (p *player) check(t *testing.T, program []byte, where, verb uint8, second bool) {
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
		got, err = p.over2(t.Context(), p.sites[middleware.name+testkit.HTTP2], method)
	} else {
		got, err = p.over1(p.sites[middleware.name+testkit.HTTP1], method)
	}
	told := fmt.Sprintf("%s, %s, %v", middleware.name, method, steps)
	if defect := *p.defect.Load(); defect != nil {
		t.Errorf("%s: %v", told, defect)
	}
	if complaint := p.log.reset(); complaint != "" {
		t.Errorf("%s: net/http logs: %s", told, complaint)
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
}

func TestWalkWriter(t *testing.T) { testkit.Walk(t, newPlayer(t).check) }

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

	f.Fuzz(newPlayer(f).check)
}
