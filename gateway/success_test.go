package gateway_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/genproto/googleapis/api/httpbody"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/statusbridge/statusbridge/gateway"
	"github.com/statusbridge/statusbridge/internal/testkit"
	"github.com/statusbridge/statusbridge/internal/testkit/testkitv1"
	"github.com/statusbridge/statusbridge/mapping"
)

// TestSuccessStatus has a service choose the status of its success. grpc-gateway without this library
// sends 200 and shows the metadata to the client.
func TestSuccessStatus(t *testing.T) {
	t.Parallel()
	const body = `{"thing":{"id":1,"name":"thing","kind":"KIND_UNSPECIFIED","sizes":[]}}`
	created := []gateway.Option{gateway.WithExtraStatuses(201, 206)}
	matchers := map[string][]runtime.ServeMuxOption{
		"default": nil, "identity": {withIdentity}, "renaming": {withPrefix}, "few": {withFew}, "one": {withOne},
	}
	for _, c := range []struct {
		name    string
		behave  testkit.Behaviour
		options []gateway.Option
		want    int
	}{
		{"nothing", nil, nil, 200},
		{"200", chooses(200), nil, 200},
		{"202", chooses(202), nil, 202},
		{"204", chooses(204), nil, 204},
		{"the last of several", chooses(204, 202), nil, 202},
		{"the last of several is 200", chooses(204, 200), nil, 200},
		{"201 allowed", testkit.Claim(201), created, 201},
		{"206 allowed", testkit.Claim(206), created, 206},
		{"201 not allowed", testkit.Claim(201), nil, 200},
		{"203 not allowed", testkit.Claim(203), created, 200},
		{"error", testkit.Claim(404), nil, 200},
		{"allowed error", testkit.Claim(418), []gateway.Option{gateway.WithExtraStatuses(418)}, 200},
		{"redirection", testkit.Claim(302), nil, 200},
		{"informational", testkit.Claim(103), nil, 200},
		{"zero", testkit.Claim(0), nil, 200},
		{"negative", testkit.Claim(-202), nil, 200},
		{"too large", testkit.Claim(1000), nil, 200},
		{"overflow", testkit.Claims("9223372036854775808"), nil, 200},
		{"a word", testkit.Claims("Accepted"), nil, 200},
		{"empty", testkit.Claims(""), nil, 200},
		{"spaced", testkit.Claims("202 Accepted"), nil, 200},
	} {
		for matcher, mux := range matchers {
			for _, transport := range testkit.Transports {
				t.Run(fmt.Sprint(c.name, " ", matcher, " ", transport), func(t *testing.T) {
					service := &testkit.Service{}
					service.Behave(c.behave)
					for _, length := range [][]runtime.ServeMuxOption{nil, {runtime.WithWriteContentLength()}} {
						options := slices.Concat(mux, length)
						for _, header := range []http.Header{{}, {"Te": {"trailers"}}} {
							wantSuccess(t, call{Header: header}.To(t,
								bridged(t, transport, service, gateway.New(c.options...), options...)), c.want, body)
						}
					}
				})
			}
		}
	}
}

func wantSuccess(t *testing.T, r testkit.Response, httpStatus int, body string) {
	t.Helper()
	if httpStatus == http.StatusNoContent {
		body = ""
		for _, name := range []string{"Content-Type", "Content-Length", "Trailer"} {
			if got, ok := r.Header[name]; ok {
				t.Errorf("a 204 has %s %q", name, got)
			}
		}
		if len(r.TransferEncoding) > 0 {
			t.Errorf("a 204 has the transfer coding %q", r.TransferEncoding)
		}
	}
	// protojson adds spaces in some builds. The values contain none.
	if got := strings.ReplaceAll(r.Body, " ", ""); r.Status != httpStatus || got != body {
		t.Errorf("responded with %d %q, want %d %q", r.Status, got, httpStatus, body)
	}
	if err := testkit.Leak(r.Header); err != nil {
		t.Error(err)
	}
	for name, values := range r.Header {
		for _, value := range values {
			if name != "Content-Length" && (value == fmt.Sprint(httpStatus) || value == "202") {
				t.Errorf("the control metadata sent as %s: %q", name, value)
			}
		}
	}
}

