package statusconnect_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"

	"github.com/statusbridge/statusbridge/mapping"
)

// expected contains the headers of a success.
var expected = map[string]bool{
	"Content-Type": true, "Content-Length": true, "Date": true, "Trailer": true, "Transfer-Encoding": true,
	"X-Content-Type-Options": true, "Grpc-Metadata-Content-Type": true, "Grpc-Metadata-Date": true,
	"Grpc-Metadata-Accept-Encoding": true,
}

// TestSetHTTPStatus expects the success status that a handler sets, for each kind of method.
func TestSetHTTPStatus(t *testing.T) {
	for _, httpStatus := range []int{200, 202, 204} {
		set := func(ctx context.Context) error { return mapping.SetHTTPStatus(ctx, httpStatus) }
		url := newGateway(t, serve(t, set, intercepted()))
		for kind, call := range routes {
			r := call(t, url)
			if r.status != httpStatus {
				t.Errorf("%s: status %d, want %d: %s", kind, r.status, httpStatus, r.body)
			}
			if httpStatus == http.StatusNoContent && kind != "server stream" && r.body != "" {
				t.Errorf("%s: a 204 has the body %q", kind, r.body)
			}
			for name := range r.header {
				if !expected[name] {
					t.Errorf("%s: the client reads the header %s: %q", kind, name, r.header[name])
				}
			}
		}
	}
}

// TestSetHTTPStatusBeforeError expects the status of the error.
func TestSetHTTPStatusBeforeError(t *testing.T) {
	url := newGateway(t, serve(t, func(ctx context.Context) error {
		if err := mapping.SetHTTPStatus(ctx, http.StatusAccepted); err != nil {
			return err
		}
		return mapping.Errorf(405, "read-only")
	}, intercepted()))
	for kind, call := range routes {
		if r := call(t, url); r.status != http.StatusMethodNotAllowed {
			t.Errorf("%s: status %d, want 405", kind, r.status)
		}
	}
}

// TestLastStatusCounts expects the status of the last call.
func TestLastStatusCounts(t *testing.T) {
	url := newGateway(t, serve(t, func(ctx context.Context) error {
		first := mapping.SetHTTPStatus(ctx, http.StatusNoContent)
		return errors.Join(first, mapping.SetHTTPStatus(ctx, http.StatusAccepted))
	}, intercepted()))
	for kind, call := range routes {
		if r := call(t, url); r.status != http.StatusAccepted {
			t.Errorf("%s: status %d, want 202", kind, r.status)
		}
	}
}

// TestSetHTTPStatusErrors expects an error if a status cannot be set.
func TestSetHTTPStatusErrors(t *testing.T) {
	results := make(chan error, 1)
	set := func(httpStatus int) service {
		return func(ctx context.Context) error {
			results <- mapping.SetHTTPStatus(ctx, httpStatus)
			return nil
		}
	}
	t.Run("no success status", func(t *testing.T) {
		routes["unary"](t, newGateway(t, serve(t, set(404), intercepted())))
		if err := <-results; err == nil {
			t.Error("404 was set")
		}
	})
	t.Run("without the interceptor", func(t *testing.T) {
		routes["unary"](t, newGateway(t, serve(t, set(202))))
		if err := <-results; err == nil {
			t.Error("202 was set")
		}
	})
	t.Run("after the first message", func(t *testing.T) {
		late := func(context.Context) error { return nil } // the test service sets it after its message
		r := routes["server stream"](t, newGateway(t, serve(t, late, intercepted())))
		if want := `"error"`; r.status != http.StatusOK || !strings.Contains(r.body, want) {
			t.Errorf("%d %s, want a stream that ends in an error", r.status, r.body)
		}
	})
}

// TestHeaders expects the metadata of grpc.SetHeader in the response, and errors from grpc.SendHeader and
// grpc.SetTrailer.
func TestHeaders(t *testing.T) {
	results := make(chan [2]error, 1)
	url := newGateway(t, serve(t, func(ctx context.Context) error {
		results <- [2]error{grpc.SendHeader(ctx, nil), grpc.SetTrailer(ctx, metadata.Pairs("k", "v"))}
		return grpc.SetHeader(ctx, metadata.Pairs("x-id", "7", "x-raw-bin", "\x00\xff"))
	}, intercepted()))
	for kind, call := range routes {
		if got := call(t, url).header.Get("Grpc-Metadata-X-Id"); got != "7" {
			t.Errorf("%s: the header is %q", kind, got)
		}
		if refused := <-results; refused[0] == nil || refused[1] == nil {
			t.Errorf("%s: SendHeader and SetTrailer return %v", kind, refused)
		}
	}
}
