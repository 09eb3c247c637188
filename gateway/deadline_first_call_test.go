package gateway_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/statusbridge/statusbridge/gateway"
	"github.com/statusbridge/statusbridge/internal/testkit"
)

// TestDeadlineFirstCalls sends the first calls of a mux at once, with a deadline of its own or handed down, unary,
// client streams and HEAD; none is missing, and streams are spared.
func TestDeadlineFirstCalls(t *testing.T) {
	for name, bridged := range map[string]bool{"own": true, "handed down": false} {
		t.Run(name, func(t *testing.T) {
			service := &testkit.Service{}
			service.Behave(func(ctx context.Context) error {
				if _, ok := ctx.Deadline(); !ok {
					t.Error("no deadline")
				}
				<-ctx.Done()
				return ctx.Err()
			})
			service.BehaveStream(func(ctx context.Context, send func() error) error {
				if _, ok := ctx.Deadline(); ok {
					t.Error("a deadline")
				}
				return send()
			})
			limit := gateway.WithDeadline(150 * time.Millisecond)
			var handler http.Handler
			if bridged {
				handler = testkit.Register(t, testkit.Network, service, gateway.New(limit).NewServeMux())
			} else {
				handler = gateway.New(limit).Handler(testkit.Register(t, testkit.Network, service, gateway.New().NewServeMux()))
			}
			base := testkit.Serve(t, handler)
			var all sync.WaitGroup
			for _, c := range []call{{}, {}, {Method: "HEAD"}, {Method: "PUT", Body: "{}"}, {Method: "POST", Path: "/v1/things", Body: "{}"}, watch, {Method: "DELETE"}} {
				all.Go(func() {
					r, err := c.Send(http.DefaultClient, base)
					want := 504
					if c.Path == watch.Path {
						want = 200
					}
					if err != nil || r.Status != want {
						t.Errorf("%v: %d %q %v", c, r.Status, r.Body, err)
					}
				})
			}
			all.Wait()
		})
	}
}

// TestContextEnded ends the context of requests by something else than their client, who waits for the answer.
func TestContextEnded(t *testing.T) {
	service := &testkit.Service{}
	started := make(chan struct{}, 1)
	service.Behave(func(ctx context.Context) error { started <- struct{}{}; <-ctx.Done(); return ctx.Err() })
	errStopping := errors.New("the server is told to stop")
	for name, serve := range map[string]func(*testing.T, http.Handler) (string, func()){
		"the server stops": func(t *testing.T, h http.Handler) (string, func()) {
			ctx, cancel := context.WithCancelCause(context.Background())
			server := httptest.NewUnstartedServer(h)
			server.Config.BaseContext = func(net.Listener) context.Context { return ctx }
			server.Start()
			t.Cleanup(server.Close)
			return server.URL, func() { cancel(errStopping) }
		},
		"middleware": func(t *testing.T, h http.Handler) (string, func()) {
			stop := make(chan struct{})
			return testkit.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				ctx, cancel := context.WithCancelCause(r.Context())
				go func() { <-stop; cancel(errStopping) }()
				h.ServeHTTP(w, r.WithContext(ctx))
			})), func() { close(stop) }
		},
	} {
		for _, deadline := range []bool{false, true} {
			t.Run(name, func(t *testing.T) {
				var n notebook
				options := []gateway.Option{gateway.WithObserver(n.observe)}
				if deadline {
					options = append(options, gateway.WithDeadline(time.Minute))
				}
				base, stop := serve(t, testkit.Register(t, testkit.Network, service, gateway.New(options...).NewServeMux()))
				go func() { <-started; stop() }()
				call{}.To(t, base).WantError(t, 503, "", "")
				if o := n.one(t); o.ClientGone {
					t.Errorf("the client has left: %v", o)
				}
			})
		}
	}
}

// TestDeadlineCause reads causes and values through the context of a call with a deadline.
func TestDeadlineCause(t *testing.T) {
	type key struct{}
	errStop := errors.New("stop")
	mux := gateway.New(gateway.WithDeadline(time.Minute)).NewServeMux()
	err := mux.HandlePath(http.MethodGet, "/own", func(w http.ResponseWriter, r *http.Request, _ map[string]string) {
		if r.Context().Value(key{}) != "v" || context.Cause(r.Context()) != nil {
			t.Error("lost")
		}
		<-r.Context().Done()
		if !errors.Is(context.Cause(r.Context()), errStop) {
			t.Errorf("%v", context.Cause(r.Context()))
		}
		_, _ = io.WriteString(w, "done")
	})
	if err != nil {
		t.Fatal(err)
	}
	call{Path: "/own"}.To(t, testkit.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeoutCause(context.WithValue(r.Context(), key{}, "v"), 50*time.Millisecond, errStop)
		defer cancel()
		mux.ServeHTTP(w, r.WithContext(ctx))
	})))
}
