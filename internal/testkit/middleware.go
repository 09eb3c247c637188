package testkit

import (
	"bufio"
	"compress/gzip"
	"net/http"
)

// LogWriter is the writer of a typical access log: it records the status and can be unwrapped.
type LogWriter struct {
	http.ResponseWriter
	Status  int
	Written int
}

// WriteHeader records the status and passes it on.
func (w *LogWriter) WriteHeader(httpStatus int) {
	w.Status = httpStatus
	w.ResponseWriter.WriteHeader(httpStatus)
}

func (w *LogWriter) Write(p []byte) (int, error) {
	n, err := w.ResponseWriter.Write(p)
	w.Written += n
	return n, err
}

// Unwrap returns the wrapped writer, as http.ResponseController expects.
func (w *LogWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// HoldWriter buffers a response until Release, like middleware that caches. It cannot be flushed.
type HoldWriter struct {
	http.ResponseWriter
	status int
	body   []byte
	wrote  bool
}

// WriteHeader keeps the status. Informational statuses, and those that net/http refuses, are passed on.
func (w *HoldWriter) WriteHeader(httpStatus int) {
	switch {
	case w.wrote:
	case httpStatus < 200 || httpStatus > 999:
		w.ResponseWriter.WriteHeader(httpStatus)
	default:
		w.status = httpStatus
	}
}

func (w *HoldWriter) Write(p []byte) (int, error) {
	w.wrote = true
	w.body = append(w.body, p...)
	return len(p), nil
}

// Release writes the response that was kept.
func (w *HoldWriter) Release() {
	if w.status != 0 {
		w.ResponseWriter.WriteHeader(w.status)
	}
	if w.wrote {
		_, _ = w.ResponseWriter.Write(w.body)
	}
}

// GzipWriter compresses as careful middleware does. It decides at the first byte, passes flushes on, and deletes the
// length of a body that it changes.
type GzipWriter struct {
	http.ResponseWriter
	zip *gzip.Writer
}

// WriteHeader announces the encoding for a status that may have a body.
func (w *GzipWriter) WriteHeader(httpStatus int) {
	if httpStatus >= 200 && httpStatus != http.StatusNoContent {
		w.start()
	}
	w.ResponseWriter.WriteHeader(httpStatus)
}

func (w *GzipWriter) start() {
	if w.zip == nil {
		w.Header().Set("Content-Encoding", "gzip")
		w.Header().Del("Content-Length")
		w.zip = gzip.NewWriter(w.ResponseWriter)
	}
}

func (w *GzipWriter) Write(p []byte) (int, error) {
	w.start()
	return w.zip.Write(p)
}

// FlushError flushes the compressor and then the wrapped writer.
func (w *GzipWriter) FlushError() error {
	w.start()
	if err := w.zip.Flush(); err != nil {
		return err
	}
	return http.NewResponseController(w.ResponseWriter).Flush()
}

// Close ends the compressed body, if there is one.
func (w *GzipWriter) Close() {
	if w.zip != nil {
		_ = w.zip.Close()
	}
}

// EagerGzipWriter compresses as careless middleware does. It announces the encoding before it knows the response, and
// it can be neither flushed nor unwrapped.
type EagerGzipWriter struct {
	http.ResponseWriter
	zip *gzip.Writer
}

// NewEagerGzipWriter announces the encoding. Close must be called after the response.
func NewEagerGzipWriter(w http.ResponseWriter) EagerGzipWriter {
	w.Header().Set("Content-Encoding", "gzip")
	return EagerGzipWriter{w, gzip.NewWriter(w)}
}

// WriteHeader deletes the length of the uncompressed body.
func (w EagerGzipWriter) WriteHeader(httpStatus int) {
	w.Header().Del("Content-Length")
	w.ResponseWriter.WriteHeader(httpStatus)
}

func (w EagerGzipWriter) Write(p []byte) (int, error) { return w.zip.Write(p) }

// Close ends the compressed body.
func (w EagerGzipWriter) Close() { _ = w.zip.Close() }

// Compress is middleware with an EagerGzipWriter.
func Compress(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		zipped := NewEagerGzipWriter(w)
		defer zipped.Close()
		next.ServeHTTP(zipped, r)
	})
}

// BufferWriter buffers bytes until it is flushed.
type BufferWriter struct {
	http.ResponseWriter
	buffer *bufio.Writer
}

// NewBufferWriter wraps a writer.
func NewBufferWriter(w http.ResponseWriter) *BufferWriter {
	return &BufferWriter{w, bufio.NewWriter(w)}
}

func (w *BufferWriter) Write(p []byte) (int, error) { return w.buffer.Write(p) }

// FlushError flushes the buffer and then the wrapped writer.
func (w *BufferWriter) FlushError() error {
	if err := w.buffer.Flush(); err != nil {
		return err
	}
	return http.NewResponseController(w.ResponseWriter).Flush()
}

// Close writes the rest of the buffer.
func (w *BufferWriter) Close() { _ = w.buffer.Flush() }

// Recover is middleware that recovers every panic, http.ErrAbortHandler too, as many frameworks do.
func Recover(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			if v := recover(); v != nil {
				w.WriteHeader(http.StatusInternalServerError)
			}
		}()
		next.ServeHTTP(w, r)
	})
}
