package interop

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

func (f *front) statuses(t *testing.T) string {
	var failures []string
	for _, httpStatus := range documented {
		r := f.http1.get(t, f.url+thingPath(httpStatus))
		if difference := wrong(r, httpStatus, http.MethodGet); difference != "" {
			failures = append(failures, fmt.Sprintf("%d: %s", httpStatus, difference))
		}
	}
	return outcome(failures)
}

func (f *front) heads(t *testing.T) string {
	var failures []string
	for _, httpStatus := range documented {
		r := f.http1.send(t, http.MethodHead, f.url+thingPath(httpStatus), nil)
		if difference := wrong(r, httpStatus, http.MethodHead); difference != "" {
			failures = append(failures, fmt.Sprintf("%d: %s", httpStatus, difference))
		}
	}
	return outcome(failures)
}

func (f *front) escaped(t *testing.T) string {
	f.target.Store("")
	r := f.http1.get(t, f.url+"/v1/things/a%2Fb")
	if target := f.target.Load(); target != "/v1/things/a%2Fb" {
		return fmt.Sprintf("%d, %v", r.status, target)
	}
	return asSent
}

func outcome(failures []string) string {
	if len(failures) == 0 {
		return asSent
	}
	return strings.Join(failures, "; ")
}

// unread sends a hundred requests whose bodies the gateway refuses before it has read them.
func unread(size int) func(*front, *testing.T) string {
	return func(f *front, t *testing.T) string {
		var failed atomic.Int64
		var group sync.WaitGroup
		var first atomic.Pointer[string]
		const total, workers = 100, 5
		for worker := range workers {
			group.Go(func() {
				for i := worker; i < total; i += workers {
					request := refusedPosts[i%len(refusedPosts)]
					body := strings.NewReader(request.start + strings.Repeat("x", size))
					r := f.http1.send(t, http.MethodPost, f.url+request.path, body, "Content-Type", "application/json")
					if difference := wrong(r, request.httpStatus, http.MethodPost); difference != "" {
						failed.Add(1)
						text := fmt.Sprintf("%s: %v", difference, r)
						first.CompareAndSwap(nil, &text)
					}
				}
			})
		}
		group.Wait()
		if failed.Load() == 0 {
			return asSent
		}
		t.Logf("%d bytes: %d of %d lost, one of them: %s", size, failed.Load(), total, *first.Load())
		if failed.Load() == total {
			return lost
		}
		return someLost
	}
}

func (f *front) streams(t *testing.T) string { return f.stream(t, "identity") }

func (f *front) streamsGzip(t *testing.T) string { return f.stream(t, "gzip") }

// stream reads three messages of a stream that then waits. A proxy that buffers does not show them.
func (f *front) stream(t *testing.T, encoding string) string {
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, f.url+watchPath(3000+slow), http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Accept-Encoding", encoding)
	response, err := f.http1.client.Do(request)
	if err != nil {
		return heldBack
	}
	defer response.Body.Close()
	var body io.Reader = response.Body
	if response.Header.Get("Content-Encoding") == "gzip" {
		if body, err = gzip.NewReader(response.Body); err != nil {
			return heldBack
		}
	}
	lines := bufio.NewScanner(body)
	for range 3 {
		if !lines.Scan() {
			return heldBack
		}
	}
	return atOnce
}

func (f *front) lateError(t *testing.T) string {
	r := f.http1.get(t, f.url+watchPath(3409))
	lines := bytes.Split(bytes.TrimSpace(r.body), []byte("\n"))
	if r.err != nil || r.status != http.StatusOK || len(lines) != 4 ||
		!bytes.HasPrefix(lines[3], []byte(`{"error":{"code":409,`)) {
		return r.String()
	}
	return "ends in an error"
}

func (f *front) download(t *testing.T) string {
	if r := f.http1.get(t, f.url+exportPath(16200)); r.err != nil || !bytes.Equal(r.body, export(16)) {
		return r.String()
	}
	return asSent
}

// aborted downloads a file that fails after some messages. Only a break tells the client that the file is not whole.
func aborted(messages int, http2 bool) func(*front, *testing.T) string {
	return func(f *front, t *testing.T) string {
		c, url := f.http1, f.url
		if http2 {
			c, url = f.http2, f.url2
		}
		r := c.get(t, url+exportPath(messages*1000+409))
		switch {
		case r.status != http.StatusOK && r.status != 0:
			return fmt.Sprintf("a %d", r.status)
		case bytes.Contains(r.body, []byte("<html")) || bytes.Contains(r.body, []byte("<!DOCTYPE")):
			return htmlAdded
		case r.err != nil:
			return broken
		}
		return complete
	}
}

// keepAlive sends forty requests, half of which fail.
func (f *front) keepAlive(t *testing.T) string {
	before := f.connections.Load()
	for i := range 40 {
		f.http1.get(t, f.url+thingPath([]int{200, 409}[i%2]))
	}
	if f.connections.Load()-before > 20 {
		return oneEach
	}
	return kept
}

func (f *front) caching(t *testing.T) string {
	before := f.requests.Load()
	for range 2 {
		if r := f.http1.get(t, f.url+"/v1/things/404/name-of-none"); r.status != http.StatusNotFound {
			return r.String()
		}
	}
	if f.requests.Load()-before < 2 {
		return cached
	}
	return asked
}
