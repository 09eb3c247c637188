package interop

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/NYTimes/gziphandler"
	chimiddleware "github.com/go-chi/chi/v5/middleware"
	"github.com/gorilla/handlers"
	"github.com/klauspost/compress/gzhttp"
	"github.com/labstack/echo/v4"
	echomiddleware "github.com/labstack/echo/v4/middleware"

	"github.com/statusbridge/statusbridge/gateway"
)

// compressors are what users put before their handlers to compress responses.
var compressors = map[string]func(http.Handler) http.Handler{
	"klauspost": func(h http.Handler) http.Handler { return gzhttp.GzipHandler(h) },
	"NYTimes":   gziphandler.GzipHandler,
	"gorilla":   handlers.CompressHandler,
	"chi":       chimiddleware.Compress(5),
	"echo": func(h http.Handler) http.Handler {
		e := echo.New()
		e.Use(echomiddleware.Gzip())
		e.Any("/*", echo.WrapHandler(h))
		return e
	},
	"copied": copied,
}

// copied is the middleware that many projects have copied from one another. It announces gzip before it knows the
// response, and never deletes Content-Length.
func copied(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
			next.ServeHTTP(w, r)
			return
		}
		w.Header().Set("Content-Encoding", "gzip")
		gz := gzip.NewWriter(w)
		defer func() { _ = gz.Close() }()
		next.ServeHTTP(copiedWriter{Writer: gz, ResponseWriter: w}, r)
	})
}

type copiedWriter struct {
	io.Writer
	http.ResponseWriter
}

func (w copiedWriter) Write(p []byte) (int, error) { return w.Writer.Write(p) }

// TestCompress runs compressing middleware before the mux, inside Handler and around it.
func TestCompress(t *testing.T) {
	bridge := gateway.New()
	m := newMux(t, bridge)
	for name, compress := range compressors {
		for place, h := range map[string]http.Handler{
			"before the mux": compress(m),
			"inside Handler": bridge.Handler(compress(m)),
			"around Handler": compress(bridge.Handler(m)),
		} {
			t.Run(name+"/"+place, func(t *testing.T) {
				url := serve(t, h)
				c := newCaller(t)
				for _, encoding := range []string{"gzip", "identity"} {
					for _, httpStatus := range documented {
						if httpStatus == http.StatusNoContent && name == "copied" {
							continue // it writes the end of a gzip stream into a 204
						}
						r := c.get(t, url+thingPath(httpStatus), "Accept-Encoding", encoding)
						check(t, decompressed(t, r), httpStatus)
					}
					missing := c.get(t, url+"/nowhere", "Accept-Encoding", encoding)
					check(t, decompressed(t, missing), http.StatusNotFound)
					stream := decompressed(t, c.get(t, url+watchPath(3200), "Accept-Encoding", encoding))
					// The copied middleware hides Flush, so grpc-gateway ends the stream after the first message.
					if name != "copied" && bytes.Count(stream.body, []byte(`"sequence"`)) != 3 {
						t.Errorf("a stream: %v", stream)
					}
					late := decompressed(t, c.get(t, url+watchPath(3409), "Accept-Encoding", encoding))
					if late.err == nil && !bytes.HasSuffix(bytes.TrimSpace(late.body), []byte(`"}}`)) {
						t.Errorf("a stream that fails later is neither broken nor ends in an error: %v", late)
					}
				}
			})
		}
	}
}

// decompressed returns a response as a client with gzip reads it.
func decompressed(t *testing.T, r reply) reply {
	t.Helper()
	if r.header.Get("Content-Encoding") != "gzip" || len(r.body) == 0 {
		return r
	}
	reader, err := gzip.NewReader(bytes.NewReader(r.body))
	if err != nil {
		r.err = err
		return r
	}
	body, err := io.ReadAll(reader)
	if r.err == nil {
		r.err = err
	}
	r.body = body
	r.header = r.header.Clone()
	r.header.Del("Content-Encoding")
	r.header.Del("Content-Length")
	return r
}
