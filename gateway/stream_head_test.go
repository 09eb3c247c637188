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
	"github.com/statusbridge/statusbridge/internal/probe"
	"github.com/statusbridge/statusbridge/mapping"
)

// endless is a stream that sends messages and does not end before the test. It closes ended when its call does.
func endless(t *testing.T, messages int, ended chan<- struct{}) probe.StreamBehaviour {
	return func(ctx context.Context, send func() error) error {
		defer close(ended)
		for range messages {
			if err := send(); err != nil {
				return err
			}
		}
		select {
		case <-ctx.Done():
		case <-t.Context().Done():
		}
		return ctx.Err()
	}
}

// TestStreamHead asks for the header of streams that never end. The answer is a GET's without its body, and the call to
// the service ends with it: a client that keeps its connection would otherwise wait on it for ever.
func TestStreamHead(t *testing.T) {
	for protocol := range protocols {
		for _, path := range []string{watch.path, export.path} {
			for _, messages := range []int{1, 2, 3, 1_000_000} {
				t.Run(fmt.Sprint(protocol, " ", path, " ", messages), func(t *testing.T) {
					ctx, cancel := context.WithTimeout(t.Context(), patience)
					defer cancel()
					service := &probe.Service{}
					s := serveOver(t, protocol, probe.Mux(t, probe.Network, service, probe.Bridge(gateway.New())))
					ended := make(chan struct{})
					service.BehaveStream(endless(t, messages, ended))
					head, _ := call{method: "HEAD", path: path}.follow(ctx, t, s)
					wantEnd(t, ended)
					ended = make(chan struct{})
					service.BehaveStream(endless(t, messages, ended))
					ctx, leave := context.WithCancel(ctx)
					get, _ := call{path: path}.follow(ctx, t, s)
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
	timeout, cancel := context.WithTimeout(t.Context(), patience/6)
	defer cancel()
	select {
	case <-ended:
	case <-timeout.Done():
		t.Fatal("the call to the service goes on, though its answer is complete")
	}
}

// TestStreamNoContent ends a stream whose service chose a 204: nothing of it will ever be read.
func TestStreamNoContent(t *testing.T) {
	for protocol := range protocols {
		t.Run(protocol, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), patience)
			defer cancel()
			service := &probe.Service{}
			s := serveOver(t, protocol, probe.Mux(t, probe.Network, service, probe.Bridge(gateway.New())))
			ended := make(chan struct{})
			service.BehaveStream(func(ctx context.Context, send func() error) error {
				if err := mapping.SetHTTPStatus(ctx, 204); err != nil {
					return err
				}
				return endless(t, 1, ended)(ctx, send)
			})
			response, _ := watch.follow(ctx, t, s)
			if response.StatusCode != http.StatusNoContent {
				t.Errorf("answered %d", response.StatusCode)
			}
			wantEnd(t, ended)
		})
	}
}

// TestStreamHeadErrors answers HEAD with the status and the header of GET's error.
func TestStreamHeadErrors(t *testing.T) {
	for protocol := range protocols {
		for _, err := range []error{errNotFound, mapping.Errorf(405, "read-only"), mapping.Errorf(502, "nonsense")} {
			t.Run(fmt.Sprint(protocol, " ", err), func(t *testing.T) {
				service := &probe.Service{}
				service.BehaveStream(sends(0, err))
				s := serveOver(t, protocol, probe.Mux(t, probe.Network, service, probe.Bridge(gateway.New())))
				get := watch.through(t, s.client, s.base)
				head := call{method: "HEAD", path: watch.path}.through(t, s.client, s.base)
				maps.DeleteFunc(get.header, func(name string, _ []string) bool { return name == "Date" })
				delete(head.header, "Date")
				if diff := cmp.Diff(get.header, head.header); head.status != get.status || head.body != "" || diff != "" {
					t.Errorf("HEAD answers %d %q, GET %d\n%s", head.status, head.body, get.status, diff)
				}
			})
		}
	}
}

// TestStreamBoundToHead is a stream of a route that was bound to HEAD itself.
func TestStreamBoundToHead(t *testing.T) {
	for _, err := range []error{errNotFound, status.Error(codes.Unauthenticated, "who?")} {
		mux := runtime.NewServeMux(probe.Bridge(gateway.New()))
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
		base := serveMux(t, mux)
		get, head := call{path: "/stream"}.to(t, base), call{method: "HEAD", path: "/stream"}.to(t, base)
		delete(get.header, "Date")
		delete(head.header, "Date")
		if diff := cmp.Diff(get.header, head.header); head.status != get.status || diff != "" {
			t.Errorf("HEAD answers %d, GET %d\n%s", head.status, get.status, diff)
		}
	}
}
