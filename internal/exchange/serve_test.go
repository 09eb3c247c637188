package exchange_test

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/statusbridge/statusbridge/internal/exchange"
)

// refusesHead returns a handler that allows the methods, and serves GET.
func refusesHead(allow ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet {
			w.Header().Set("X-Path", r.URL.Path)
			_, _ = io.WriteString(w, "ok")
			return
		}
		r.URL.Path = "/changed"
		w.Header()["Allow"] = allow
		w.Header().Set("Content-Language", "en")
		http.Error(w, "refused", http.StatusMethodNotAllowed)
	}
}

// TestHeadAsGet serves a HEAD as GET if the handler refuses it and allows GET (RFC 9110 section 9.3.2).
func TestHeadAsGet(t *testing.T) {
	t.Parallel()
	served, refused := "200 ", "405 "
	for _, c := range []struct {
		allow []string
		want  string
	}{
		{[]string{"GET"}, served},
		{[]string{"GET,POST"}, served},
		{[]string{"POST, GET"}, served},
		{[]string{"POST", "GET , PUT"}, served},
		{[]string{"GET, HEAD"}, refused},
		{[]string{"GET", "HEAD"}, refused},
		{[]string{"HEAD"}, refused},
		{[]string{"POST"}, refused},
		{[]string{"TARGET"}, refused},
		{[]string{"get"}, refused},
		{[]string{""}, refused},
		{nil, refused},
	} {
		for place, inside := range map[string]func(http.HandlerFunc) http.HandlerFunc{
			"in a Handler":              keeps,
			"in a Handler in a Handler": places["in a Handler in a Handler"],
			"in a mux in a Handler":     places["in a mux in a Handler"],
		} {
			for _, protocol := range protocols {
				t.Run(fmt.Sprint(c.allow, " ", place, "/", protocol), func(t *testing.T) {
					t.Parallel()
					s := serveOver(t, protocol, inside(refusesHead(c.allow...)))
					got := s.ask(t, http.MethodHead, "/path")
					if got.String() != c.want {
						t.Errorf("got %v", got)
					}
					if got.Status == 200 && (got.Header.Get("X-Path") != "/path" || len(got.Header) != 3) {
						t.Errorf("got the headers %v", got.Header)
					}
				})
			}
		}
	}
}

// TestHeadAsGetOnly has a handler allow GET. It is called with GET only after it has refused a HEAD with 405. If it
// refuses the GET as well, the client gets the 405.
func TestHeadAsGetOnly(t *testing.T) {
	t.Parallel()
	allowing := func(status int) http.HandlerFunc { return sends(status, http.Header{"Allow": {"GET"}}, "a") }
	for name, c := range map[string]struct {
		method string
		handle http.HandlerFunc
		want   string
		calls  int
	}{
		"a GET":           {http.MethodGet, allowing(405), "405 a", 1},
		"a POST":          {http.MethodPost, allowing(405), "405 a", 1},
		"another status":  {http.MethodHead, allowing(404), "404 ", 1},
		"a success":       {http.MethodHead, allowing(200), "200 ", 1},
		"the GET as well": {http.MethodHead, allowing(405), "405 ", 2},
		"a name that is not canonical": {
			http.MethodHead, sends(405, http.Header{"allow": {"GET"}}, "a"), "405 ", 2,
		},
		"a flushed refusal": {http.MethodHead, func(w http.ResponseWriter, r *http.Request) {
			allowing(405)(w, r)
			flush(w)
		}, "405 ", 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			calls := 0
			s := serveOver(t, http11, keeps(func(w http.ResponseWriter, r *http.Request) {
				calls++
				c.handle(w, r)
			}))
			if got := s.ask(t, c.method, "/"); got.String() != c.want || calls != c.calls {
				t.Errorf("got %v after %d calls", got, calls)
			}
		})
	}
}

// TestHeadAsGetForgets has a handler note a failure for HEAD. The failure does not affect an error for GET.
func TestHeadAsGetForgets(t *testing.T) {
	t.Parallel()
	s := serveOver(t, http11, inHandler(policy{})(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodHead {
			exchange.From(r.Context()).Note(exchange.Failure{Status: 405, Body: []byte("failed")})
		}
		sends(405, http.Header{"Allow": {"GET"}}, "a")(w, r)
	}))
	got := s.ask(t, http.MethodHead, "/")
	if length := got.Header.Get("Content-Length"); got.Status != 405 || length != strconv.Itoa(len("translated")) {
		t.Errorf("got %v with Content-Length %q", got, length)
	}
}

// inTimeout calls a handler with the writer of http.TimeoutHandler, which has other headers.
func inTimeout(next http.HandlerFunc) http.HandlerFunc {
	return http.TimeoutHandler(next, time.Hour, "").ServeHTTP
}

