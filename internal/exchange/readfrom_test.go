package exchange_test

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/iotest"

	"github.com/statusbridge/statusbridge/internal/exchange"
)

// TestReadFromCounts copies readers of many lengths, through every writer that a handler may have.
func TestReadFromCounts(t *testing.T) {
	t.Parallel()
	for place, inside := range places {
		for _, protocol := range protocols {
			for _, length := range []int{0, 1, 511, 512, 513, 10_000} {
				s := serveOver(t, protocol, inside(func(w http.ResponseWriter, _ *http.Request) {
					if n, err := io.Copy(w, reader(letters(length))); n != int64(length) || err != nil {
						t.Errorf("%s: copied %d of %d bytes, %v", place, n, length, err)
					}
				}))
				if got := s.ask(t, http.MethodGet, "/"); len(got.Body) != length || got.Broken {
					t.Errorf("%s over %s: got %d of %d bytes", place, protocol, len(got.Body), length)
				}
			}
		}
	}
}

// TestReadFromKeepsError copies a reader whose first read returns bytes and an error. The handler gets the error.
func TestReadFromKeepsError(t *testing.T) {
	t.Parallel()
	s := serveOver(t, http11, inHandler(policy{})(func(w http.ResponseWriter, _ *http.Request) {
		if n, err := io.Copy(w, iotest.DataErrReader(endingEarly(4)())); n != 4 || !errors.Is(err, errSource) {
			t.Errorf("copied %d bytes with the error %v", n, err)
		}
	}))
	if got := s.ask(t, http.MethodGet, "/"); got.String() != "200 aaaa" {
		t.Errorf("got %v", got)
	}
}

// copier is a server's writer that counts the bytes that its ReadFrom copies.
type copier struct {
	http.ResponseWriter
	copied int64
}

func (c *copier) ReadFrom(from io.Reader) (int64, error) {
	n, err := io.Copy(c.ResponseWriter, from)
	c.copied += n
	return n, err
}

// TestReadFromServer has the server copy a success, except for its beginning. An error is buffered, and not copied.
func TestReadFromServer(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		status int
		begins string // written before
		want   int64
	}{
		{202, "", 10_000 - 512},
		{202, "a", 10_000},
		{404, "", 0},
		{404, "a", 0},
	} {
		recorder := httptest.NewRecorder()
		server := &copier{ResponseWriter: recorder}
		request := httptest.NewRequest(http.MethodGet, "/", http.NoBody)
		exchange.Serve(server, request, policy{}, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			sends(c.status, nil, c.begins)(w, nil)
			if n, err := io.Copy(w, reader(letters(10_000))); n != 10_000 || err != nil {
				t.Errorf("%d bytes were copied, %v", n, err)
			}
		}))
		if server.copied != c.want || recorder.Code != c.status {
			t.Errorf("%d after %q: the server has copied %d bytes, and sent %d", c.status, c.begins, server.copied,
				recorder.Code)
		}
	}
}
