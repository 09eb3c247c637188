package gateway_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"

	"github.com/statusbridge/statusbridge/internal/testkit"
	"github.com/statusbridge/statusbridge/mapping"
)

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
	"no chunks": {runtime.WithDisableChunkedEncoding()}, "a prefix": {runtime.WithForwardResponseOption(writes(")]}'"))},
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
