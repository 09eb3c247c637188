package gateway_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/statusbridge/statusbridge/internal/testkit"
)

// presetWriter is the writer of a router that presets a status for unknown routes, as gin does. It sends that status
// unless another one is written explicitly.
type presetWriter struct {
	http.ResponseWriter
	status   int
	sent     bool
	statuses []int // as they were written, without informational ones
}

func (w *presetWriter) WriteHeader(httpStatus int) {
	if httpStatus < 200 {
		w.ResponseWriter.WriteHeader(httpStatus)
		return
	}
	w.status = httpStatus
	w.statuses = append(w.statuses, httpStatus)
}

func (w *presetWriter) send() {
	if !w.sent {
		w.sent = true
		w.ResponseWriter.WriteHeader(w.status)
	}
}

func (w *presetWriter) Write(p []byte) (int, error) {
	w.send()
	return w.ResponseWriter.Write(p)
}

func (w *presetWriter) FlushError() error {
	w.send()
	return http.NewResponseController(w.ResponseWriter).Flush()
}

// hosted are handlers of every kind, the call that each gets, and the status that it sends on net/http.
func hosted(t *testing.T) map[string]struct {
	handler http.Handler
	call    call
	status  int
} {
	service := &testkit.Service{}
	network := testkit.Register(t, testkit.Network, service, standard.NewServeMux())
	inProcess := testkit.Register(t, testkit.InProcess, service, standard.NewServeMux())
	nothing := func(http.ResponseWriter, *http.Request) {}
	writes := func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "served") }
	trailers := http.Header{"Te": {"trailers"}}
	return map[string]struct {
		handler http.Handler
		call    call
		status  int
	}{
		"unary":                        {network, call{}, 200},
		"unary in process":             {inProcess, call{}, 200},
		"unary with trailers":          {network, call{Header: trailers}, 200},
		"declared":                     {network, suspend, 202},
		"HEAD":                         {network, call{Method: "HEAD"}, 200},
		"stream":                       {network, watch, 200},
		"HEAD of a stream":             {network, call{Method: "HEAD", Path: watch.Path}, 200},
		"download":                     {network, export, 200},
		"both ways":                    {network, chat, 200},
		"route":                        {ownRoute(t, http.MethodGet, writes), call{Path: "/own"}, 200},
		"route that writes nothing":    {ownRoute(t, http.MethodGet, nothing), call{Path: "/own"}, 200},
		"no route":                     {network, call{Path: "/nowhere"}, 404},
		"no method":                    {network, call{Method: "POST"}, 405},
		"inside Handler":               {standard.Handler(network), call{}, 200},
		"stream inside Handler":        {standard.Handler(network), watch, 200},
		"error inside Handler":         {standard.Handler(network), call{Path: "/nowhere"}, 404},
		"plain handler":                {standard.Handler(http.HandlerFunc(writes)), call{}, 200},
		"handler that writes nothing":  {standard.Handler(http.HandlerFunc(nothing)), call{}, 200},
		"error of a handler":           {standard.Handler(http.NotFoundHandler()), call{}, 404},
		"file server inside Handler":   {standard.Handler(files()), call{Path: "/a.txt"}, 200},
		"http.ServeMux inside Handler": {standard.Handler(serveMuxOfGo()), call{Path: "/things/7"}, 200},
		"WriteError outside everything": {http.HandlerFunc(func(w http.ResponseWriter,
			r *http.Request) {
			standard.WriteError(w, r, testkit.ErrNotFound)
		}), call{}, 404},
	}
}

// TestHostPresetsStatus serves inside a router that has preset 404. Each status is written explicitly, 200 too, and
// once (docs/services.md).
func TestHostPresetsStatus(t *testing.T) {
	t.Parallel()
	for name, c := range hosted(t) {
		for _, protocol := range testkit.Protocols {
			t.Run(name+" "+protocol, func(t *testing.T) {
				statuses := make(chan []int, 1)
				s := testkit.ServeOver(t, protocol, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					preset := &presetWriter{ResponseWriter: w, status: http.StatusNotFound}
					defer func() {
						preset.send()
						statuses <- preset.statuses
					}()
					c.handler.ServeHTTP(preset, r)
				}))
				if r := c.call.At(t, s); r.Status != c.status {
					t.Errorf("responded with %d %q, want %d", r.Status, r.Body, c.status)
				}
				if got := <-statuses; !slices.Equal(got, []int{c.status}) {
					t.Errorf("wrote the statuses %v, want %d once", got, c.status)
				}
			})
		}
	}
}

// framedWriter looks for Transfer-Encoding in the header map whenever something is written.
type framedWriter struct {
	http.ResponseWriter
	found bool
}

func (w *framedWriter) look() {
	for name := range w.Header() {
		w.found = w.found || strings.EqualFold(name, "Transfer-Encoding")
	}
}

func (w *framedWriter) WriteHeader(httpStatus int) {
	w.look()
	w.ResponseWriter.WriteHeader(httpStatus)
}

