package mapping_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/statusbridge/statusbridge/mapping"
)

// body is a body whose reads do what the test says.
type body func(p []byte) (int, error)

func (b body) Read(p []byte) (int, error) { return b(p) }
func (b body) Close() error               { return nil }

// Bodies of transports that nobody wrote with care, with a context that ends and with one that never does.
func TestFromResponseOfHostileBodies(t *testing.T) {
	text := strings.NewReader(`{"code":502,"message":"m"}`)
	for name, hostile := range map[string]body{
		"fails":                     func([]byte) (int, error) { return 0, errors.New("secret") },
		"reads nothing without end": func([]byte) (int, error) { return 0, nil },
		"reads a byte at a time":    func(p []byte) (int, error) { p[0] = 'a'; return 1, nil },
		"fails with what it read": func(p []byte) (int,
			error) {
			return copy(p, `{"code":502,"message":"secret"}`), errors.New("secret")
		},
		"has nothing to say about ends": func([]byte) (int, error) { return 0, io.ErrUnexpectedEOF },
	} {
		t.Run(name, func(t *testing.T) {
			for _, ctx := range []context.Context{context.Background(), t.Context()} {
				e := within(t, &answeredIn(t, ctx, hostile).Response)
				if e.Message != sentence(502) || e.Details != "" {
					t.Errorf("%q %q, want the sentence alone", e.Message, e.Details)
				}
				if e.Unwrap() == nil {
					t.Error("the log says nothing")
				}
			}
		})
	}
	e := within(t, &answeredIn(t, t.Context(), text.Read).Response)
	if e.Message != "m" {
		t.Errorf("a body that is in order reads as %q", e.Message)
	}
}

// Reads that return nothing are allowed (io.Reader), a hundred in a row are not waited for.
func TestFromResponseOfEmptyReads(t *testing.T) {
	for empty, want := range map[int]string{99: "m", 100: sentence(502)} {
		text := strings.NewReader(`{"code":502,"message":"m"}`)
		left := empty
		e := within(t, &answeredIn(t, t.Context(), func(p []byte) (int, error) {
			if left > 0 {
				left--
				return 0, nil
			}
			return text.Read(p)
		}).Response)
		if e.Message != want {
			t.Errorf("after %d empty reads it reads as %q, want %q", empty, e.Message, want)
		}
	}
}

// A coded body may decode to nothing without end: here, to stored blocks of no bytes (RFC 1951 section 3.2.4).
func TestFromResponseOfEndlessGzip(t *testing.T) {
	taken := 0
	answer := answeredIn(t, context.Background(), func(p []byte) (int, error) {
		const start, block = "\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff", "\x00\x00\x00\xff\xff"
		for i := range p {
			if at := taken + i; at < len(start) {
				p[i] = start[at]
			} else {
				p[i] = block[(at-len(start))%len(block)]
			}
		}
		taken += len(p)
		return len(p), nil
	})
	answer.Header.Set("Content-Encoding", "gzip")
	if e := within(t, &answer.Response); e.Message != sentence(502) || e.Unwrap() == nil || taken > 64<<10 {
		t.Errorf("%v after %d bytes", e, taken)
	}
}

func answeredIn(t *testing.T, ctx context.Context, b body) *canned {
	t.Helper()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://localhost/", nil)
	if err != nil {
		t.Fatal(err)
	}
	response := answered(502, "", "Content-Type", jsonType)
	response.Body, response.Request = b, request
	return response
}

// Nothing is read in vain once the context is over, and no read is waited for.
func TestFromResponseOfAnEndedContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for range 100 {
		text := strings.NewReader(`{"code":502,"message":"m"}`)
		e := within(t, &answeredIn(t, ctx, text.Read).Response)
		if e.Message != sentence(502) || !errors.Is(e, context.Canceled) {
			t.Fatalf("read as %v", e)
		}
	}
	// A body cannot be mistaken for a success by what its reads return.
	if err := mapping.FromResponse(&answeredIn(t, t.Context(),
		func([]byte) (int, error) { return 0, nil }).Response); err == nil {
		t.Error("an error is a success")
	}
}