// TestSuccessStatusOverEachProtocol chooses statuses for methods with and without a body, and for raw bytes.
func TestSuccessStatusOverEachProtocol(t *testing.T) {
	t.Parallel()
	for _, protocol := range testkit.Protocols {
		for _, transport := range testkit.Transports {
			for _, httpStatus := range []int{200, 202, 204} {
				for _, c := range []call{
					{},
					{Path: "/v1/things/1/name"},
					{Path: "/v1/things/1/download"},
					{Method: "DELETE"},
					{Method: "POST", Path: "/v1/things", Body: "{}"},
					{Method: "PURGE", Path: "/v1/things/1/cache"},
				} {
					t.Run(fmt.Sprint(protocol, " ", transport, " ", httpStatus, " ", c.Method, c.Path),
						func(t *testing.T) {
							service := &testkit.Service{}
							service.Behave(chooses(httpStatus))
							r := c.At(t, testkit.ServeOver(t, protocol,
								testkit.Register(t, transport, service, standard.NewServeMux())))
							if r.Status != httpStatus || (r.Body == "") != (httpStatus == 204) {
								t.Errorf("responded with %d %q", r.Status, r.Body)
							}
							if typed := r.Header["Content-Type"] != nil; typed == (httpStatus == 204) {
								t.Errorf("the content type is %q", r.Header["Content-Type"])
							}
							if err := testkit.Leak(r.Header); err != nil {
								t.Error(err)
							}
						})
				}
			}
		}
	}
}

// TestSuccessStatusThenError chooses a success and then fails. The error's status counts.
func TestSuccessStatusThenError(t *testing.T) {
	t.Parallel()
	for _, httpStatus := range []int{200, 202, 204} {
		for matcher, options := range map[string][]runtime.ServeMuxOption{"default": nil, "identity": {withIdentity},
			"one": {withOne}} {
			for _, transport := range testkit.Transports {
				t.Run(fmt.Sprint(httpStatus, " ", matcher, " ", transport), func(t *testing.T) {
					service := &testkit.Service{}
					service.Behave(func(ctx context.Context) error {
						return errors.Join(chooses(httpStatus)(ctx), testkit.ErrNotFound)
					})
					r := call{}.To(t, bridged(t, transport, service, standard, options...))
					if err := r.ErrorDefect(); err != nil || r.Status != 404 {
						t.Errorf("responded with %d: %v", r.Status, err)
					}
					if r.Header["X-Backend"] != nil {
						t.Errorf("the control metadata was sent: %v", r.Header)
					}
				})
			}
		}
	}
}

// TestSuccessStatusWithoutLibrary records what grpc-gateway sends without this library.
func TestSuccessStatusWithoutLibrary(t *testing.T) {
	t.Parallel()
	for _, transport := range testkit.Transports {
		service := &testkit.Service{}
		service.Behave(chooses(202))
		base := bare(t, transport, service)
		if r := (call{}).To(t, base); r.Status != 200 || testkit.Leak(r.Header) == nil {
			t.Errorf("%s: grpc-gateway sends %d %v, recorded is 200 with the control metadata", transport, r.Status,
				r.Header)
		}
		service.Behave(testkit.Fails(status.Error(codes.NotFound, "no such thing")))
		if r := (call{}).To(t, base); r.Status != 404 || parsed(r.Body) {
			t.Errorf("%s: grpc-gateway sends %d %s, recorded is another body than ours", transport, r.Status, r.Body)
		}
	}
}

func parsed(body string) bool {
	_, err := testkit.ParseErrorBody(body)
	return err == nil
}

// TestSuccessStatusOnEachRoute sends a success on each kind of route.
func TestSuccessStatusOnEachRoute(t *testing.T) {
	t.Parallel()
	for _, arrangement := range slices.Sorted(maps.Keys(arrangements)) {
		for _, protocol := range testkit.Protocols {
			service := &testkit.Service{}
			for _, route := range routes {
				s := testkit.ServeOver(t, protocol, testkit.Register(t, route.transport, service,
					arrangements[arrangement]()))
				for _, chosen := range []int{0, 200, 202, 204} {
					service.Behave(nil)
					want := 200
					if route.name == "a declared success" {
						want = 202
					}
					if chosen != 0 {
						service.Behave(chooses(chosen))
						want = chosen
					}
					r := route.call.At(t, s)
					if r.Status != want || (r.Body == "") != (want == 204) || testkit.Leak(r.Header) != nil {
						t.Errorf("%s %s %s, bridge %s, %d chosen: responded with %d %q %v", protocol, route.transport,
							route.name,
							arrangement, chosen, r.Status, r.Body, r.Header)
					}
				}
			}
		}
	}
}

