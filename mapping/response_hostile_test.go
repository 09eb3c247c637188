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

// body is a response body with a Read of the test.
type body func(p []byte) (int, error)

func (b body) Read(p []byte) (int, error) { return b(p) }
func (b body) Close() error               { return nil }

// TestFromResponse_hostile_bodies reads bodies of broken transports. The context ends, or never ends.
func TestFromResponse_hostile_bodies(t *testing.T) {
	text := strings.NewReader(`{"code":502,"message":"m"}`)
	for name, hostile := range map[string]body{
		"fails":                     func([]byte) (int, error) { return 0, errors.New("secret") },
		"reads nothing without end": func([]byte) (int, error) { return 0, nil },
		"reads a byte at a time":    func(p []byte) (int, error) { p[0] = 'a'; return 1, nil },
		"fails with what it read": func(p []byte) (int,
			error) {
			return copy(p, `{"code":502,"message":"secret"}`), errors.New("secret")
		},
		"ends too early": func([]byte) (int, error) { return 0, io.ErrUnexpectedEOF },
	} {
		t.Run(name, func(t *testing.T) {
			for _, ctx := range []context.Context{context.Background(), t.Context()} {
				e := within(t, &answeredIn(t, ctx, hostile).Response)
				if e.Message != sentence(502) || e.Details != "" {
					t.Errorf("%q %q, want the sentence alone", e.Message, e.Details)
				}
				if e.Unwrap() == nil {
					t.Error("there is no cause")
				}
			}
		})
	}
	e := within(t, &answeredIn(t, t.Context(), text.Read).Response)
	if e.Message != "m" {
		t.Errorf("a valid body reads as %q", e.Message)
	}
}

// TestFromResponse_empty_reads accepts reads of 0 bytes, which io.Reader allows, and gives up after a hundred in a row.
func TestFromResponse_empty_reads(t *testing.T) {
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

// answeredIn returns a response with a request that has the context.
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

// TestFromResponse_ended_context does not read the body.
func TestFromResponse_ended_context(t *testing.T) {
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