func (w *framedWriter) Write(p []byte) (int, error) {
	w.look()
	return w.ResponseWriter.Write(p)
}

func (w *framedWriter) FlushError() error {
	w.look()
	return http.NewResponseController(w.ResponseWriter).Flush()
}

// TestHostFramesMessages serves on a host that writes the header map unchanged. Transfer-Encoding belongs to the host
// (RFC 9112 section 6.1, RFC 9113 section 8.2.2). grpc-gateway without this library sets it by hand.
func TestHostFramesMessages(t *testing.T) {
	t.Parallel()
	found := func(t *testing.T, handler http.Handler, c call) bool {
		t.Helper()
		found := make(chan bool, 1)
		c.To(t, testkit.ServeQuietly(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			framed := &framedWriter{ResponseWriter: w}
			defer func() {
				framed.look()
				found <- framed.found
			}()
			handler.ServeHTTP(framed, r)
		})))
		return <-found
	}
	cases := hosted(t)
	service := &testkit.Service{}
	service.Behave(testkit.Fails(testkit.ErrNotFound))
	failing := testkit.Register(t, testkit.Network, service, standard.NewServeMux(decorate(0, nil)))
	chunked := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Transfer-Encoding", "chunked")
		w.WriteHeader(http.StatusTeapot)
	})
	for name, c := range map[string]call{"stream that fails": watch,
		"unary call that fails": {Header: http.Header{"Te": {"trailers"}}}} {
		cases[name] = struct {
			handler http.Handler
			call    call
			status  int
		}{failing, c, 404}
	}
	cases["handler that sets it"] = struct {
		handler http.Handler
		call    call
		status  int
	}{standard.Handler(chunked), call{}, 400}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			if found(t, c.handler, c.call) {
				t.Error("Transfer-Encoding is in the header map")
			}
		})
	}
	bare := testkit.Register(t, testkit.Network, &testkit.Service{}, runtime.NewServeMux())
	if !found(t, bare, watch) {
		t.Error("grpc-gateway does not set Transfer-Encoding, recorded is that it does")
	}
}

// sendHTTP10 sends a request of HTTP/1.0 and returns the raw response. The end of the connection ends the body.
func sendHTTP10(t *testing.T, base, request string) (string, error) {
	t.Helper()
	connection, err := net.Dial("tcp", strings.TrimPrefix(base, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = connection.Close() }()
	if _, err := io.WriteString(connection, request); err != nil {
		return "", err
	}
	response, err := io.ReadAll(connection)
	return string(response), err
}

// TestHostSpeaksHTTP10 aborts responses of HTTP/1.0. A clean end of the connection would be the end of the body, so the
// connection is reset. A body that is complete ends cleanly.
func TestHostSpeaksHTTP10(t *testing.T) {
	t.Parallel()
	service := &testkit.Service{}
	mux := testkit.Register(t, testkit.Network, service, standard.NewServeMux())
	part := func(w http.ResponseWriter) {
		_, _ = io.WriteString(w, "part")
		_ = http.NewResponseController(w).Flush()
	}
	for name, c := range map[string]struct {
		handler http.Handler
		path    string
		stream  testkit.StreamBehaviour
		whole   bool
	}{
		"download":                {mux, export.Path, testkit.Sends(2, nil), true},
		"download that fails":     {mux, export.Path, testkit.Sends(2, testkit.ErrNotFound), false},
		"download inside Handler": {standard.Handler(mux), export.Path, testkit.Sends(2, testkit.ErrNotFound), false},
		"download through recovery": {standard.Handler(testkit.Recover(mux)), export.Path,
			testkit.Sends(2, testkit.ErrNotFound), false},
		"panic of a handler": {standard.Handler(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			part(w)
			panic("broken")
		})), "/", nil, false},
		"late WriteError": {standard.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			part(w)
			standard.WriteError(w, r, testkit.ErrNotFound)
		})), "/", nil, false},
	} {
		t.Run(name, func(t *testing.T) {
			service.BehaveStream(c.stream)
			base := testkit.ServeQuietly(t, c.handler)
			response, err := sendHTTP10(t, base, "GET "+c.path+" HTTP/1.0\r\nHost: things\r\n\r\n")
			if (err == nil) != c.whole {
				t.Errorf("got %q and then %v", response, err)
			}
		})
	}
}