// TestSuccessStatusInAccessLog tells an access log inside the bridge the status that the client gets.
func TestSuccessStatusInAccessLog(t *testing.T) {
	t.Parallel()
	for _, httpStatus := range []int{202, 204} {
		for _, transport := range testkit.Transports {
			t.Run(fmt.Sprint(httpStatus, " ", transport), func(t *testing.T) {
				var log *testkit.LogWriter
				service := &testkit.Service{}
				service.Behave(chooses(httpStatus))
				base := bridged(t, transport, service, standard,
					runtime.WithMiddlewares(func(next runtime.HandlerFunc) runtime.HandlerFunc {
						return func(w http.ResponseWriter, r *http.Request, params map[string]string) {
							log = &testkit.LogWriter{ResponseWriter: w}
							next(log, r, params)
						}
					}))
				if r := (call{}).To(t, base); r.Status != httpStatus || log.Status != httpStatus {
					t.Errorf("responded with %d, and the log says %d", r.Status, log.Status)
				}
				log = nil
				if r := (call{Path: "/nowhere"}).To(t, base); r.Status != 404 || log != nil {
					t.Errorf("middleware of the mux sees a request without a route: %d", r.Status)
				}
			})
		}
	}
}

// TestSuccessStatusBeforePrefix has a forward response option write the first bytes of a body, as a guard against
// JSON hijacking does. The chosen status is sent with them.
func TestSuccessStatusBeforePrefix(t *testing.T) {
	t.Parallel()
	prefix := runtime.WithForwardResponseOption(writes(")]}',\n"))
	for _, transport := range testkit.Transports {
		{
			for _, matcher := range []runtime.ServeMuxOption{withIdentity, withPrefix} {
				t.Run(string(transport), func(t *testing.T) {
					service := &testkit.Service{}
					service.Behave(testkit.Sets(backendHeader, nil, nil))
					r := call{}.To(t, bridged(t, transport, service, standard, prefix, matcher))
					if r.Status != 202 || !strings.HasPrefix(r.Body, ")]}',\n{") {
						t.Errorf("responded with %d %q", r.Status, r.Body)
					}
					if err := testkit.Leak(r.Header); err != nil {
						t.Error(err)
					}
				})
			}
		}
	}
}

// contentful are ways in which a success gets a body, all of which a 204 goes without.
var contentful = []call{
	{Method: "GET", Path: "/v1/things/1"}, {Method: "GET", Path: "/v1/things/1/name"}, {Method: "GET",
		Path: "/v1/things/1/download"},
	{Method: "DELETE", Path: "/v1/things/1"}, suspend, {Method: "GET", Path: watch.Path}, {Method: "GET",
		Path: export.Path},
	{Method: "GET", Path: "/v1/things/1", Header: http.Header{"Te": {"trailers"}}},
}

// embellished are options that describe a body, or write more of it.
var embellished = map[string][]runtime.ServeMuxOption{
	"none": nil, "length": {runtime.WithWriteContentLength()}, "headers": {decorate(0, nil)},
	"no chunks": {runtime.WithDisableChunkedEncoding()},
	"a prefix":  {runtime.WithForwardResponseOption(writes(")]}'"))},
}

// TestNoContentOverHTTP1 reads the wire of a 204: its header, and then at once the next response.
func TestNoContentOverHTTP1(t *testing.T) {
	t.Parallel()
	for _, c := range contentful {
		for name, options := range embellished {
			t.Run(fmt.Sprint(c.Method, c.Path, " ", name, " ", c.Header), func(t *testing.T) {
				service := &testkit.Service{}
				service.Behave(chooses(204))
				server := httptest.NewServer(testkit.Register(t, testkit.Network, service,
					standard.NewServeMux(options...)))
				t.Cleanup(server.Close)
				connection, err := net.Dial("tcp", server.Listener.Addr().String())
				if err != nil {
					t.Fatal(err)
				}
				defer func() { _ = connection.Close() }()
				_, err = fmt.Fprintf(connection,
					"%s %s HTTP/1.1\r\nHost: things\r\nTE: %s\r\nContent-Length: %d\r\n\r\n%s"+
						"GET /nowhere HTTP/1.1\r\nHost: things\r\nConnection: close\r\n\r\n",
					c.Method, c.Path, c.Header.Get("Te"), len(c.Body), c.Body)
				if err != nil {
					t.Fatal(err)
				}
				wire, err := io.ReadAll(connection)
				if err != nil {
					t.Fatal(err)
				}
				header, rest, _ := strings.Cut(string(wire), "\r\n\r\n")
				if !strings.HasPrefix(header, "HTTP/1.1 204 No Content\r\n") ||
					!strings.HasPrefix(rest, "HTTP/1.1 404 ") {
					t.Errorf("on the wire is %q", wire)
				}
				for _, name := range []string{"content-type", "content-length", "content-encoding",
					"transfer-encoding", "trailer"} {
					if strings.Contains(strings.ToLower(header), "\r\n"+name+":") {
						t.Errorf("a 204 has %q", header)
					}
				}
			})
		}
	}
}

