package mapping

import (
	"compress/gzip"
	"fmt"
	"io"
	"net/http"
	"strings"
)

// bodyLimit is how much of an answer's body is read.
const bodyLimit = 64 << 10

// readBody reads what it may of the body. The error says why there is no more of it; what was read is still good for a
// log. A body may be one that nobody wrote with care: its reads may block, and may panic.
func readBody(response *http.Response) ([]byte, error) {
	if response.Body == nil {
		return nil, nil
	}
	ctx := contextOf(response)
	if ctx.Done() == nil {
		return readLimited(response)
	}
	type result struct {
		body []byte
		err  error
	}
	done := make(chan result, 1)
	go func() {
		body, err := readLimited(response)
		done <- result{body, err}
	}()
	select {
	case r := <-done:
		return r.body, r.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func readLimited(response *http.Response) (body []byte, err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("reading the body panicked: %v", v)
		}
	}()
	var reader io.Reader = response.Body
	switch coding := strings.ToLower(response.Header.Get("Content-Encoding")); coding {
	case "", "identity":
	case "gzip", "x-gzip":
		// net/http decodes what it asked for itself; this is for those who asked themselves.
		reader, err = gzip.NewReader(response.Body)
		if err != nil {
			return nil, err
		}
	default:
		return nil, fmt.Errorf("the body is coded as %q", coding)
	}
	body, err = io.ReadAll(io.LimitReader(reader, bodyLimit+1))
	if len(body) > bodyLimit {
		return body[:bodyLimit], fmt.Errorf("the body is longer than %d bytes", bodyLimit)
	}
	return body, err
}