// TestHostClosesConnections posts a large body that nobody reads on a connection that is to be closed, as nginx does by
// default. The client reads the error, since the rest of its body is read first.
func TestHostClosesConnections(t *testing.T) {
	t.Parallel()
	mux := testkit.Register(t, testkit.InProcess, &testkit.Service{}, standard.NewServeMux())
	for name, handler := range map[string]http.Handler{"mux": mux, "Handler": standard.Handler(mux),
		"others": standard.Handler(http.NotFoundHandler())} {
		base := testkit.ServeQuietly(t, handler)
		for path, want := range map[string]string{"/nowhere": " 404 ", "/v1/things/1": " 405 ", "/v1/things": " 400 "} {
			if name == "others" {
				want = " 404 "
			}
			t.Run(name+path, func(t *testing.T) {
				for i := range 12 {
					// net/http reads 256 KiB of a connection that stays open, and then waits.
					size := (i%3*400 + 200) << 10
					header := fmt.Sprintf("POST %s HTTP/1.0\r\nHost: things\r\nConnection: close\r\n"+
						"Content-Length: %d\r\n\r\n", path, size)
					response, err := sendHTTP10(t, base, header+strings.Repeat("x", size))
					if err != nil || !strings.Contains(response, want) {
						t.Fatalf("got %.100q and then %v, want%s", response, err, want)
					}
				}
			})
		}
	}
}

// TestHostExpectsContinue posts a large body that waits for 100-continue, on a connection that is to be closed. If an
// error is decided before the body is read, the client gets it at once. If the body is refused while it is read, the
// client gets the error although it is still sending.
func TestHostExpectsContinue(t *testing.T) {
	t.Parallel()
	const size = 200 << 10
	mux := testkit.Register(t, testkit.InProcess, &testkit.Service{}, standard.NewServeMux())
	for name, handler := range map[string]http.Handler{"mux": mux, "Handler": standard.Handler(mux)} {
		address := strings.TrimPrefix(testkit.ServeQuietly(t, handler), "http://")
		for path, want := range map[string]string{"/nowhere": "404", "/v1/things": "400"} {
			t.Run(name+path, func(t *testing.T) {
				connection, err := net.Dial("tcp", address)
				if err != nil {
					t.Fatal(err)
				}
				defer func() { _ = connection.Close() }()
				_, _ = fmt.Fprintf(connection, "POST %s HTTP/1.1\r\nHost: things\r\nConnection: close\r\n"+
					"Expect: 100-continue\r\nContent-Length: %d\r\n\r\n", path, size)
				reader := bufio.NewReader(connection)
				line, err := reader.ReadString('\n')
				if strings.Contains(line, " 100 ") {
					_, _ = io.WriteString(connection, strings.Repeat("x", size))
					_, _ = reader.ReadString('\n') // an empty line
					line, err = reader.ReadString('\n')
				}
				if rest, restErr := io.ReadAll(reader); err != nil || restErr != nil || !strings.Contains(line, want) {
					t.Errorf("got %q %.300q: %v, %v", line, rest, err, restErr)
				}
			})
		}
	}
}

// TestHostLogsNothing lets streams end without a body: for HEAD, and after a service chose 204. grpc-gateway must find
// nothing to log as an error.
func TestHostLogsNothing(t *testing.T) {
	service := &testkit.Service{}
	base := bridged(t, testkit.Network, service, standard)
	for name, c := range map[string]struct {
		call   call
		stream testkit.StreamBehaviour
		status int
	}{
		"HEAD of a stream":   {call{Method: "HEAD", Path: watch.Path}, testkit.Sends(3, nil), 200},
		"HEAD of a download": {call{Method: "HEAD", Path: export.Path}, testkit.Sends(3, nil), 200},
		"204 of a stream": {watch, func(ctx context.Context, send func() error) error {
			return errors.Join(chooses(204)(ctx), send(), send())
		}, 204},
	} {
		t.Run(name, func(t *testing.T) {
			service.BehaveStream(c.stream)
			grpcErrors.reset()
			if r := c.call.To(t, base); r.Status != c.status {
				t.Errorf("responded with %d %q", r.Status, r.Body)
			}
			if got := grpcErrors.reset(); got != "" {
				t.Errorf("grpclog has the error %q", got)
			}
		})
	}
}

// TestHostCopiesFailingBody copies a body whose source fails at once, as a proxy does, and then sends an error. A
// success has not begun, so the error is documented, and a 5xx text stays hidden.
func TestHostCopiesFailingBody(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		then    func(http.ResponseWriter, *http.Request)
		status  int
		message string
	}{
		"http.Error": {func(w http.ResponseWriter,
			_ *http.Request) {
			http.Error(w, testkit.Secret, http.StatusInternalServerError)
		}, 500,
			""},
		"another status": {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) }, 400, ""},
		"WriteError": {func(w http.ResponseWriter, r *http.Request) {
			standard.WriteError(w, r, status.Error(codes.Aborted, "changed"))
		}, 409, "changed"},
		"panic": {func(http.ResponseWriter, *http.Request) { panic(testkit.Secret) }, 500, ""},
	} {
		for _, protocol := range testkit.Protocols {
			t.Run(name+" "+protocol, func(t *testing.T) {
				s := testkit.ServeOver(t, protocol,
					standard.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
						_, _ = io.Copy(w, failing{errors.New(testkit.Secret)})
						c.then(w, r)
					})))
				call{}.At(t, s).WantError(t, c.status, c.message, "")
			})
		}
	}
}
