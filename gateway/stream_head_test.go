package gateway_test

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	"github.com/statusbridge/statusbridge/gateway"
	"github.com/statusbridge/statusbridge/internal/testkit"
	"github.com/statusbridge/statusbridge/mapping"
)

// TestStreamHead asks for the header of streams that never end. The answer is a GET's without its body, and the call to
// the service ends with it: a client that keeps its connection would otherwise wait on it for ever.
func TestStreamHead(t *testing.T) {
	for _, protocol := range testkit.Protocols {
		for _, path := range []string{watch.Path, export.Path} {
			for _, messages := range []int{1, 2, 3, 1_000_000} {
				t.Run(fmt.Sprint(protocol, " ", path, " ", messages), func(t *testing.T) {
					ctx, cancel := context.WithTimeout(t.Context(), testkit.Patience)
					defer cancel()
					service := &testkit.Service{}
					s := testkit.ServeOver(t, protocol, testkit.Register(t, testkit.Network, service, gateway.New().NewServeMux()))
					ended := make(chan struct{})
					service.BehaveStream(testkit.Endless(t.Context(), messages, ended))
					head, _ := call{Method: "HEAD", Path: path}.Follow(ctx, t, s)
					wantEnd(t, ended)
					ended = make(chan struct{})
					service.BehaveStream(testkit.Endless(t.Context(), messages, ended))
					ctx, leave := context.WithCancel(ctx)
					get, _ := call{Path: path}.Follow(ctx, t, s)
					leave()
					wantEnd(t, ended)
					delete(head.Header, "Date")
					delete(get.Header, "Date")
					if diff := cmp.Diff(get.Header, head.Header); head.StatusCode != get.StatusCode || diff != "" {
						t.Errorf("HEAD answers %d, GET %d\n%s", head.StatusCode, get.StatusCode, diff)
					}
				})
			}
		}
	}
}

func wantEnd(t *testing.T, ended <-chan struct{}) {
	t.Helper()
	timeout, cancel := context.WithTimeout(t.Context(), testkit.Patience/6)
	defer cancel()
	select {
	case <-ended:
	case <-timeout.Done():
		t.Fatal("the call to the service goes on, though its answer is complete")
	}
}

// TestStreamNoContent ends a stream whose service chose a 204: nothing of it will ever be read.
func TestStreamNoContent(t *testing.T) {
	for _, protocol := range testkit.Protocols {
		t.Run(protocol, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), testkit.Patience)
			defer cancel()
			service := &testkit.Service{}
			s := testkit.ServeOver(t, protocol, testkit.Register(t, testkit.Network, service, gateway.New().NewServeMux()))
			ended := make(chan struct{})
			service.BehaveStream(func(ctx context.Context, send func() error) error {
				if err := mapping.SetHTTPStatus(ctx, 204); err != nil {
					return err
				}
				return testkit.Endless(t.Context(), 1, ended)(ctx, send)
			})
			response, _ := watch.Follow(ctx, t, s)
			if response.StatusCode != http.StatusNoContent {
				t.Errorf("answered %d", response.StatusCode)
			}
			wantEnd(t, ended)
		})
	}
}

// TestStreamHeadErrors answers HEAD with the status and the header of GET's error.
func TestStreamHeadErrors(t *testing.T) {
	for _, protocol := range testkit.Protocols {
		for _, err := range []error{testkit.ErrNotFound, mapping.Errorf(405, "read-only"), mapping.Errorf(502, "nonsense")} {
			t.Run(fmt.Sprint(protocol, " ", err), func(t *testing.T) {
				service := &testkit.Service{}
				service.BehaveStream(testkit.Sends(0, err))
				s := testkit.ServeOver(t, protocol, testkit.Register(t, testkit.Network, service, gateway.New().NewServeMux()))
				get := watch.At(t, s)
				head := call{Method: "HEAD", Path: watch.Path}.At(t, s)
				maps.DeleteFunc(get.Header, func(name string, _ []string) bool { return name == "Date" })
				delete(head.Header, "Date")
				if diff := cmp.Diff(get.Header, head.Header); head.Status != get.Status || head.Body != "" || diff != "" {
					t.Errorf("HEAD answers %d %q, GET %d\n%s", head.Status, head.Body, get.Status, diff)
				}
			})
		}
	}
}

// TestStreamBoundToHead is a stream of a route that was bound to HEAD itself.
func TestStreamBoundToHead(t *testing.T) {
	for _, err := range []error{testkit.ErrNotFound, status.Error(codes.Unauthenticated, "who?")} {
		mux := gateway.New().NewServeMux()
		forward := func(w http.ResponseWriter, r *http.Request, _ map[string]string) {
			ctx := runtime.NewServerMetadataContext(r.Context(), runtime.ServerMetadata{})
			_, marshaler := runtime.MarshalerForRequest(mux, r)
			runtime.ForwardResponseStream(ctx, mux, marshaler, w, r, func() (proto.Message, error) { return nil, err },
				mux.GetForwardResponseOptions()...)
		}
		for _, method := range []string{http.MethodGet, http.MethodHead} {
			if err := mux.HandlePath(method, "/stream", forward); err != nil {
				t.Fatal(err)
			}
		}
		base := testkit.Serve(t, mux)
		get, head := call{Path: "/stream"}.To(t, base), call{Method: "HEAD", Path: "/stream"}.To(t, base)
		delete(get.Header, "Date")
		delete(head.Header, "Date")
		if diff := cmp.Diff(get.Header, head.Header); head.Status != get.Status || diff != "" {
			t.Errorf("HEAD answers %d, GET %d\n%s", head.Status, get.Status, diff)
		}
	}
}
