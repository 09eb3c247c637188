package mapping

import (
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
)

const (
	// bodyLimit is how much of an answer's body is read.
	bodyLimit = 64 << 10
	// emptyReads is how many reads in a row may return nothing, before the body counts as one that never will.
	emptyReads = 100
)

// readBody reads what it may of the body. The error says why there is no more of it; what was read is still good for a
// log. A body may be one that nobody wrote with care: its reads may block, return nothing, and panic.
func readBody(response *http.Response) ([]byte, error) {
	if response.Body == nil {
		return nil, nil
	}
	// The response is the caller's again after the return, which a read that hangs may outlive.
	r := &bodyReader{ctx: contextOf(response), source: response.Body, coding: response.Header.Get("Content-Encoding")}
	if r.ctx.Done() == nil {
		err := r.read()
		return r.soFar(), err
	}
	done := make(chan error, 1)
	go func() { done <- r.read() }()
	select {
	case err := <-done:
		return r.soFar(), err
	case <-r.ctx.Done():
		return r.soFar(), r.ctx.Err()
	}
}

// bodyReader reads a body that may outlive the wait for it.
type bodyReader struct {
	ctx    context.Context
	source io.Reader
	coding string
	taken  atomic.Pointer[[]byte]
}

// soFar is what has been read. Later reads only add behind it.
func (r *bodyReader) soFar() []byte {
	if body := r.taken.Load(); body != nil {
		return *body
	}
	return nil
}

func (r *bodyReader) read() (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("reading the body panicked: %v", v)
		}
	}()
	source := r.source
	switch coding := strings.ToLower(r.coding); coding {
	case "", "identity":
	case "gzip", "x-gzip":
		// net/http decodes what it asked for itself; this is for those who asked themselves. What is coded is bounded
		// too: it may decode to nothing without end.
		source, err = gzip.NewReader(io.LimitReader(r.source, bodyLimit))
		if err != nil {
			return err
		}
	default:
		return fmt.Errorf("the body is coded as %q", coding)
	}
	return r.readFrom(source)
}

// readFrom is io.ReadAll with an end: that of the limit, of the context, and of the patience with empty reads.
func (r *bodyReader) readFrom(source io.Reader) error {
	body := make([]byte, 0, 512)
	for empty := 0; empty < emptyReads; empty++ {
		if err := r.ctx.Err(); err != nil {
			return err
		}
		if len(body) == cap(body) {
			body = append(body, 0)[:len(body)]
		}
		n, err := source.Read(body[len(body):min(cap(body), bodyLimit+1)])
		body = body[:len(body)+n]
		if n > 0 {
			empty = 0
			taken := body[:min(len(body), bodyLimit)]
			r.taken.Store(&taken)
		}
		switch {
		case len(body) > bodyLimit:
			return fmt.Errorf("the body is longer than %d bytes", bodyLimit)
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		}
	}
	return io.ErrNoProgress
}
