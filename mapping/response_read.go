package mapping

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/statusbridge/statusbridge/internal/contract"
)

// readBody reads a body up to the limit. The error says why the rest is missing. The part that was read is for a log.
func readBody(response *http.Response) ([]byte, error) {
	if response.Body == nil {
		return nil, nil
	}
	if response.Request != nil {
		if err := response.Request.Context().Err(); err != nil {
			return nil, err
		}
	}
	return readFrom(response.Body, response.Header)
}

// decodeBody decodes a body that a client has read. Most clients have decoded it, although the header names a coding.
func decodeBody(header http.Header, body []byte) ([]byte, error) {
	const gzipMagic = "\x1f\x8b"
	if bytes.HasPrefix(body, []byte(gzipMagic)) {
		return readFrom(bytes.NewReader(body), header)
	}
	return bounded(body, nil)
}

func readFrom(source io.Reader, header http.Header) ([]byte, error) {
	switch coding := strings.ToLower(header.Get("Content-Encoding")); coding {
	case "", "identity":
	case "gzip", "x-gzip":
		// net/http decodes gzip that it asked for. Here the client asked for it. The limit of the encoded body ends
		// an endless encoding of nothing.
		decoder, err := gzip.NewReader(io.LimitReader(source, contract.BodyLimit))
		if err != nil {
			return nil, err
		}
		source = decoder
	default:
		return nil, fmt.Errorf("the body is coded as %q", coding)
	}
	return bounded(io.ReadAll(io.LimitReader(&progress{source: source}, contract.BodyLimit+1)))
}

// bounded returns a body up to the limit, and an error if it is longer.
func bounded(body []byte, err error) ([]byte, error) {
	if len(body) > contract.BodyLimit {
		return body[:contract.BodyLimit], fmt.Errorf("the body is longer than %d bytes", contract.BodyLimit)
	}
	return body, err
}

// progress fails after a hundred empty reads, which io.ReadAll would repeat for ever.
type progress struct {
	source io.Reader
	empty  int
}

func (p *progress) Read(b []byte) (int, error) {
	n, err := p.source.Read(b)
	if n > 0 || err != nil {
		p.empty = 0
		return n, err
	}
	if p.empty++; p.empty == 100 {
		return 0, io.ErrNoProgress
	}
	return 0, nil
}
