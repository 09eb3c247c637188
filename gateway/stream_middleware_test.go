package gateway_test

import (
	"bufio"
	"compress/gzip"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/statusbridge/statusbridge/gateway"
	"github.com/statusbridge/statusbridge/internal/probe"
)

// gzipWriter compresses as careful middleware does: it decides at the first byte, passes flushes on, and takes back the
// length of what it changes.
type gzipWriter struct {
	http.ResponseWriter
	zip *gzip.Writer
}

func (w *gzipWriter) WriteHeader(httpStatus int) {
	if httpStatus >= 200 && httpStatus != http.StatusNoContent {
		w.start()
	}
	w.ResponseWriter.WriteHeader(httpStatus)
}

func (w *gzipWriter) start() {
	if w.zip == nil {
		w.Header().Set("Content-Encoding", "gzip")
		w.Header().Del("Content-Length")
		w.zip = gzip.NewWriter(w.ResponseWriter)
	}
}

func (w *gzipWriter) Write(p []byte) (int, error) {
	w.start()
	return w.zip.Write(p)
}

func (w *gzipWriter) FlushError() error {
	w.start()
	if err := w.zip.Flush(); err != nil {
		return err
	}
	return http.NewResponseController(w.ResponseWriter).Flush()
}

func (w *gzipWriter) close() {
	if w.zip != nil {
		_ = w.zip.Close()
	}
}

// bufferWriter holds bytes back until it is flushed.
type bufferWriter struct {
	http.ResponseWriter
	buffer *bufio.Writer
}

func (w *bufferWriter) Write(p []byte) (int, error) { return w.buffer.Write(p) }

func (w *bufferWriter) FlushError() error {
	if err := w.buffer.Flush(); err != nil {
		return err
	}
	return http.NewResponseController(w.ResponseWriter).Flush()
}

var (
	withGzip = runtime.WithMiddlewares(func(next runtime.HandlerFunc) runtime.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request, params map[string]string) {
			zipped := &gzipWriter{ResponseWriter: w}
			defer zipped.close()
			next(zipped, r, params)
		}
	})
	withBuffer = runtime.WithMiddlewares(func(next runtime.HandlerFunc) runtime.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request, params map[string]string) {
			buffered := &bufferWriter{w, bufio.NewWriter(w)}
			defer buffered.buffer.Flush() //nolint:errcheck // the client has gone
			next(buffered, r, params)
		}
	})
)

// TestStreamMiddleware has middleware change what is written, between the bridge and grpc-gateway or around both. A
// client that undoes the change reads the documented answer: a success, an error before the first message, and one
// after it.
func TestStreamMiddleware(t *testing.T) {
	for name, middleware := range map[string]runtime.ServeMuxOption{"gzip": withGzip, "a buffer": withBuffer} {
		for order, options := range map[string][]runtime.ServeMuxOption{
			"inside": {probe.Bridge(gateway.New()), middleware}, "outside": {middleware, probe.Bridge(gateway.New())},
		} {
			for protocol := range protocols {
				for before := range 3 {
					for _, err := range []error{nil, status.Error(codes.Aborted, "changed")} {
						t.Run(fmt.Sprint(name, " ", order, " ", protocol, " ", before, " ", err != nil), func(t *testing.T) {
							service := &probe.Service{}
							service.BehaveStream(sends(before, err))
							s := serveOver(t, protocol, probe.Mux(t, probe.Network, service, options...))
							// The client asks for gzip by itself, and undoes it.
							response, reader := watch.follow(t.Context(), t, s)
							body, failure := io.ReadAll(reader)
							if failure != nil {
								t.Fatalf("the answer cannot be read: %v after %q", failure, body)
							}
							if before == 0 && err != nil {
								if want := `{"code":409,"message":"changed"}`; response.StatusCode != http.StatusConflict || string(body) != want {
									t.Errorf("answered %d %q, want %s", response.StatusCode, body, want)
								}
								return
							}
							got := strings.SplitAfter(string(body), "\n")
							want := before + 1
							if err != nil {
								want++
							}
							if response.StatusCode != http.StatusOK || len(got) != want || got[len(got)-1] != "" {
								t.Fatalf("answered %d %q", response.StatusCode, got)
							}
							for i := range before {
								wantMessage(t, got[i], i+1)
							}
							if err != nil {
								wantChunk(t, got[before], errorBody{409, "changed", ""})
							}
						})
					}
				}
			}
		}
	}
}

// TestStreamLog is an access log inside of the bridge. It is told of the status that the client gets, for an error of a
// stream as for any other.
func TestStreamLog(t *testing.T) {
	for _, route := range routes {
		var log *loggingWriter
		service := &probe.Service{}
		service.Behave(fails(errNotFound))
		mux := probe.Mux(t, route.transport, service, probe.Bridge(gateway.New()), runtime.WithMiddlewares(func(next runtime.HandlerFunc) runtime.HandlerFunc {
			return func(w http.ResponseWriter, r *http.Request, params map[string]string) {
				log = &loggingWriter{ResponseWriter: w}
				next(log, r, params)
			}
		}))
		server := serveMux(t, mux)
		if r := route.call.to(t, server); r.status != log.status {
			t.Errorf("%s: answered %d, and the log says %d", route.name, r.status, log.status)
		}
	}
}
