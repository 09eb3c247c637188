package statusconnect

import (
	"errors"
	"net/http"
	"strings"
	"sync/atomic"

	"connectrpc.com/connect"
	"google.golang.org/grpc/metadata"
)

// headers is the grpc.ServerTransportStream of a connect-go call. grpc.SetHeader, and therefore mapping.SetHTTPStatus,
// writes to the response headers of the call.
type headers struct {
	method string
	header func() http.Header
	sent   atomic.Bool
}

var (
	errSent        = errors.New("statusconnect: the response headers have been sent")
	errUnsupported = errors.New("statusconnect: only grpc.SetHeader is supported; use connect-go's own API")
)

// Method returns the procedure, as in "/package.Service/Method".
func (h *headers) Method() string { return h.method }

// SetHeader adds md to the response headers. It returns an error after the first message of a stream.
func (h *headers) SetHeader(md metadata.MD) error {
	if h.sent.Load() {
		return errSent
	}
	for key, values := range md {
		for _, value := range values {
			if strings.HasSuffix(key, "-bin") {
				value = connect.EncodeBinaryHeader([]byte(value))
			}
			h.header().Add(key, value)
		}
	}
	return nil
}

// SendHeader returns an error: connect-go sends headers with the first message.
func (h *headers) SendHeader(metadata.MD) error { return errUnsupported }

// SetTrailer returns an error: connect-go has its own API for trailers.
func (h *headers) SetTrailer(metadata.MD) error { return errUnsupported }
