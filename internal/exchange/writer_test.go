package exchange_test

import (
	"errors"
	"io"
	"net/http"
	"testing"

	"github.com/statusbridge/statusbridge/internal/exchange"
)

// halfReader returns bytes together with its error once, and then an end.
type halfReader struct{ read bool }

func (r *halfReader) Read(p []byte) (int, error) {
	if r.read {
		return 0, io.EOF
	}
	r.read = true
	return copy(p, "half"), errHalf
}

var errHalf = errors.New("the source fails")

// TestReadFromKeepsError copies a reader whose first read returns bytes and an error. The handler gets the error.
func TestReadFromKeepsError(t *testing.T) {
	t.Parallel()
	server := serve(t, func(w http.ResponseWriter, r *http.Request) {
		exchange.Serve(w, r, policy{}, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			if n, err := io.Copy(w, &halfReader{}); n != 4 || !errors.Is(err, errHalf) {
				t.Errorf("copied %d bytes with the error %v", n, err)
			}
		}))
	})
	if got := ask(t, server, ""); got != "200 half" {
		t.Errorf("got %q", got)
	}
}
