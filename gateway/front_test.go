package gateway_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"github.com/statusbridge/statusbridge/gateway"
	"github.com/statusbridge/statusbridge/internal/testkit"
	"github.com/statusbridge/statusbridge/mapping"
)

// TestCompressedErrors reads errors through such middleware, from every way that an error takes.
func TestCompressedErrors(t *testing.T) {
	service := &testkit.Service{}
	service.Behave(testkit.Fails(testkit.ErrNotFound))
	written := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { gateway.New().WriteError(w, r, testkit.ErrNotFound) })
	for name, handler := range map[string]http.Handler{
		"bridge":  testkit.Register(t, testkit.Network, service, gateway.New().NewServeMux()),
		"alone":   testkit.Register(t, testkit.Network, service, runtime.NewServeMux(runtime.WithErrorHandler(gateway.ErrorHandler), runtime.WithRoutingErrorHandler(gateway.RoutingErrorHandler))),
		"written": written,
	} {
		base := testkit.Serve(t, testkit.Compress(handler))
		for path, message := range map[string]string{"/v1/things/1": "no such thing", "/nowhere": testkit.Meanings[404]} {
			if name == "written" {
				message = "no such thing"
			}
			r := call{Path: path}.To(t, base) // net/http decodes what it asked for
			if want := fmt.Sprintf(`{"code":404,"message":%q}`, message); r.Status != 404 || r.Body != want {
				t.Errorf("%s %s: %d %q, want %s", name, path, r.Status, r.Body, want)
			}
		}
	}
}

// TestWrappedOverTheNetwork wraps an Error once more, without ServerOptions: grpc-go then sends the text of the whole
// chain as the message. What Errorf keeps out of its message stays out.
func TestWrappedOverTheNetwork(t *testing.T) {
	for _, transport := range testkit.Transports {
		service := &testkit.Service{}
		service.Behave(testkit.Fails(fmt.Errorf("ctx: %w", mapping.Errorf(404, "no such thing: %w", errors.New(testkit.Secret)))))
		call{}.To(t, bridged(t, transport, service, gateway.New())).WantError(t, 404, "no such thing", "")
	}
}

// odd marshals JSON under a name of its own.
type odd struct{ runtime.JSONPb }

func (*odd) ContentType(any) string { return "application/x-odd" }

// TestStreamErrorType fails a stream at once under a marshaler with another type: the error's is the documented one, for
// HEAD too.
func TestStreamErrorType(t *testing.T) {
	service := &testkit.Service{}
	service.BehaveStream(func(context.Context, func() error) error { return status.Error(codes.Aborted, "changed") })
	base := bridged(t, testkit.Network, service, gateway.New(), runtime.WithMarshalerOption(runtime.MIMEWildcard, &odd{}))
	for _, method := range []string{http.MethodGet, http.MethodHead} {
		r := call{Method: method, Path: watch.Path}.To(t, base)
		if got := r.Header.Get("Content-Type"); r.Status != 409 || got != "application/json" {
			t.Errorf("%s: %d as %q", method, r.Status, got)
		}
	}
}

// TestPanicInsideACompressor panics behind a user's middleware that compresses, and that the panic passes by: the 500 is
// not said to be compressed, unless middleware in front compresses it.
func TestPanicInsideACompressor(t *testing.T) {
	inside := func(next runtime.HandlerFunc) runtime.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request, pathParams map[string]string) {
			out := testkit.NewEagerGzipWriter(w)
			next(out, r, pathParams)
			out.Close()
		}
	}
	mux := gateway.New().NewServeMux(runtime.WithMiddlewares(inside))
	err := mux.HandlePath(http.MethodGet, "/panic", func(http.ResponseWriter, *http.Request, map[string]string) { panic("nil map") })
	if err != nil {
		t.Fatal(err)
	}
	for name, handler := range map[string]http.Handler{"inside": mux, "in front as well": testkit.Compress(mux)} {
		t.Run(name, func(t *testing.T) {
			r := call{Path: "/panic"}.To(t, testkit.Serve(t, handler)) // net/http decodes what it asked for
			if want := fmt.Sprintf(`{"code":500,"message":%q}`, testkit.Meanings[500]); r.Status != 500 || r.Body != want {
				t.Errorf("answered %d %q, want %q", r.Status, r.Body, want)
			}
		})
	}
}