// TestNoContentOverHTTP2 wants the stream of a 204 to end with its header. An empty DATA frame would be a body.
func TestNoContentOverHTTP2(t *testing.T) {
	t.Parallel()
	for _, c := range contentful {
		for name, options := range embellished {
			t.Run(fmt.Sprint(c.Method, c.Path, " ", name, " ", c.Header), func(t *testing.T) {
				service := &testkit.Service{}
				service.Behave(chooses(204))
				s := testkit.ServeOver(t, "HTTP/2", testkit.Register(t, testkit.Network, service,
					standard.NewServeMux(options...)))
				response, body := c.Follow(t.Context(), t, s)
				if rest, err := io.ReadAll(body); err != nil || len(rest) > 0 {
					t.Errorf("the body is %q: %v", rest, err)
				}
				// net/http gives a length of zero without a Content-Length only to a header that ends its stream.
				if response.StatusCode != http.StatusNoContent || response.Header["Content-Length"] != nil ||
					response.ContentLength != 0 {
					t.Errorf("responded with %d with a length of %d, %v", response.StatusCode, response.ContentLength,
						response.Header)
				}
			})
		}
	}
}

// TestNoContentOfStream ends a stream whose service chose a 204, since nobody reads it.
func TestNoContentOfStream(t *testing.T) {
	t.Parallel()
	for _, protocol := range testkit.Protocols {
		t.Run(protocol, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), testkit.Patience)
			defer cancel()
			service := &testkit.Service{}
			s := testkit.ServeOver(t, protocol, testkit.Register(t, testkit.Network, service,
				standard.NewServeMux()))
			ended := make(chan struct{})
			service.BehaveStream(func(ctx context.Context, send func() error) error {
				if err := mapping.SetHTTPStatus(ctx, 204); err != nil {
					return err
				}
				return testkit.Endless(t.Context(), 1, ended)(ctx, send)
			})
			response, _ := watch.Follow(ctx, t, s)
			if response.StatusCode != http.StatusNoContent {
				t.Errorf("responded with %d", response.StatusCode)
			}
			wantEnd(t, ended)
		})
	}
}

// TestNoContentThenFlush has middleware that wraps the writer flush a response without a body.
func TestNoContentThenFlush(t *testing.T) {
	t.Parallel()
	for _, c := range []call{{}, {Method: "HEAD"}, {Method: "DELETE"}} {
		flushed := make(chan error, 1)
		service := &testkit.Service{}
		service.Behave(chooses(204))
		base := bridged(t, testkit.InProcess, service, standard,
			runtime.WithMiddlewares(func(next runtime.HandlerFunc) runtime.HandlerFunc {
				return func(w http.ResponseWriter, r *http.Request, params map[string]string) {
					next(&testkit.LogWriter{ResponseWriter: w}, r, params)
					flushed <- http.NewResponseController(w).Flush()
				}
			}))
		r := c.To(t, base)
		if err := <-flushed; r.Status != http.StatusNoContent || err != nil {
			t.Errorf("%s is responded with %d, and flushed: %v", c.Method, r.Status, err)
		}
	}
}

// download is a service that sends a body with any Content-Type.
type download struct {
	testkit.Service
	contentType string
}

func (d *download) Download(context.Context, *testkitv1.DownloadRequest) (*httpbody.HttpBody, error) {
	return &httpbody.HttpBody{ContentType: d.contentType, Data: []byte("bytes")}, nil
}

// TestSuccessContentType sends a google.api.HttpBody. A Content-Type that is not a header value is not sent.
func TestSuccessContentType(t *testing.T) {
	t.Parallel()
	for sent, want := range map[string]string{
		"text/csv": "text/csv", "text/csv\r\nX-Injected: yes": "application/octet-stream",
		"a\x00": "application/octet-stream",
	} {
		mux := standard.NewServeMux()
		err := testkitv1.RegisterThingServiceHandlerServer(t.Context(), mux, &download{contentType: sent})
		if err != nil {
			t.Fatal(err)
		}
		r := call{Path: "/v1/things/1/download"}.To(t, testkit.Serve(t, mux))
		if got := r.Header.Get("Content-Type"); r.Status != 200 || got != want || r.Body != "bytes" {
			t.Errorf("%q: responded with %d %q %q", sent, r.Status, got, r.Body)
		}
	}
}