// TestRetries asks exchanges whether a refused HEAD is served again, and compares that with what happens. Some of them
// are inside an http.TimeoutHandler, whose writer has other headers.
func TestRetries(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		inside func(http.HandlerFunc) http.HandlerFunc
		again  bool
	}{
		"Handler":                       {keeps, true},
		"mux":                           {inMux, false},
		"Handler in a mux":              {within(inMux, keeps), false},
		"mux in a timeout in a Handler": {within(keeps, inTimeout, inMux), true},
		"mux in a timeout in a mux":     {within(inMux, inTimeout, inMux), false},
		"Handler in a timeout in a mux": {within(inMux, inTimeout, keeps), true},
		"mux in two timeouts":           {within(keeps, inTimeout, inMux, inTimeout, inMux), true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			promised := map[string]bool{}
			s := serveOver(t, http11, c.inside(func(w http.ResponseWriter, r *http.Request) {
				promised[r.Method] = exchange.From(r.Context()).Retries(405, http.Header{"Allow": {"GET"}})
				refusesHead("GET")(w, r)
			}))
			s.ask(t, http.MethodHead, "/")
			if _, again := promised["GET"]; again != c.again || promised["HEAD"] != c.again || promised["GET"] {
				t.Errorf("called again: %t, promised: %v", again, promised)
			}
		})
	}
}

// TestServeWithoutURL serves a request that was made by hand.
func TestServeWithoutURL(t *testing.T) {
	t.Parallel()
	recorder := httptest.NewRecorder()
	exchange.Serve(recorder, &http.Request{Method: http.MethodHead}, policy{}, sends(202, nil, ""))
	if recorder.Code != 202 {
		t.Errorf("got %d", recorder.Code)
	}
}

// TestServePolicies has several Handlers around a handler. The policy of the outermost Handler counts, inside of a mux
// too.
func TestServePolicies(t *testing.T) {
	t.Parallel()
	translates := inHandler(policy{})
	for name, c := range map[string]struct {
		handler http.HandlerFunc
		want    string
	}{
		"translating":                     {translates(sends(404, nil, "a")), "404 translated"},
		"keeping":                         {keeps(sends(404, nil, "a")), "404 a"},
		"translating in keeping":          {keeps(translates(sends(404, nil, "a"))), "404 a"},
		"keeping in translating":          {translates(keeps(sends(404, nil, "a"))), "404 translated"},
		"translating in a mux":            {inMux(translates(sends(404, nil, "a"))), "404 translated"},
		"keeping in translating in a mux": {inMux(translates(keeps(sends(404, nil, "a")))), "404 translated"},
		"translating in keeping in a mux": {inMux(keeps(translates(sends(404, nil, "a")))), "404 a"},
	} {
		for _, protocol := range protocols {
			if got := serveOver(t, protocol, c.handler).ask(t, http.MethodGet, "/"); got.String() != c.want {
				t.Errorf("%s over %s: got %v, want %s", name, protocol, got, c.want)
			}
		}
	}
}

// TestServeRemovesFiles parses a form with a file in a handler. The server removes the file after the response.
func TestServeRemovesFiles(t *testing.T) {
	t.Parallel()
	names := make(chan string, 2)
	s := serveOver(t, http11, keeps(func(_ http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet {
			return
		}
		if err := r.ParseMultipartForm(1); err != nil {
			t.Error(err)
			return
		}
		file, err := r.MultipartForm.File["file"][0].Open()
		if err != nil {
			t.Error(err)
			return
		}
		defer func() { _ = file.Close() }()
		names <- file.(*os.File).Name()
	}))
	form := &bytes.Buffer{}
	parts := multipart.NewWriter(form)
	part, err := parts.CreateFormFile("file", "file")
	if err != nil {
		t.Fatal(err)
	}
	_, _ = io.WriteString(part, letters(1_000))
	_ = parts.Close()
	connection := s.dial(t)
	_, _ = fmt.Fprintf(connection, "POST / HTTP/1.1\r\nHost: test\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n%s",
		parts.FormDataContentType(), form.Len(), form)
	_, _ = io.WriteString(connection, "GET / HTTP/1.1\r\nHost: test\r\n\r\n")
	from := bufio.NewReader(connection)
	for _, method := range []string{http.MethodPost, http.MethodGet} { // the second one begins after the first one
		if got := read(method, from); got.String() != "200 " {
			t.Fatalf("got %v", got)
		}
	}
	if name := <-names; name == "" {
		t.Error("the file was in memory")
	} else if _, err := os.Stat(name); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the file still exists: %v", err)
	}
}