// TestStreamTypeSetLate has an option set the type of a stream after its first message, when it counts no more: the
// stream is one of messages, and ends in its chunk.
func TestStreamTypeSetLate(t *testing.T) {
	service := &testkit.Service{}
	service.BehaveStream(testkit.Sends(2, status.Error(codes.Aborted, "changed")))
	ndjson := runtime.WithForwardResponseOption(func(_ context.Context, w http.ResponseWriter, _ proto.Message) error {
		w.Header().Set("Content-Type", "application/x-ndjson")
		return nil
	})
	r := watch.To(t, bridged(t, testkit.Network, service, gateway.New(), ndjson))
	if !strings.HasSuffix(r.Body, `{"error":{"code":409,"message":"changed"}}`+"\n") {
		t.Errorf("the stream ends in %q", r.Body)
	}
}

// TestStreamForwardedWithoutOptions fails in a handler that calls no forward response option: no bridge is told that it
// streams, and it ends in the documented chunk nevertheless.
func TestStreamForwardedWithoutOptions(t *testing.T) {
	mux := gateway.New().NewServeMux()
	err := mux.HandlePath(http.MethodGet, "/stream", func(w http.ResponseWriter, r *http.Request, _ map[string]string) {
		ctx := runtime.NewServerMetadataContext(r.Context(), runtime.ServerMetadata{})
		_, marshaler := runtime.MarshalerForRequest(mux, r)
		sent := false
		runtime.ForwardResponseStream(ctx, mux, marshaler, w, r, func() (proto.Message, error) {
			if sent {
				return nil, status.Error(codes.Aborted, "changed")
			}
			sent = true
			return wrapperspb.String("first"), nil
		})
	})
	if err != nil {
		t.Fatal(err)
	}
	r := call{Path: "/stream"}.To(t, testkit.Serve(t, mux))
	want := `{"result":"first"}` + "\n" + `{"error":{"code":409,"message":"changed"}}` + "\n"
	if diff := cmp.Diff(want, r.Body); diff != "" {
		t.Error(diff)
	}
}

// TestStreamBehindAPreface has an option in front of the bridge's, or the handler, write the head of a file before the
// stream fails: JSON is not put behind it, the connection ends.
func TestStreamBehindAPreface(t *testing.T) {
	preface := func(w http.ResponseWriter) {
		w.Header().Set("Content-Type", "text/csv")
		_, _ = io.WriteString(w, "id,name\n")
	}
	service := &testkit.Service{}
	service.BehaveStream(testkit.Sends(1, status.Error(codes.Aborted, "changed")))
	option := runtime.WithForwardResponseOption(func(_ context.Context, w http.ResponseWriter, m proto.Message) error {
		if m == nil {
			preface(w)
		}
		return nil
	})
	byHand := gateway.New().NewServeMux()
	err := byHand.HandlePath(http.MethodGet, "/v1/things/{id}/watch", func(w http.ResponseWriter, r *http.Request, _ map[string]string) {
		preface(w)
		ctx := runtime.NewServerMetadataContext(r.Context(), runtime.ServerMetadata{})
		_, marshaler := runtime.MarshalerForRequest(byHand, r)
		runtime.ForwardResponseStream(ctx, byHand, marshaler, w, r, func() (proto.Message, error) {
			return nil, status.Error(codes.Aborted, "changed")
		}, byHand.GetForwardResponseOptions()...)
	})
	if err != nil {
		t.Fatal(err)
	}
	for name, base := range map[string]string{
		"option":  bridged(t, testkit.Network, service, gateway.New(), option),
		"handler": testkit.Serve(t, byHand),
	} {
		if r, err := watch.Send(http.DefaultClient, base); err == nil {
			t.Errorf("%s: answered %d %q", name, r.Status, r.Body)
		}
	}
}

// TestWriteErrorTooLate writes an error behind part of a body: the connection ends, so that nobody takes it for a
// success.
func TestWriteErrorTooLate(t *testing.T) {
	mux := gateway.New().NewServeMux()
	err := mux.HandlePath(http.MethodGet, "/part", func(w http.ResponseWriter, r *http.Request, _ map[string]string) {
		_, _ = io.WriteString(w, "part")
		gateway.New().WriteError(w, r, status.Error(codes.Aborted, "failed"))
	})
	if err != nil {
		t.Fatal(err)
	}
	if r, err := (call{Path: "/part"}).Send(http.DefaultClient, testkit.Serve(t, mux)); err == nil {
		t.Errorf("answered %d %q", r.Status, r.Body)
	}
}

// TestObserverPanics answers nevertheless.
func TestObserverPanics(t *testing.T) {
	observer := gateway.WithObserver(func(context.Context, gateway.Observation) { panic("no space left") })
	base := bridged(t, testkit.Network, &testkit.Service{}, gateway.New(observer))
	call{Path: "/nowhere"}.To(t, base).WantError(t, 404, "", "")
}
